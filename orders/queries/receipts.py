"""What lies in the deliveries that are to be received."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, QuerySet

from orders.models import Shipment, ShipmentLine
from stations.models import Station


@dataclass(frozen=True)
class Bay:
    """A station, and what stands there and is not received, the oldest first."""

    station: Station
    deliveries: Sequence[Shipment]


def in_bays(shipments: QuerySet[Shipment]) -> list[Bay]:
    """These deliveries by station; each with its ``line_count``."""
    rows = shipments.select_related("destination").annotate(line_count=Count("lines"))
    ordered = rows.order_by("destination__code", "delivered_at", "pk")
    return [Bay(station, list(found)) for station, found in groupby(ordered, key=lambda one: one.destination)]


def lines_to_receive(shipment: Shipment) -> list[ShipmentLine]:
    """The lines with item, packs, lot and where each goes, by item."""
    rows = shipment.lines.select_related("order_line__item", "order_line__order", "order_line__location", "level__lot")
    return list(rows.prefetch_related("order_line__item__packs").order_by("order_line__item__name", "pk"))
