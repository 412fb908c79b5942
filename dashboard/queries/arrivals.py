"""When what is on its way reaches the shelf that waits for it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, F, Min, QuerySet

from dashboard.queries.par_states import LineState
from orders.models import Shipment, ShipmentLine, Stop
from stations.models import Station

Place = tuple[int, int]
EXPECTED = (*Shipment.NOT_LEFT, Shipment.State.DISPATCHED)
OPEN_STOPS = (Stop.State.PLANNED, Stop.State.ARRIVED)


def arrivals(lines: Iterable[LineState]) -> Mapping[Place, datetime]:
    """The planned arrival of the next delivery for each of these par levels that has one, by (location, item)."""
    wanted = {(line.location_id, line.item_id) for line in lines}
    if not wanted:
        return {}
    coming = (
        ShipmentLine.objects.filter(
            shipment__state__in=EXPECTED,
            shipment__stop__state__in=OPEN_STOPS,
            order_line__location__in={location for location, _ in wanted},
            order_line__item__in={item for _, item in wanted},
        )
        .order_by()
        .values_list("order_line__location", "order_line__item")
        .annotate(arrives_at=Min("shipment__stop__planned_at"))
    )
    return {(location, item): at for location, item, at in coming if (location, item) in wanted}


def arrival_of(line: LineState | None, coming: Mapping[Place, datetime]) -> datetime | None:
    """The planned arrival for one par level, if one is on a run."""
    return coming.get((line.location_id, line.item_id)) if line else None


def deliveries_to(station: Station) -> "QuerySet[Shipment]":
    """Everything on its way to a station, and what was left there and still waits to be received; the next first."""
    return (
        Shipment.objects.filter(destination=station, state__in=(*Shipment.NOT_LEFT, *Shipment.IN_TRANSIT))
        .select_related("source", "stop__run__van")
        .annotate(line_count=Count("lines"))
        .order_by(F("delivered_at").asc(nulls_last=True), F("stop__planned_at").asc(nulls_last=True), "-priority", "pk")
    )
