"""Lots: which there are, and where each is."""

from datetime import date
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import Lot, StockLevel
from inventory.queries.stock import expiring_soon, matching

FILTERS = ("expired", "expiring", "quarantined", "recalled", "gone")


def lot_rows(
    lots: "QuerySet[Any]", levels: QuerySet[StockLevel], *, text: str = "", show: str = "", today: date
) -> "QuerySet[Any]":
    """Lots with stock among these levels, first expired first; or those that a filter names. Adds ``on_hand``."""
    held = levels.filter(lot=OuterRef("pk"), on_hand__gt=0)
    total = held.order_by().values("lot").annotate(total=Sum("on_hand")).values("total")
    lots = lots.annotate(on_hand=Coalesce(Subquery(total, IntegerField()), 0))
    lots = lots.filter(~Exists(held) if show == "gone" else Exists(held))
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


def levels_of(lot: Lot, levels: QuerySet[StockLevel]) -> "QuerySet[StockLevel]":
    """Those of these levels that hold a lot."""
    return (
        levels.filter(lot=lot, on_hand__gt=0)
        .select_related("location__station", "location__unit__station")
        .order_by("location")
    )
