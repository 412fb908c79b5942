"""An order from its draft to its receipt by the application's own actions, step by step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from inventory.models import Item
from orders.actions import approval, drafts, picking, receipts, runs
from orders.models import DeliveryRun, ResupplyOrder, Shipment, Stop
from stations.models import Location, Membership, Station, Unit, User

QUANTITY = 10
Step = Callable[[], object]


@dataclass
class Desk:
    """A station that asks, its van, and the people who act: what an order needs before it begins."""

    station: Station
    van: Unit
    officer: User
    logistics: User
    driver: User

    @classmethod
    def at(cls, station: Station) -> "Desk":
        """People and a van of its own for this station, made where there are none yet."""
        officer = User.objects.get(username="officer4")
        Membership.objects.get_or_create(user=officer, station=station)
        assert station.supplied_by_id is not None  # noqa: S101 - the bench's stations are supplied by a warehouse
        van, _ = Unit.objects.get_or_create(
            code=f"V-{station.code}", kind=Unit.Kind.VAN, station_id=station.supplied_by_id
        )
        Location.objects.get_or_create(unit=van, defaults={"kind": Location.Kind.VAN, "name": van.code})
        logistics, driver = User.objects.get(username="logistics1"), User.objects.get(username="driver5")
        return cls(station, van, officer, logistics, driver)


@dataclass
class Life:
    """One order of so many lines. Its steps are run in their order, each once; ``board`` puts it onto a van."""

    desk: Desk
    lines: int
    at: datetime
    order: ResupplyOrder = field(init=False)
    shipment: Shipment = field(init=False)
    run: DeliveryRun = field(init=False)

    def __post_init__(self) -> None:
        items = Item.objects.order_by("pk").values_list("pk", flat=True)[: self.lines]
        quantities = dict.fromkeys(items, QUANTITY)
        self.order = drafts.create_order(
            station=self.desk.station, quantities=quantities, **self._by(self.desk.officer)
        )

    @property
    def steps(self) -> Sequence[Step]:
        """Before the van is planned, and after."""
        return [self.submit, self.approve, self.begin_picking, self.pick, self.pack]

    @property
    def later_steps(self) -> Sequence[Step]:
        return [self.dispatch, self.deliver, self.receive]

    def live(self) -> None:
        """From the draft to the receipt."""
        for step in self.steps:
            step()
        self.board()
        for step in self.later_steps:
            step()

    def submit(self) -> None:
        self.order = drafts.submit_order(order=self.order, version=self.order.version, **self._by(self.desk.officer))

    def approve(self) -> None:
        """The only approver: stock is promised at once."""
        self.order = approval.approve_order(
            order=self.order, version=self.order.version, **self._by(self.desk.logistics)
        )

    def begin_picking(self) -> None:
        shipment = Shipment.objects.get(destination=self.desk.station, state=Shipment.State.PLANNED)
        self.shipment = picking.start_picking(shipment=shipment, **self._by(self.desk.logistics))

    def pick(self) -> None:
        picked = dict(self.shipment.lines.values_list("pk", "quantity"))
        self.shipment = picking.confirm_picks(
            shipment=self.shipment, version=self.shipment.version, picked=picked, **self._by(self.desk.logistics)
        )

    def pack(self) -> None:
        self.shipment = picking.pack_shipment(
            shipment=self.shipment, version=self.shipment.version, totes=1, **self._by(self.desk.logistics)
        )

    def board(self) -> None:
        """A run of this one stop. How runs are planned is measured by W5."""
        self.run = DeliveryRun.objects.create(
            depot_id=self.shipment.source_id, van=self.desk.van, run_on=self.at.date(), leaves_at=self.at
        )
        stop = Stop.objects.create(
            run=self.run,
            station=self.desk.station,
            position=1,
            window_start=self.at,
            window_end=self.at + timedelta(hours=8),
            planned_at=self.at + timedelta(hours=1),
        )
        Shipment.objects.filter(pk=self.shipment.pk).update(stop=stop)

    def dispatch(self) -> None:
        self.run = runs.dispatch_run(
            run=self.run, version=self.run.version, driver=self.desk.driver, **self._by(self.desk.logistics)
        )

    def deliver(self) -> None:
        stop = self.run.stops.select_related("run").get()
        runs.deliver_stop(stop=stop, handed_to="Lee", **self._by(self.desk.driver))

    def receive(self) -> None:
        receipts.receive_shipment(shipment=self.shipment, version=None, **self._by(self.desk.officer))

    def go_home(self) -> None:
        """Free the van for the next order."""
        DeliveryRun.objects.filter(pk=self.run.pk).update(state=DeliveryRun.State.COMPLETED, completed_at=self.at)

    def _by(self, user: User) -> dict[str, Any]:
        return {"by": user, "at": self.at, "request_id": uuid4()}
