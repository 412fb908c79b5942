"""Count freshness: of the places that keep stock, those counted in the last 30 days."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dashboard.queries.shares import Share, as_pairs, share_of, shares_by_station
from inventory.models import CycleCount
from stations.models import Location, Station

FRESH = timedelta(days=30)


def places_of_stock(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """Every shelf, and every unit in service; vans carry stock but keep none.

    Adds ``belongs_to``, the id of its station, and ``counted_at``.
    """
    kept = Location.objects.filter(Q(kind__in=Location.SHELVES) | Q(kind=Location.Kind.UNIT, unit__is_in_service=True))
    counts = CycleCount.objects.filter(location=OuterRef("pk"), is_spot=False)
    posted = counts.filter(state=CycleCount.State.POSTED, posted_at__lte=at)
    found: QuerySet[Any] = kept.annotate(
        belongs_to=Coalesce("station_id", "unit__station_id"),
        counted_at=Subquery(posted.order_by("-posted_at").values("posted_at")[:1]),
    )
    return found.filter(belongs_to=station.pk) if station else found


def is_fresh(at: datetime) -> Q:
    return Q(counted_at__gte=at - FRESH)


def is_stale(at: datetime) -> Q:
    return Q(counted_at=None) | Q(counted_at__lt=at - FRESH)


def oldest_first(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Never counted first, then the longest ago."""
    return rows.order_by(F("counted_at").asc(nulls_first=True), "pk")


def counted_pairs(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """The same as the share's numbers, for ``add_up``."""
    return as_pairs(places_of_stock(at=at, station=station), is_fresh(at))


def freshness(*, at: datetime, station: Station | None = None) -> Share:
    return share_of(places_of_stock(at=at, station=station), is_fresh(at))


def freshness_by_station(*, at: datetime) -> Mapping[int, Share]:
    return shares_by_station(places_of_stock(at=at), is_fresh(at), station="belongs_to")
