"""What expires soon and what has expired on the shelf, as quantities and as money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from dashboard.queries.shares import OWNER
from inventory.models import StockLevel
from inventory.queries.stock import expiring_soon
from stations.models import Location, Station


@dataclass(frozen=True)
class Worth:
    """Stock that expires within its kind's horizon and stock past its last day, in cents at unit cost."""

    expiring: int = 0
    expired: int = 0


def dated_stock(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """Stock on hand, anywhere physical, of lots with an expiry date. Adds ``owner``, a station's id, and ``cents``."""
    levels: QuerySet[Any] = StockLevel.objects.filter(
        on_hand__gt=0, lot__expires_on__isnull=False, location__kind__in=Location.PHYSICAL
    ).annotate(owner=OWNER, cents=Cast("on_hand", BigIntegerField()) * F("lot__item__unit_cost_cents"))
    return levels.filter(owner=station.pk) if station else levels


def is_expiring(at: datetime) -> Q:
    """Still good today, and not beyond the days that the division set for its kind (KindPolicy, else 90)."""
    return expiring_soon(timezone.localdate(at))


def is_expired(at: datetime) -> Q:
    """Past the last day on which it may be used."""
    return Q(lot__expires_on__lt=timezone.localdate(at))


def worth(*, at: datetime, station: Station | None = None) -> Worth:
    return Worth(**dated_stock(at=at, station=station).aggregate(**_sums(at)))


def worth_pairs(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """For each row the cents that are expiring, and those that are expired, for ``add_up``."""
    expiring, expired = (
        Case(When(which, then=F("cents")), default=Value(0), output_field=BigIntegerField())
        for which in (is_expiring(at), is_expired(at))
    )
    return dated_stock(at=at, station=station).order_by().values(one=expiring, other=expired)


def worth_by_station(*, at: datetime) -> Mapping[int, Worth]:
    rows = dated_stock(at=at).order_by().values("owner").annotate(**_sums(at))
    return {row["owner"]: Worth(row["expiring"], row["expired"]) for row in rows}


def _sums(at: datetime) -> dict[str, Coalesce]:
    return {
        "expiring": Coalesce(Sum("cents", filter=is_expiring(at)), 0),
        "expired": Coalesce(Sum("cents", filter=is_expired(at)), 0),
    }
