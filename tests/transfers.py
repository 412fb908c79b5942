"""A division in which one station has what another lacks, and a run that goes to both."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from inventory.models import Item, StockLevel
from orders.actions.collecting import collect_stop
from orders.actions.runs import dispatch_run, load_run
from orders.actions.transfers import Accepted, accept_transfers
from orders.models import DeliveryRun, ResupplyOrder, Shipment, Stop
from orders.queries.transfers import proposals
from stations.models import Station, User
from tests import make


@dataclass
class Neighbours:
    """A warehouse without stock of ``item``; a donor that has 40 over its par of 10, a receiver that has none of 20."""

    at: datetime = make.AT
    item: Item = field(default_factory=lambda: make.item(criticality="A", name="Tourniquet"))
    has: int = 50
    lacks: int = 20

    def __post_init__(self) -> None:
        self.warehouse = make.warehouse()
        self.donor = make.station(supplied_by=self.warehouse, name="Donor")
        self.receiver = make.station(supplied_by=self.warehouse, name="Receiver")
        self.level = make.stock(self.donor, self.item, on_hand=self.has) if self.has else None
        make.par(self.donor, self.item, 10, 5)
        make.par(self.receiver, self.item, self.lacks, 10)
        self.van = make.van(self.warehouse)
        self.giver, self.officer = make.officer(self.donor), make.officer(self.receiver)
        self.logistics, self.chief, self.driver = make.logistics(), make.chief(), make.driver()

    def by(self, user: User) -> dict[str, Any]:
        return {"by": user, "at": self.at, "request_id": make.rid()}

    def later(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at

    def proposed(self) -> list[Accepted]:
        return [Accepted(p.item_id, p.donor_id, p.receiver_id, p.quantity) for p in proposals(at=self.at)]

    def wanted(self, quantity: int, item: Item | None = None) -> Accepted:
        return Accepted((item or self.item).pk, make.room(self.donor).pk, make.room(self.receiver).pk, quantity)

    def accept(self, *accepted: Accepted, by: User | None = None) -> ResupplyOrder:
        [order] = accept_transfers(accepted=accepted or self.proposed(), **self.by(by or self.logistics))
        return order

    def run_to(self, *stations: Station, van: Any = None) -> DeliveryRun:
        """A planned run with stops in this order, an hour apart, windows open all day."""
        run = DeliveryRun.objects.create(
            depot=self.warehouse,
            van=van or self.van,
            driver=self.driver,
            run_on=self.at.date(),
            leaves_at=self.at + timedelta(minutes=30),
        )
        for number, station in enumerate(stations, start=1):
            Stop.objects.create(
                run=run,
                station=station,
                position=number,
                window_start=self.at - timedelta(hours=6),
                window_end=self.at + timedelta(hours=8),
                planned_at=self.at + timedelta(hours=number),
            )
        return run

    def both(self) -> DeliveryRun:
        return self.run_to(self.donor, self.receiver)

    def shipment(self) -> Shipment:
        return Shipment.objects.latest("pk")

    def leave(self, run: DeliveryRun) -> DeliveryRun:
        run.refresh_from_db()
        run = load_run(run=run, version=run.version, **self.by(self.logistics))
        return dispatch_run(run=run, version=run.version, **self.by(self.logistics))

    def stop(self, run: DeliveryRun, station: Station) -> Stop:
        return run.stops.get(station=station)

    def collect(self, run: DeliveryRun, **fields: Any) -> Stop:
        told = {"taken": {}, "given_by": "Kim", **fields}
        return collect_stop(stop=self.stop(run, self.donor), **told, **self.by(self.driver))

    def on_the_road(self) -> DeliveryRun:
        """Accepted, placed on a run to both, and that run has left."""
        run = self.both()
        self.accept()
        return self.leave(run)

    def free(self) -> int:
        assert self.level is not None
        level = StockLevel.objects.get(pk=self.level.pk)
        return level.available
