"""The ledger, line by line, newest first."""

from typing import Any

from django.db.models import Q, QuerySet

from inventory.models import StockMovement
from stations.models import Location


def ledger(movements: "QuerySet[StockMovement]") -> "QuerySet[StockMovement]":
    """Movements with all that a line of the ledger shows, newest first."""
    lines = movements.select_related(
        "lot__item", "source__station", "destination__station", "moved_by", "witness", "reversed_by"
    )
    return lines.prefetch_related("lot__item__packs").order_by("-pk")


def filtered(movements: "QuerySet[StockMovement]", chosen: dict[str, Any]) -> "QuerySet[StockMovement]":
    """Only what was chosen: item, lot, station, place, reason, and days from and to."""
    if chosen.get("item"):
        movements = movements.filter(lot__item=chosen["item"])
    if chosen.get("lot"):
        movements = movements.filter(lot=chosen["lot"])
    if chosen.get("station"):
        places = Location.objects.at(chosen["station"]).values("pk")
        movements = movements.filter(Q(source__in=places) | Q(destination__in=places))
    if chosen.get("place"):
        movements = movements.filter(Q(source=chosen["place"]) | Q(destination=chosen["place"]))
    if chosen.get("reason"):
        movements = movements.filter(reason=chosen["reason"])
    if chosen.get("since"):
        movements = movements.filter(moved_at__date__gte=chosen["since"])
    if chosen.get("until"):
        movements = movements.filter(moved_at__date__lte=chosen["until"])
    return movements
