"""The demo's runs: one that is out with the demo's driver, half done, and one that is planned."""

from ems_supply.simulation.demo.photo import crushed_tote
from ems_supply.simulation.demo.work import Work
from orders.actions.receipts import ReceivedLine, receive_shipment
from orders.actions.runs import (
    arrive_at_stop,
    assign_driver,
    deliver_stop,
    dispatch_run,
    load_run,
    reorder_stops,
)
from orders.actions.schedule import plan_run, schedule_deliveries
from orders.models import DeliveryRun, Shipment, Stop
from stations.models import Unit, User

WANTED = {
    "ST01": {"CAR-ECG": 100, "CAR-PAD-A": 10, "LIN-SHEET": 50, "DX-LANCET": 100},
    "ST04": {"IV-CATH-20": 50, "IV-EXT": 20, "MED-ASA-81": 36, "MED-ALB-25": 25},
    "ST07": {"PPE-GLV-L": 200, "OXY-NRB-A": 20, "IMM-COL-A": 10, "SPL-SAM-36": 12, "CLD-PACK": 24},
    "ST06": {"AIR-IGEL-40": 5, "AIR-OPA-90": 12, "IV-FLUSH": 60},
}
NEXT = {
    "ST12": {"DRS-TRAUMA": 10, "TRA-TQ-CAT": 10, "BND-TRI": 12},
    "ST13": {"PPE-N95-R": 40, "CLN-HAND": 24, "LIN-BLKT": 20},
}
DEPARTURE = 100
# Minutes before now at which each stop of the run was reached; the last one is still to come.
REACHED = (84, 56, 22)


def leave_run_out(work: Work, officers_station: str) -> None:
    """Three of four stops are done: the first was received with damage, at the officer's the boxes wait in the bay."""
    for number, (code, wanted) in enumerate(WANTED.items()):
        work.order(code, wanted, minutes=280 - 3 * number)
    work.pack(list(WANTED), minutes=220)
    run, driver = _send(work, officers_station)
    stops = list(run.stops.select_related("station").order_by("position"))
    for stop, minutes in zip(stops, REACHED, strict=False):
        officer = work.division.officers[stop.station_id]
        work.desk.do(arrive_at_stop, stop=stop, by=driver, at=work.ago(minutes))
        work.desk.do(deliver_stop, stop=stop, handed_to=str(officer), by=driver, at=work.ago(minutes - 6))
    _receive_with_damage(work, stops[0])


def _send(work: Work, officers_station: str) -> tuple[DeliveryRun, User]:
    """Plan, order so that the officer's station is the second stop, load, and leave."""
    by = work.division.logistics[0]
    driver = next(person for person in work.division.drivers if person.username == "driver")
    depot = work.division.warehouse
    van = Unit.objects.filter(kind=Unit.Kind.VAN, station=depot).order_by("code")[0]
    stations = [work.station(code) for code in WANTED]
    leaves_at = work.ago(DEPARTURE)
    run = work.desk.do(
        plan_run, depot=depot, van=van, leaves_at=leaves_at, stations=stations, driver=driver, by=by, at=work.ago(135)
    )
    order = list(run.stops.order_by("position").values_list("station_id", flat=True))
    second = work.station(officers_station).pk
    order.remove(second)
    order.insert(1, second)
    run = work.desk.do(reorder_stops, run=run, version=run.version, station_ids=order, by=by, at=work.ago(130))
    run = work.desk.do(load_run, run=run, version=run.version, by=driver, at=work.ago(120))
    run = work.desk.do(dispatch_run, run=run, version=run.version, by=by, at=leaves_at)
    return run, driver


def _receive_with_damage(work: Work, stop: Stop) -> None:
    """The officer finds two pieces crushed in one line and one missing in another: two discrepancies to settle."""
    shipment = stop.shipments.get(state=Shipment.State.DELIVERED)
    first, second, *_ = shipment.lines.order_by("-quantity")
    lines = [
        ReceivedLine(
            first.pk, first.quantity - 2, damaged=2, reason="Tote crushed in the van", photos=[crushed_tote()]
        ),
        ReceivedLine(second.pk, second.quantity - 1, missing=1, reason="One fewer than on the slip"),
    ]
    officer = work.division.officers[stop.station_id]
    work.desk.do(
        receive_shipment, shipment=shipment, version=shipment.version, lines=lines, by=officer, at=work.ago(55)
    )


def leave_run_planned(work: Work) -> None:
    """Two packed shipments, and everything else that waits, on runs; the demo's driver has the next one."""
    for number, (code, wanted) in enumerate(NEXT.items()):
        work.order(code, wanted, minutes=260 - 3 * number)
    work.pack(list(NEXT), minutes=215)
    runs = work.desk.run(schedule_deliveries, at=work.ago(40))
    driver = next(person for person in work.division.drivers if person.username == "driver")
    following = min(runs, key=lambda run: run.leaves_at)
    by = work.division.logistics[0]
    work.desk.do(assign_driver, run=following, version=None, driver=driver, by=by, at=work.ago(38))
