"""Vans at work: loaded, sent, from stop to stop, received at each station, and home again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from ems_supply.simulation.desk import Agenda, Desk, after
from ems_supply.simulation.division import Division
from orders.actions.receipts import ReceivedLine, receive_shipment
from orders.actions.runs import arrive_at_stop, cancel_run, complete_run, deliver_stop, dispatch_run, load_run
from orders.actions.schedule import schedule_deliveries
from orders.models import DeliveryRun, Shipment, Stop
from stations.models import User

HAND_OVER_MINUTES = 6
RECEIVE_MINUTES = 25
Inspect = Callable[[Shipment], Sequence[ReceivedLine]]


def as_sent(shipment: Shipment) -> Sequence[ReceivedLine]:
    """What an officer finds: everything that was sent. (No lines mean the whole shipment, as it was sent.)"""
    del shipment
    return ()


@dataclass
class Deliveries:
    """``inspect`` says what an officer finds in a delivery; runs are followed from plan to completion."""

    division: Division
    desk: Desk
    agenda: Agenda
    inspect: Inspect = as_sent
    known: dict[int, datetime] = field(default_factory=dict)

    def schedule(self, *, at: datetime) -> None:
        """Put what waits onto runs, and follow each run that is new or leaves at another time."""
        for run in self.desk.run(schedule_deliveries, at=at):
            self.follow(run)

    def follow(self, run: DeliveryRun) -> None:
        """Let a planned run leave when its plan says."""
        if self.known.get(run.pk) != run.leaves_at:
            self.known[run.pk] = run.leaves_at
            self.agenda.add(run.leaves_at - timedelta(minutes=20), partial(self.leave, run.pk))

    def leave(self, pk: int, at: datetime) -> None:
        """Load and send a run that was not put off or given up meanwhile. One without anything packed is called off."""
        run = DeliveryRun.objects.get(pk=pk)
        if run.state != DeliveryRun.State.PLANNED or run.leaves_at > after(at, 20):
            return
        by = self.division.logistics[0]
        if not Shipment.objects.filter(stop__run=run, state=Shipment.State.PACKED).exists():
            self.desk.do(cancel_run, run=run, version=run.version, reason="Nothing is packed for it.", by=by, at=at)
            return
        run = self.desk.do(load_run, run=run, version=run.version, by=by, at=at)
        driver = self.driver(run, at)
        run = self.desk.do(dispatch_run, run=run, version=run.version, driver=driver, by=by, at=after(at, 20))
        for stop in run.stops.order_by("position"):
            self.agenda.add(stop.planned_at, partial(self.deliver, stop, driver))

    def driver(self, run: DeliveryRun, at: datetime) -> User:
        """A driver who is not out with another run."""
        out = (
            DeliveryRun.objects.filter(state=DeliveryRun.State.OUT)
            .exclude(pk=run.pk)
            .values_list("driver_id", flat=True)
        )
        free = [driver for driver in self.division.drivers if driver.pk not in set(out)]
        return free[(timezone.localdate(at).toordinal() + run.pk) % len(free)]

    def deliver(self, stop: Stop, driver: User, at: datetime) -> None:
        """Arrive, hand over, and let the station receive; after the last stop the run is completed."""
        officer = self.division.officers[stop.station_id]
        self.desk.do(arrive_at_stop, stop=stop, by=driver, at=at)
        left = after(at, HAND_OVER_MINUTES)
        self.desk.do(deliver_stop, stop=stop, handed_to=str(officer) or officer.username, by=driver, at=left)
        self.agenda.add(after(left, RECEIVE_MINUTES), partial(self.receive, stop))
        if not stop.run.stops.filter(state__in=(Stop.State.PLANNED, Stop.State.ARRIVED)).exists():
            self.agenda.add(after(left, RECEIVE_MINUTES), partial(self.come_home, stop.run_id, driver))

    def receive(self, stop: Stop, at: datetime) -> None:
        """The officer counts what came and puts it on the shelves."""
        officer = self.division.officers[stop.station_id]
        for shipment in stop.shipments.filter(state=Shipment.State.DELIVERED).order_by("pk"):
            lines = self.inspect(shipment)
            self.desk.do(receive_shipment, shipment=shipment, version=shipment.version, lines=lines, by=officer, at=at)

    def come_home(self, pk: int, driver: User, at: datetime) -> None:
        run = DeliveryRun.objects.get(pk=pk)
        self.desk.do(complete_run, run=run, version=run.version, by=driver, at=at)
