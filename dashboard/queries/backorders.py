"""Overdue backorders: approved, owed, and past the time by which the station was to have it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet

from dashboard.queries.promises import due_at
from orders.models import OrderLine
from stations.models import Station


def overdue_backorders(*, at: datetime, station: Station | None = None) -> "QuerySet[Any]":
    """Lines that still owe something and fell due before now. Adds ``due_at`` and ``owed_quantity``."""
    lines = OrderLine.objects.owed()
    if station:
        lines = lines.filter(order__station=station)
    return lines.annotate(
        due_at=due_at("order__"),
        owed_quantity=F("approved") - F("allocated") - F("shipped") - F("cancelled"),
    ).filter(due_at__lt=at)


def overdue_by_station(*, at: datetime) -> Mapping[int, int]:
    counts = overdue_backorders(at=at).order_by().values_list("order__station").annotate(lines=Count("pk"))
    return dict(counts)
