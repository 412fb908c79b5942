"""Leaves work in every role's queue: what happened in the hours before now, through the same actions."""

from datetime import datetime, timedelta

from dashboard.actions.snapshots import snapshot_metrics
from ems_supply.simulation.crews import usable
from ems_supply.simulation.demo.founding import LOGINS
from ems_supply.simulation.demo.history import SHORT_OF, History
from ems_supply.simulation.demo.road import leave_run_out, leave_run_planned
from ems_supply.simulation.demo.work import Work
from inventory.actions.count_lines import Counted
from inventory.actions.counts import finish_count, open_count, record_count
from inventory.actions.lots import set_lot_status
from inventory.actions.stock import Used, use_stock
from inventory.models import CycleCount, Lot, ParLevel, StockLevel
from orders.actions.approval import approve_order
from orders.actions.drafts import submit_order
from orders.actions.picking import confirm_picks, start_picking
from orders.actions.sweep import sweep_par_levels
from orders.actions.transfers import propose_transfers
from orders.models import ResupplyOrder, Shipment
from stations.models import Location, User

OFFICERS_STATION = "ST07"
RUN_DOWN = {OFFICERS_STATION: 14, "ST02": 8, "ST10": 6}
OUT_OF = "MED-NAL-4N"
# After the crash three stations ask for more of these than the warehouse has; the first of them used its last.
FOUGHT_FOR, ASKING = "TRA-TQ-CAT", ("ST04", "ST06", "ST13")
URGENT, STAT = ResupplyOrder.Priority.URGENT, ResupplyOrder.Priority.STAT


def leave_work(history: History, now: datetime) -> None:
    """Everything that waits when the demo opens. All of it happened in the five hours before ``now``."""
    work = Work(history.division, history.desk, now)
    _run_down(work)
    history.desk.run(sweep_par_levels, at=work.ago(290))
    _leave_requests(work)
    _leave_picking(work)
    _leave_short(work)
    leave_run_out(work, OFFICERS_STATION)
    leave_run_planned(work)
    _leave_counts(work)
    _hold_a_lot(work)
    history.desk.run(sweep_par_levels, at=work.ago(5))
    history.desk.run(propose_transfers, at=work.ago(5))
    history.desk.run(snapshot_metrics, at=work.ago(1))
    _make_logins_new(now)


def _make_logins_new(now: datetime) -> None:
    """Who opens the demo is new here: what was done under the five names before now is history, and no first step."""
    User.objects.filter(username__in=LOGINS).update(date_joined=now)


def _run_down(work: Work) -> None:
    """A hard night: some items fall under their minimum, and the officer's station is out of naloxone."""
    for code, many in RUN_DOWN.items():
        station = work.station(code)
        room = work.division.rooms[station.pk]
        pars = ParLevel.objects.filter(location=room, minimum__gte=3).order_by(
            "-item__criticality", "-par", "item__sku"
        )
        used: list[Used] = []
        held = usable(room, dict.fromkeys(pars.values_list("item_id", flat=True), 0), at=work.ago(300))
        for par in pars:
            excess = held.get(par.item_id, 0) - par.minimum // 2
            if excess > 0 and len(used) < many:
                used.append(Used(par.item_id, excess))
        by = work.division.officers[station.pk]
        if code == OFFICERS_STATION:
            used += _all_of(work, room, OUT_OF)
        work.desk.do(use_stock, location=room, lines=used, reference="Bus crash, Route 15", by=by, at=work.ago(300))


def _all_of(work: Work, room: Location, sku: str) -> list[Used]:
    item = work.division.items[sku].pk
    there = usable(room, {item: 0}, at=work.ago(300)).get(item, 0)
    return [Used(item, there)] if there else []


def _leave_requests(work: Work) -> None:
    """To approve: two suggested requests as their officers sent them, a stat one, one that the chief decides on."""
    for code, priority, minutes in (("ST02", None, 230), ("ST10", URGENT, 190)):
        draft = ResupplyOrder.objects.automatic_drafts().get(station=work.station(code))
        by = work.division.officers[draft.station_id]
        work.desk.do(submit_order, order=draft, version=draft.version, priority=priority, by=by, at=work.ago(minutes))
    naloxone = {"MED-NAL-4N": 4, "MED-NAL-2": 10}
    why = "Three overdoses since midnight, the last doses are on M18"
    work.ask("ST18", naloxone, minutes=40, priority=STAT, needed_by=work.now + timedelta(hours=5), comment=why)
    work.ask("ST14", {"MED-FENT-100": 10, "IV-CATH-18": 50, "IV-FLUSH": 60}, minutes=120)
    drugs = work.ask("ST05", {"MED-FENT-100": 10, "MED-KETA-500": 10, "MED-OND-4I": 25}, minutes=200)
    by = work.division.logistics[0]
    work.desk.do(approve_order, order=drugs, version=drugs.version, by=by, at=work.ago(170))


def _leave_picking(work: Work) -> None:
    """To pick: two shipments, one of them for an order that the warehouse cannot fill. To pack: one."""
    [scarce] = SHORT_OF
    item = work.division.items[scarce]
    room = work.division.rooms[work.division.warehouse.pk]
    there = usable(room, {item.pk: 0}, at=work.ago(160)).get(item.pk, 0)
    work.order("ST08", {scarce: there // 14 * 14 + 28, "IV-NS-1000": 14, "IV-START": 25, "IV-SET-10": 20}, minutes=160)
    work.order("ST03", {"OXY-NRB-A": 20, "OXY-NC-A": 20, "AIR-BVM-A": 6, "SUC-YANK": 20}, minutes=155, priority=URGENT)
    work.order("ST09", {"PPE-GLV-M": 200, "PPE-GLV-L": 200, "PPE-MSK-P": 100, "CLN-WIPE": 12}, minutes=150)
    work.order("ST11", {"DRS-GZ-44": 100, "BND-ROLL-4": 24, "TPE-SLK-1": 12, "TRA-ISR-4": 10}, minutes=145)
    shipment = Shipment.objects.get(destination=work.station("ST11"), state=Shipment.State.PLANNED)
    picker = work.division.logistics[0]
    picking = work.desk.do(start_picking, shipment=shipment, by=picker, at=work.ago(60))
    lines = dict(picking.lines.values_list("pk", "quantity"))
    work.desk.do(confirm_picks, shipment=picking, version=picking.version, picked=lines, by=picker, at=work.ago(45))


def _leave_short(work: Work) -> None:
    """To share: what the warehouse has of one item is less than three stations ask for. One of them is approved."""
    item = work.division.items[FOUGHT_FOR]
    first = work.station(ASKING[0])
    room, by = work.division.rooms[first.pk], work.division.officers[first.pk]
    if used := _all_of(work, room, FOUGHT_FOR):
        work.desk.do(use_stock, location=room, lines=used, reference="Bus crash, Route 15", by=by, at=work.ago(118))
    warehouse = work.division.rooms[work.division.warehouse.pk]
    there = usable(warehouse, {item.pk: 0}, at=work.ago(116)).get(item.pk, 0)
    wanted = max(20, there // 20 * 10 + 10)
    why = "Bus crash on Route 15"
    work.ask(ASKING[0], {FOUGHT_FOR: wanted}, minutes=110, priority=URGENT, comment=why)
    work.ask(ASKING[1], {FOUGHT_FOR: wanted}, minutes=105, comment=why)
    work.order(ASKING[2], {FOUGHT_FOR: wanted}, minutes=100)


def _leave_counts(work: Work) -> None:
    """One count half done at the officer's station, one in the warehouse that waits to be posted, with a variance."""
    station, warehouse = work.station(OFFICERS_STATION), work.division.warehouse
    officer, picker = work.division.officers[station.pk], work.division.logistics[-1]
    half = _count(work, work.division.rooms[station.pk], 14, officer, minutes=35)
    lines = [Counted(line.lot_id, line.expected) for line in half.lines.order_by("pk")]
    work.desk.do(record_count, count=half, lines=lines[:6], by=officer, at=work.ago(20))
    whole = _count(work, work.division.rooms[warehouse.pk], 10, picker, minutes=90)
    lines = [Counted(line.lot_id, line.expected) for line in whole.lines.order_by("pk")]
    fewer = [Counted(lines[0].lot_id, max(0, lines[0].counted - 2)), *lines[1:]]
    kept = work.desk.do(record_count, count=whole, lines=fewer, by=picker, at=work.ago(70))
    work.desk.do(finish_count, count=kept, version=kept.version, by=picker, at=work.ago(65))


def _count(work: Work, place: Location, items: int, by: User, *, minutes: int) -> CycleCount:
    held = StockLevel.objects.filter(location=place, on_hand__gt=0).order_by("lot__item__criticality", "lot__item_id")
    chosen = list(dict.fromkeys(held.values_list("lot__item_id", flat=True)))[:items]
    return work.desk.do(open_count, location=place, item_ids=sorted(chosen), by=by, at=work.ago(minutes))


def _hold_a_lot(work: Work) -> None:
    lots = Lot.objects.filter(item__sku="CLD-PACK", stock_levels__on_hand__gt=0, status=Lot.Status.USABLE)
    lot = lots.distinct().order_by("expires_on", "pk")[0]
    why = "Supplier reports leaking packs in this lot; waiting for their letter"
    by = work.division.logistics[0]
    work.desk.do(set_lot_status, lot=lot, status=Lot.Status.QUARANTINED, reason=why, by=by, at=work.ago(75))
