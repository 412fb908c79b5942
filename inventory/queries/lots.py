"""Lots: which there are, and where each is."""

from datetime import date
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.access import visible_locations
from inventory.models import Lot, StockLevel
from inventory.queries.stock import expiring_soon, matching
from stations.access import READS_ALL
from stations.models import User

FILTERS = ("expired", "expiring", "quarantined", "recalled", "gone")


def visible_lots(user: User) -> "QuerySet[Lot]":
    """The lots that were ever in a place that the person may see; all for those who read all."""
    if user.role in READS_ALL:
        return Lot.objects.all()
    levels = StockLevel.objects.filter(location__in=visible_locations(user).values("pk"))
    return Lot.objects.filter(pk__in=levels.values("lot"))


def lot_rows(user: User, *, text: str = "", show: str = "", today: date) -> "QuerySet[Any]":
    """Lots with stock, first expired first; or those that a filter names. Adds ``on_hand``."""
    levels = StockLevel.objects.filter(
        lot=OuterRef("pk"), on_hand__gt=0, location__in=visible_locations(user).values("pk")
    )
    total = levels.order_by().values("lot").annotate(total=Sum("on_hand")).values("total")
    lots = visible_lots(user).annotate(on_hand=Coalesce(Subquery(total, IntegerField()), 0))
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


def levels_of(lot: Lot, user: User) -> "QuerySet[StockLevel]":
    """Where a lot is, in the places that the person may see."""
    levels = StockLevel.objects.filter(lot=lot, on_hand__gt=0, location__in=visible_locations(user).values("pk"))
    return levels.select_related("location__station", "location__unit__station").order_by("location")
