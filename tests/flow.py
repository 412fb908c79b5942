"""The order's way from a shelf's shortfall to its receipt, step by step, for tests that begin in the middle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orders.actions import approval, drafts, picking, receipts, runs, schedule
from orders.models import DeliveryRun, ResupplyOrder, Shipment
from stations.models import Station, User
from tests import make


@dataclass
class Division:
    """A warehouse with a van, a station, and one person per role."""

    warehouse: Station = field(default_factory=make.warehouse)
    at: datetime = make.AT

    def __post_init__(self) -> None:
        self.station = make.station(supplied_by=self.warehouse)
        self.van = make.van(self.warehouse)
        self.officer = make.officer(self.station)
        self.logistics = make.logistics()
        self.chief = make.chief()
        self.driver = make.driver()
        self.auditor = make.auditor()

    def later(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at

    def by(self, user: User) -> dict[str, Any]:
        return {"by": user, "at": self.at, "request_id": make.rid()}

    def submitted(self, quantities: Mapping[int, int], **fields: Any) -> ResupplyOrder:
        order = drafts.create_order(station=self.station, quantities=quantities, **fields, **self.by(self.officer))
        return drafts.submit_order(order=order, version=order.version, **self.by(self.officer))

    def approved(self, quantities: Mapping[int, int], **fields: Any) -> ResupplyOrder:
        """Approved in full; by the chief too where a rule asks for it."""
        order = self.submitted(quantities, **fields)
        order = approval.approve_order(order=order, version=order.version, **self.by(self.logistics))
        if order.state == ResupplyOrder.State.SUBMITTED:
            order = approval.approve_order(order=order, version=order.version, **self.by(self.chief))
        return order

    def packed(self, quantities: Mapping[int, int]) -> Shipment:
        self.approved(quantities)
        return self.pack(self.to_pick())

    def to_pick(self) -> Shipment:
        return Shipment.objects.get(destination=self.station, state=Shipment.State.PLANNED)

    def pack(self, shipment: Shipment) -> Shipment:
        shipment = picking.start_picking(shipment=shipment, **self.by(self.logistics))
        picked = dict(shipment.lines.values_list("pk", "quantity"))
        shipment = picking.confirm_picks(
            shipment=shipment, version=shipment.version, picked=picked, **self.by(self.logistics)
        )
        return picking.pack_shipment(shipment=shipment, version=shipment.version, totes=1, **self.by(self.logistics))

    def dispatched(self, quantities: Mapping[int, int]) -> Shipment:
        return self.send(self.packed(quantities))

    def send(self, shipment: Shipment) -> Shipment:
        [run] = schedule.schedule_deliveries(at=self.at)
        self.leave(run)
        shipment.refresh_from_db()
        return shipment

    def leave(self, run: DeliveryRun) -> DeliveryRun:
        run.refresh_from_db()
        return runs.dispatch_run(run=run, version=run.version, driver=self.driver, **self.by(self.logistics))

    def delivered(self, quantities: Mapping[int, int]) -> Shipment:
        return self.hand_over(self.dispatched(quantities))

    def in_the_bay(self, quantities: Mapping[int, int], count: int = 2) -> list[Shipment]:
        """So many shipments that came with one run and were handed over at one stop."""
        packed = [self.packed(quantities) for _ in range(count)]
        self.hand_over(self.send(packed[0]))
        return list(Shipment.objects.filter(pk__in=[one.pk for one in packed]).order_by("pk"))

    def hand_over(self, shipment: Shipment) -> Shipment:
        assert shipment.stop is not None
        runs.deliver_stop(stop=shipment.stop, handed_to="Lee", **self.by(self.driver))
        shipment.refresh_from_db()
        return shipment

    def received(self, quantities: Mapping[int, int]) -> Shipment:
        shipment = self.delivered(quantities)
        return receipts.receive_shipment(shipment=shipment, version=shipment.version, **self.by(self.officer))
