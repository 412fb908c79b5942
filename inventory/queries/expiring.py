"""What expires soon and what has expired, where it lies and what it is worth."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import Cast, Coalesce

from inventory.models import StockLevel
from inventory.queries.stock import expiring_soon

OWNER = Case(When(location__unit=None, then=F("location__station")), default=F("location__unit__station"))
OWNER_NAME = Case(
    When(location__unit=None, then=F("location__station__name")), default=F("location__unit__station__name")
)
OWNER_CODE = Case(
    When(location__unit=None, then=F("location__station__code")), default=F("location__unit__station__code")
)


def dated_levels(levels: QuerySet[StockLevel], *, today: date) -> "QuerySet[Any]":
    """Those of these levels that have expired or expire soon, oldest first. Adds owner_code, owner_name, cents."""
    return (
        levels.filter(Q(lot__expires_on__lt=today) | expiring_soon(today), on_hand__gt=0)
        .annotate(
            owner_code=OWNER_CODE,
            owner_name=OWNER_NAME,
            cents=Cast("on_hand", BigIntegerField()) * F("lot__item__unit_cost_cents"),
        )
        .select_related("lot__item", "location__station", "location__unit__station")
        .prefetch_related("lot__item__packs")
        .order_by("lot__expires_on", "lot_id", "pk")
    )


@dataclass(frozen=True)
class StationWorth:
    """Expired and soon expiring stock of one station: lots and cents at unit cost."""

    code: str
    name: str
    expired_lots: int
    expiring_lots: int
    expired_cents: int
    expiring_cents: int


def worth_by_station(levels: "QuerySet[Any]", *, today: date) -> list[StationWorth]:
    """The sums of such stock for each station, the most expired value first."""
    expired = Q(lot__expires_on__lt=today)
    rows = (
        levels.order_by()
        .values("owner_code", "owner_name")
        .annotate(
            expired_lots=Count("pk", filter=expired),
            expiring_lots=Count("pk", filter=~expired),
            expired_cents=Coalesce(Sum("cents", filter=expired), 0),
            expiring_cents=Coalesce(Sum("cents", filter=~expired), 0),
        )
    )
    worths = [StationWorth(row.pop("owner_code"), row.pop("owner_name"), **row) for row in rows]
    return sorted(worths, key=lambda one: (-one.expired_cents, -one.expiring_cents, one.name))
