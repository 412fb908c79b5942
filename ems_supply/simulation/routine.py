"""A division's day, hour by hour: what is done when, whoever's demand it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from django.utils import timezone

from ems_supply.simulation.deliveries import Deliveries
from ems_supply.simulation.desk import Agenda, Desk
from ems_supply.simulation.division import Division
from ems_supply.simulation.logistics import Logistics
from ems_supply.simulation.officers import Officers
from orders.actions.allocation import allocate_backorders
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder, Shipment
from stations.models import Station

SUPPLIER, EXPIRED, SWEEP, SUBMIT, APPROVE = time(8, 30), time(10), time(13), time(14), time(15)
BACKORDERS, PICK, SCHEDULE = time(15, 50), time(16), time(18)
MONDAY = 0


def moment(day: date, clock: time) -> datetime:
    """That hour of that day, as the division's own clocks show it."""
    return datetime.combine(day, clock, timezone.get_current_timezone())


@dataclass
class Routine:
    """Who does what through a day. The warehouse orders on ``order_days``; expired stock is looked for on Mondays."""

    division: Division
    desk: Desk
    agenda: Agenda
    officers: Officers
    logistics: Logistics
    deliveries: Deliveries
    order_days: tuple[int, ...] = (0, 3)

    def plan(self, day: date) -> None:
        """Put the day's standing work on the agenda."""
        if day.weekday() in self.order_days:
            self.agenda.add(moment(day, SUPPLIER), self.order_stock)
        if day.weekday() == MONDAY:
            self.agenda.add(moment(day, EXPIRED), self.discard)
        due = self.officers.due(day)
        if due:
            self.agenda.add(moment(day, SWEEP), lambda at: self.sweep(due, at))
            self.agenda.add(moment(day, SUBMIT), lambda at: self.submit(due, at))
        self.agenda.add(moment(day, APPROVE), self.approve)
        self.agenda.add(moment(day, BACKORDERS), self.fill_backorders)
        self.agenda.add(moment(day, PICK), self.pick)
        self.agenda.add(moment(day, SCHEDULE), self.schedule)

    def order_stock(self, at: datetime) -> None:
        warehouse = self.division.warehouse
        for days, lots in self.logistics.order_from_supplier(warehouse, at=at).items():
            self.agenda.add(at + timedelta(days=days), partial(self.logistics.receive_from_supplier, warehouse, lots))

    def discard(self, at: datetime) -> None:
        self.officers.discard_expired(at=at)

    def sweep(self, stations: Iterable[Station], at: datetime) -> None:
        self.desk.run(sweep_par_levels, at=at, stations=list(stations))

    def submit(self, stations: Iterable[Station], at: datetime) -> None:
        self.officers.submit_drafts(list(stations), at=at)

    def approve(self, at: datetime) -> None:
        waiting = ResupplyOrder.objects.awaiting_approval().order_by("-priority", "submitted_at", "pk")
        self.logistics.approve(list(waiting), at=at)

    def fill_backorders(self, at: datetime) -> None:
        self.desk.run(allocate_backorders, at=at)

    def pick(self, at: datetime) -> None:
        to_pick = Shipment.objects.filter(state=Shipment.State.PLANNED).order_by("-priority", "pk")
        self.logistics.pick_and_pack(list(to_pick), at=at)

    def schedule(self, at: datetime) -> None:
        self.deliveries.schedule(at=at)
