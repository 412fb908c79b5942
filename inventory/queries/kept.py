"""Sums over all stock of a large division, as the worker added them up, for those who see all of it.

The dashboard keeps them at the same moment as its figures (``dashboard.queries.kept``), so that they agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from inventory.models import StockLevel
from inventory.queries.expiring import StationWorth, dated_levels, worth_by_station
from inventory.queries.items import on_hand_by_item
from stations.access import READS_ALL
from stations.models import User

KEY = "inventory-sums"
KEPT = timedelta(minutes=30)


@dataclass(frozen=True)
class Sums:
    """As of a moment: what is on hand by item id, and what has expired or soon will at each station."""

    at: datetime
    on_hand: Mapping[int, int]
    worth: Sequence[StationWorth]


def read_sums(*, at: datetime) -> Sums:
    """Two queries, over all stock."""
    levels, today = StockLevel.objects.all(), timezone.localdate(at)
    return Sums(at, on_hand_by_item(levels), worth_by_station(dated_levels(levels, today=today), today=today))


def keep_sums(sums: Sums) -> None:
    cache.set(KEY, sums, KEPT.total_seconds())


def forget_sums() -> None:
    cache.delete(KEY)


def kept_sums(user: User) -> Sums | None:
    """The sums, if they are kept and this person sees all that they are made of."""
    if user.role not in READS_ALL:
        return None
    sums: Sums | None = cache.get(KEY)
    return sums
