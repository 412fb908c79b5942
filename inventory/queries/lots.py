"""Lots: which there are, and where each is."""

from datetime import date
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import Lot, StockLevel
from inventory.queries.stock import expiring_soon, matching
from stations.models import Location

FILTERS = ("expired", "expiring", "quarantined", "recalled", "gone")


def lot_rows(
    lots: "QuerySet[Any]", places: QuerySet[Location], *, text: str = "", show: str = "", today: date
) -> "QuerySet[Any]":
    """Lots with stock at these places, first expired first; or those that a filter names. Adds ``on_hand``."""
    levels = StockLevel.objects.filter(lot=OuterRef("pk"), on_hand__gt=0, location__in=places.values("pk"))
    total = levels.order_by().values("lot").annotate(total=Sum("on_hand")).values("total")
    lots = lots.annotate(on_hand=Coalesce(Subquery(total, IntegerField()), 0))
    lots = lots.filter(on_hand=0) if show == "gone" else lots.filter(on_hand__gt=0)
    if show in ("quarantined", "recalled"):
        lots = lots.filter(status=show)
    elif show == "expired":
        lots = lots.filter(expires_on__lt=today)
    elif show == "expiring":
        lots = lots.filter(expiring_soon(today, path=""))
    return (
        _named(lots, text)
        .select_related("item")
        .prefetch_related("item__packs")
        .order_by(F("expires_on").asc(nulls_last=True), "pk")
    )


def _named(lots: "QuerySet[Any]", text: str) -> "QuerySet[Any]":
    """By the begin of a lot or serial number, or by what names its item."""
    if not text:
        return lots
    items = matching(Lot.objects.all(), text, path="item__").values("pk")
    return lots.filter(Q(number__istartswith=text) | Q(serial_number__istartswith=text) | Q(pk__in=items))


def levels_of(lot: Lot, places: QuerySet[Location]) -> "QuerySet[StockLevel]":
    """Which of these places hold a lot."""
    levels = StockLevel.objects.filter(lot=lot, on_hand__gt=0, location__in=places.values("pk"))
    return levels.select_related("location__station", "location__unit__station").order_by("location")
