"""Line fill rate: of the lines that stations asked for, those whose first shipment carried all of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Least

from dashboard.queries.promises import due_at
from dashboard.queries.shares import Share, as_pairs, share_of, shares_by_station, since
from orders.models import OrderLine, ResupplyOrder, Shipment, ShipmentLine
from stations.models import Station

FILLED = Q(first_quantity__gte=F("asked"))
SENT = (*Shipment.IN_TRANSIT, Shipment.State.RECEIVED)


def judged_lines(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """Lines of approved requests that were judged in the last 28 days.

    A line is judged once: when its first shipment leaves, else when it falls due or its order is closed with nothing
    sent. It is filled when that first shipment carried at least all that was asked, also where less was approved.
    Adds ``station``, ``due_at``, ``first_sent_at``, ``first_quantity`` and ``judged_at``.
    """
    began = since(at)
    lines = OrderLine.objects.filter(
        Q(order__state__in=ResupplyOrder.UNDER_WAY) | Q(order__state="closed", order__closed_at__gt=began),
        order__kind=ResupplyOrder.Kind.REQUEST,
        asked__gt=0,
    )
    if station:
        lines = lines.filter(order__station=station)
    due = due_at("order__")
    return (
        lines.annotate(
            station=F("order__station"),
            due_at=due,
            first_sent_at=Subquery(_sent("pk").values("dispatched_at")[:1], output_field=DateTimeField()),
            judged_at=Coalesce("first_sent_at", Least(due, Coalesce("order__closed_at", due))),
        )
        .filter(judged_at__gt=began, judged_at__lte=at)
        .annotate(first_quantity=_first_quantity())
    )


def _sent(order_line: str) -> "QuerySet[Shipment]":
    """What left for an order line, named by the queried row's field, first departure first."""
    return Shipment.objects.filter(lines__order_line=OuterRef(order_line), state__in=SENT).order_by(
        "dispatched_at", "pk"
    )


def _first_quantity() -> Coalesce:
    """What the first shipment carried for the queried line, all its lots together."""
    carried = ShipmentLine.objects.filter(
        order_line=OuterRef("pk"), shipment=Subquery(_sent("order_line").values("pk")[:1])
    )
    total = carried.order_by().values("order_line").annotate(total=Sum("quantity")).values("total")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def fill_pairs(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """The same as the share's numbers, for ``add_up``."""
    return as_pairs(judged_lines(at=at, station=station), FILLED)


def line_fill(*, at: datetime, station: Station | None = None) -> Share:
    return share_of(judged_lines(at=at, station=station), FILLED)


def line_fill_by_station(*, at: datetime) -> Mapping[int, Share]:
    return shares_by_station(judged_lines(at=at), FILLED)
