"""Short words for what the demo's people did today: ask, order, send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ems_supply.simulation.desk import Desk
from ems_supply.simulation.division import Division
from ems_supply.simulation.logistics import Logistics
from orders.actions.drafts import create_order, submit_order
from orders.models import ResupplyOrder, Shipment
from stations.models import Station

APPROVED_AFTER = 10


@dataclass
class Work:
    """Moments are given as minutes before ``now``; items by SKU, in base units."""

    division: Division
    desk: Desk
    now: datetime

    def ago(self, minutes: float) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def station(self, code: str) -> Station:
        return next(station for station in self.division.stations if station.code == code)

    def ask(
        self,
        code: str,
        wanted: Mapping[str, int],
        *,
        minutes: int,
        priority: int = ResupplyOrder.Priority.ROUTINE,
        needed_by: datetime | None = None,
        comment: str = "",
    ) -> ResupplyOrder:
        """A station's officer writes a request of their own and sends it."""
        station = self.station(code)
        by = self.division.officers[station.pk]
        quantities = {self.division.items[sku].pk: quantity for sku, quantity in wanted.items()}
        facts = {"priority": priority, "needed_by": needed_by, "comment": comment}
        draft = self.desk.do(
            create_order, station=station, quantities=quantities, by=by, at=self.ago(minutes + 3), **facts
        )
        return self.desk.do(submit_order, order=draft, version=draft.version, by=by, at=self.ago(minutes))

    def order(
        self, code: str, wanted: Mapping[str, int], *, minutes: int, priority: int = ResupplyOrder.Priority.ROUTINE
    ) -> ResupplyOrder:
        """A request that logistics has approved, and promised what stock there is."""
        order = self.ask(code, wanted, minutes=minutes, priority=priority)
        Logistics(self.division, self.desk).approve([order], at=self.ago(minutes - APPROVED_AFTER))
        order.refresh_from_db()
        return order

    def pack(self, codes: list[str], *, minutes: int) -> None:
        """Pick and pack what waits for these stations."""
        waiting = Shipment.objects.filter(
            destination__in=[self.station(code) for code in codes], state=Shipment.State.PLANNED
        )
        Logistics(self.division, self.desk).pick_and_pack(list(waiting.order_by("pk")), at=self.ago(minutes))
