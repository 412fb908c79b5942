"""What an approver sees of a request: every line, with how the station stands right now."""

from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import ParLevel, StockLevel
from orders.models import OrderLine, ResupplyOrder


def lines_to_approve(order: ResupplyOrder) -> list[OrderLine]:
    """The lines of a request with item and packs, and of their shelf now: ``par_now``, ``minimum_now`` (None when the
    item is off the list) and ``on_shelf``. What matters most comes first."""
    level = ParLevel.objects.filter(location=OuterRef("location"), item=OuterRef("item"))
    rows = (
        OrderLine.objects.filter(order=order)
        .select_related("item", "location")
        .prefetch_related("item__packs")
        .annotate(
            par_now=Subquery(level.values("par")[:1]),
            minimum_now=Subquery(level.values("minimum")[:1]),
            on_shelf=Coalesce(Subquery(_on_shelf()), 0),
        )
        .order_by("item__criticality", "item__name", "pk")
    )
    lines = list(rows)
    for line in lines:
        line.order = order
    return lines


def _on_shelf() -> QuerySet[StockLevel, Any]:
    """What lies there, whatever its date: the approver's first question."""
    here = Q(location=OuterRef("location"), lot__item=OuterRef("item"))
    held = StockLevel.objects.filter(here).order_by().values("location")
    return held.annotate(total=Sum(F("on_hand"))).values("total")
