"""Request-to-receipt: how long a station waited, from sending a request to its last receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Max, QuerySet

from dashboard.queries.shares import since
from orders.models import ResupplyOrder
from stations.models import Station


@dataclass(frozen=True)
class Waits:
    """How long the closed orders waited, shortest first."""

    sorted: Sequence[timedelta] = ()

    def rank(self, percent: int) -> timedelta | None:
        """The wait that this share of orders did not exceed, by nearest rank: always the wait of a real order."""
        return self.sorted[ceil(len(self.sorted) * percent / 100) - 1] if self.sorted else None

    @property
    def median(self) -> timedelta | None:
        return self.rank(50)

    @property
    def ninetieth(self) -> timedelta | None:
        return self.rank(90)


def received_orders(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """Requests closed in the last 28 days that brought something. Adds ``last_received_at`` and ``waited``."""
    orders = ResupplyOrder.objects.filter(
        kind=ResupplyOrder.Kind.REQUEST, state=ResupplyOrder.State.CLOSED, closed_at__gt=since(at), closed_at__lte=at
    )
    if station:
        orders = orders.filter(station=station)
    return (
        orders.annotate(last_received_at=Max("lines__shipment_lines__shipment__received_at"))
        .filter(last_received_at__isnull=False)
        .annotate(waited=ExpressionWrapper(F("last_received_at") - F("submitted_at"), output_field=DurationField()))
    )


def waits(*, at: datetime, station: Station | None = None) -> Waits:
    found = received_orders(at=at, station=station).order_by().values_list("waited", flat=True)
    return Waits(sorted(found))


def waits_by_station(*, at: datetime) -> Mapping[int, Waits]:
    found = sorted(received_orders(at=at).order_by().values_list("station_id", "waited"))
    return {key: Waits([waited for _, waited in rows]) for key, rows in groupby(found, key=lambda row: row[0])}
