"""Logistics at work: approve, look for stock, pick, pack, and take in what the supplier brings."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

import numpy as np
from django.db.models import F, Sum
from django.utils import timezone

from ems_supply.simulation.catalogue import catalogue
from ems_supply.simulation.desk import Desk, after
from ems_supply.simulation.division import Division
from ems_supply.simulation.opening import expiry, lot_number
from inventory.actions.stock import ReceivedLot, receive_stock
from orders.actions.approval import approve_order
from orders.actions.picking import confirm_picks, pack_shipment, start_picking
from orders.models import ResupplyOrder, Shipment
from orders.queries.approvals import next_step
from orders.queries.par_lines import par_lines
from stations.models import Station, User

TOTE_ML = 50_000
NEW_LOT = 0.7, 0.95  # how much of its shelf life a lot has left when the supplier brings it
SUPPLIER_DAYS = {2: 0.5, 4: 0.3, 7: 0.15, 14: 0.05}  # how many days a supplier takes, with what chance


@dataclass
class Logistics:
    """``withheld`` are the SKUs that no supplier delivers: a national shortage."""

    division: Division
    desk: Desk
    withheld: Collection[str] = ()
    supplier_days: Mapping[int, float] = field(default_factory=lambda: SUPPLIER_DAYS)
    on_order: Counter[int] = field(default_factory=Counter)  # base units by item id

    def approve(self, orders: list[ResupplyOrder], *, at: datetime) -> None:
        """Grant these requests in full; the chief follows an hour later where a rule asks for it."""
        for order in orders:
            version: int | None = order.version
            while (step := next_step(order)) is not None:
                is_chief = step.role == User.Role.CHIEF
                by = self.division.chief if is_chief else self.division.logistics[0]
                moment = after(at, 45) if is_chief else at
                order = self.desk.do(approve_order, order=order, version=version, by=by, at=moment)
                version = order.version

    def pick_and_pack(self, shipments: list[Shipment], *, at: datetime) -> None:
        """Pick each shipment as promised and close it into totes."""
        picker = self.division.logistics[-1]
        for number, shipment in enumerate(shipments):
            began = after(at, number % 60)
            picking = self.desk.do(start_picking, shipment=shipment, by=picker, at=began)
            lines = dict(picking.lines.values_list("pk", "quantity"))
            picked = self.desk.do(
                confirm_picks, shipment=picking, version=picking.version, picked=lines, by=picker, at=after(began, 15)
            )
            totes = self._totes(picked)
            self.desk.do(
                pack_shipment, shipment=picked, version=picked.version, totes=totes, by=picker, at=after(began, 20)
            )

    def order_from_supplier(self, depot: Station, *, at: datetime) -> dict[int, list[ReceivedLot]]:
        """Ask for what a warehouse is short of: new lots, by the days after which they come. What is withheld never
        comes; what is on order is not ordered twice."""
        today = timezone.localdate(at)
        generator = np.random.default_rng([self.desk.seed, today.toordinal(), depot.pk])
        entries = {self.division.items[entry.sku].pk: entry for entry in catalogue()}
        days, chances = zip(*self.supplier_days.items(), strict=True)
        deliveries: defaultdict[int, list[ReceivedLot]] = defaultdict(list)
        for line in par_lines(today, [depot.pk]):
            entry, quantity = entries[line.item_id], line.need - self.on_order[line.item_id]
            expires_on = expiry(entry, today, float(generator.uniform(*NEW_LOT)))
            number, after_days = lot_number(generator), int(generator.choice(days, p=chances))
            if quantity > 0 and entry.sku not in self.withheld and not entry.is_serialized:
                self.on_order[line.item_id] += quantity
                lot = ReceivedLot(line.item_id, number if expires_on else "", expires_on, quantity)
                deliveries[after_days].append(lot)
        return dict(deliveries)

    def receive_from_supplier(self, depot: Station, lots: list[ReceivedLot], at: datetime) -> None:
        """Put what the supplier brought on the shelves."""
        self.on_order.subtract({lot.item_id: lot.quantity for lot in lots})
        reference = f"PO-{timezone.localdate(at):%Y%m%d}"
        by = self.division.logistics[-1]
        self.desk.do(receive_stock, station=depot, lines=lots, reference=reference, by=by, at=at)

    def _totes(self, shipment: Shipment) -> int:
        volume = F("quantity") * F("order_line__item__volume_ml")
        total = shipment.lines.aggregate(total=Sum(volume))["total"] or 0
        return min(200, max(1, ceil(total / TOTE_ML)))
