"""The ledger, line by line, newest first."""

from typing import Any

from django.db.models import Q, QuerySet

from inventory.access import visible_locations
from inventory.models import StockMovement
from stations.access import READS_ALL
from stations.models import User


def visible_movements(user: User) -> "QuerySet[StockMovement]":
    """The movements from and to the places that the person may see."""
    movements = StockMovement.objects.select_related(
        "lot__item", "source__station", "destination__station", "moved_by", "witness", "reversed_by"
    ).prefetch_related("lot__item__packs")
    if user.role not in READS_ALL:
        places = visible_locations(user).values("pk")
        movements = movements.filter(Q(source__in=places) | Q(destination__in=places))
    return movements.order_by("-pk")


def filtered(movements: "QuerySet[StockMovement]", chosen: dict[str, Any]) -> "QuerySet[StockMovement]":
    """Only what was chosen: item, lot, place, reason, and days from and to."""
    if chosen.get("item"):
        movements = movements.filter(lot__item=chosen["item"])
    if chosen.get("lot"):
        movements = movements.filter(lot=chosen["lot"])
    if chosen.get("place"):
        movements = movements.filter(Q(source=chosen["place"]) | Q(destination=chosen["place"]))
    if chosen.get("reason"):
        movements = movements.filter(reason=chosen["reason"])
    if chosen.get("since"):
        movements = movements.filter(moved_at__date__gte=chosen["since"])
    if chosen.get("until"):
        movements = movements.filter(moved_at__date__lte=chosen["until"])
    return movements
