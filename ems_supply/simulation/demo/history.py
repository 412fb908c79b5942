"""The demo's last 120 days, day by day: lean at first, closer together in the last five weeks.

Each day is one transaction that ends with the day's own mark, so that a load that was killed goes on with the next.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

import numpy as np
from django.db.models import Q
from django.utils import timezone

from dashboard.actions.snapshots import snapshot_metrics
from dashboard.queries.trend import WEEKS
from ems_supply.simulation.deliveries import Deliveries
from ems_supply.simulation.demo.crews import DemoCrews
from ems_supply.simulation.desk import Agenda, Desk
from ems_supply.simulation.division import Division
from ems_supply.simulation.logistics import Logistics
from ems_supply.simulation.officers import Officers
from ems_supply.simulation.routine import (
    APPROVE,
    BACKORDERS,
    EXPIRED,
    PICK,
    SCHEDULE,
    SUBMIT,
    SUPPLIER,
    SWEEP,
    Routine,
    moment,
)
from inventory.actions.stock import ReceivedLot, receive_stock
from orders.actions.closing import close_short
from orders.actions.receipts import ReceivedLine
from orders.actions.settling import settle_discrepancy
from orders.models import DeliveryRun, Discrepancy, OrderLine, ResupplyOrder, Shipment
from stations.models import Location, Station, Unit

DAYS = 120
DENSE_DAYS = 17  # the last so many days have weekly deliveries and reports of each unit; before, a sixth
COUNTED_DAYS = 28
QUIET_DAYS = 8  # expired stock and backorders of the last days are left for the demo's users
LAST_REQUESTS = 3  # requests of the last days are the ones that wait for the demo's users
SNAPSHOT_HOUR = time(22)
DISCREPANT = 0.08
WEEK, LEAN = 7, 6
GIVE_UP_DAYS = 21
REPORTED_DAYS = 5  # how many days of full use a report holds: Marlow is a quiet county
SUPPLIER_DAYS = {2: 0.97, 9: 0.03}
SHORT_OF = ("IV-LR-1000",)
SHORT_SINCE = 40
SHORT_DATED_SINCE = 20
# SKU, lot, days left when it came, base units.
SHORT_DATED = {
    "ST07": (("MED-ATRO-1", "H5521", 16, 4), ("AIR-IGEL-25", "H7730", 30, 2), ("OB-KIT", "H1207", 45, 2)),
    "ST12": (("MED-GLUC-1", "H5544", 17, 2), ("MED-DOPA-400", "H6102", 34, 2)),
    "WH": (("IO-NDL-15", "H9015", 18, 5), ("MED-CEFA-2G", "H3378", 50, 20)),
}


@dataclass
class History:
    """``today`` is the day on which the history ends; its days are numbered backwards from it."""

    division: Division
    desk: Desk
    today: date
    crews: DemoCrews
    routine: Routine

    @classmethod
    def begin(cls, desk: Desk, today: date) -> "History":
        division = Division.load()
        agenda = Agenda()
        deliveries = Deliveries(division, desk, agenda, inspect=partial(_inspect, desk.seed))
        officers = Officers(division, desk, tops_up=True)
        logistics = Logistics(division, desk, supplier_days=SUPPLIER_DAYS)
        routine = Routine(division, desk, agenda, officers, logistics, deliveries)
        for run in DeliveryRun.objects.filter(state=DeliveryRun.State.PLANNED).order_by("pk"):
            deliveries.follow(run)  # planned by a load that was killed after that day
        return cls(division, desk, today, DemoCrews.begin(division, desk), routine)

    def live(self, day: date) -> None:
        """Let one day pass."""
        left = (self.today - day).days
        self.routine.logistics.withheld = SHORT_OF if left <= SHORT_SINCE else ()
        self._plan_standing_work(day, left)
        self._plan_shifts(day, left)
        if 1 < left <= COUNTED_DAYS + 1:
            self._plan_counts(day)
        if left == SHORT_DATED_SINCE:
            self.routine.agenda.add(moment(day, time(12)), self.exchange)
        if left % WEEK == 0 and left < WEEK * WEEKS:
            self.routine.agenda.add(moment(day, SNAPSHOT_HOUR), self.take_snapshot)
        self.routine.agenda.run_until(moment(day, time(0)) + timedelta(days=1))

    def take_snapshot(self, at: datetime) -> None:
        self.desk.run(snapshot_metrics, at=at)

    def _plan_standing_work(self, day: date, left: int) -> None:
        routine, add = self.routine, self.routine.agenda.add
        if day.weekday() == 0:
            add(moment(day, SUPPLIER), routine.order_stock)
            if left > QUIET_DAYS:
                add(moment(day, EXPIRED), routine.discard)
        due = self._due(day, left)
        if due and left > LAST_REQUESTS:
            add(moment(day, SWEEP), partial(routine.sweep, due))
            add(moment(day, SUBMIT), partial(routine.submit, due))
            add(moment(day, APPROVE), routine.approve)
            if left > QUIET_DAYS:
                add(moment(day, BACKORDERS), routine.fill_backorders)
            add(moment(day, PICK), routine.pick)
            add(moment(day, SCHEDULE), routine.schedule)
        if day.weekday() == 2:
            add(moment(day, time(11)), self.settle)

    def _due(self, day: date, left: int) -> list[Station]:
        """Who asks for the next day's delivery: every day's stations in the dense weeks, else each sixth week."""
        is_their_week = (day.toordinal() // 7 + day.weekday()) % LEAN == 0
        return self.routine.officers.due(day) if left <= DENSE_DAYS or is_their_week else []

    def _plan_shifts(self, day: date, left: int) -> None:
        """Ambulances report what they used every other week; in the lean weeks stations do, for all of their own."""
        at = moment(day, time(19))
        if left > DENSE_DAYS:
            for station in self.division.stations:
                if (day.toordinal() + station.pk * 3) % (WEEK * 3) == 0:
                    self.routine.agenda.add(at, partial(_report_station, self.crews, station))
            return
        for unit in (unit for units in self.crews.units.values() for unit in units):
            days = WEEK * 2 if unit.kind == Unit.Kind.AMBULANCE else WEEK * 4
            if (day.toordinal() + unit.pk * 5) % days == 0:
                self.routine.agenda.add(at, partial(_report_unit, self.crews, unit))

    def _plan_counts(self, day: date) -> None:
        """Every shelf and every ambulance is counted once in four weeks."""
        places = Location.objects.filter(Q(kind__in=Location.SHELVES) | Q(unit__kind=Unit.Kind.AMBULANCE))
        for place in places.select_related("station", "unit__station"):
            if (day.toordinal() + place.pk) % COUNTED_DAYS == 0:
                at = moment(day, time(9, place.pk % 60))
                self.routine.agenda.add(at, partial(_count, self.crews, place))

    def exchange(self, at: datetime) -> None:
        """A hospital hands over what it cannot use up in time: some of it the stations do not use up either."""
        day = timezone.localdate(at)
        for code, lots in SHORT_DATED.items():
            station = next(one for one in [*self.division.stations, self.division.warehouse] if one.code == code)
            lines = [
                ReceivedLot(self.division.items[sku].pk, number, day + timedelta(days=days), quantity)
                for sku, number, days, quantity in lots
            ]
            by = self.division.officers.get(station.pk, self.division.logistics[-1])
            self.desk.do(receive_stock, station=station, lines=lines, reference="Hospital exchange", by=by, at=at)

    def settle(self, at: datetime) -> None:
        """Logistics says where the damaged and missing stock of the last week went."""
        for discrepancy in Discrepancy.objects.filter(resolution="").order_by("pk"):
            is_damaged = discrepancy.kind == Discrepancy.Kind.DAMAGED
            found = Discrepancy.Resolution.DISCARDED if is_damaged else Discrepancy.Resolution.LOST
            why = "Broken in the tote, thrown away" if is_damaged else "Searched van and totes, not found"
            by = self.division.logistics[0]
            self.desk.do(settle_discrepancy, discrepancy=discrepancy, resolution=found, reason=why, by=by, at=at)
        self._give_up(at)

    def _give_up(self, at: datetime) -> None:
        """Close what has been owed for three weeks short: the station asks again, or for something else."""
        old = OrderLine.objects.owed().filter(order__approved_at__lt=at - timedelta(days=GIVE_UP_DAYS), allocated=0)
        for order in ResupplyOrder.objects.filter(pk__in=old.values("order")).order_by("pk"):
            lines = list(old.filter(order=order).values_list("pk", flat=True))
            why = "The supplier cannot say when it comes; the next request asks again."
            by = self.division.logistics[0]
            self.desk.do(close_short, order=order, version=None, reason=why, line_ids=lines, by=by, at=at)


def _report_unit(crews: DemoCrews, unit: Unit, at: datetime) -> None:
    crews.shift(unit, REPORTED_DAYS, at=at)


def _report_station(crews: DemoCrews, station: Station, at: datetime) -> None:
    crews.report(station, REPORTED_DAYS, at=at)


def _count(crews: DemoCrews, place: Location, at: datetime) -> None:
    crews.count(place, at=at)


def _inspect(seed: int, shipment: Shipment) -> list[ReceivedLine]:
    """What an officer finds: mostly what was sent, now and then one line with a damaged or a missing piece."""
    generator = np.random.default_rng([seed, 7, shipment.pk])
    if generator.random() >= DISCREPANT:
        return []
    line = shipment.lines.order_by("pk")[int(generator.integers(shipment.lines.count()))]
    if generator.random() < 0.5:
        return [ReceivedLine(line.pk, line.quantity - 1, damaged=1, reason="Package torn open")]
    return [ReceivedLine(line.pk, line.quantity - 1, missing=1, reason="One fewer than on the slip")]
