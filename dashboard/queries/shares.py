"""So many of so many: the shape that most figures have, whole or by station."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

# Figures that look back do so over four weeks: every weekday counts alike, and one bad day still shows.
PERIOD = timedelta(days=28)

# The station that a place belongs to, itself or by its unit, seen from a row that has a ``location``.
OWNER = Coalesce("location__station_id", "location__unit__station_id")


@dataclass(frozen=True)
class Share:
    """``hits`` of ``whole``. Of nothing, the share is none: there is nothing to be good or bad at."""

    hits: int = 0
    whole: int = 0

    @property
    def percent(self) -> float | None:
        return 100 * self.hits / self.whole if self.whole else None

    def __add__(self, other: "Share") -> "Share":
        return Share(self.hits + other.hits, self.whole + other.whole)


def total(shares: Iterable[Share]) -> Share:
    return sum(shares, Share())


def share_of(rows: "QuerySet[Any]", hit: Q) -> Share:
    """How many of these rows are hits. One query."""
    counts = rows.aggregate(whole=Count("pk"), hits=Count("pk", filter=hit))
    return Share(counts["hits"], counts["whole"])


def shares_by_station(rows: "QuerySet[Any]", hit: Q, *, station: str = "station") -> Mapping[int, Share]:
    """The same by station id, for rows that name their station. One query; stations without rows are left out."""
    counts = rows.order_by().values_list(station).annotate(whole=Count("pk"), hits=Count("pk", filter=hit))
    return {station_id: Share(hits, whole) for station_id, whole, hits in counts}


def since(at: datetime) -> datetime:
    """When the period that ends now began."""
    return at - PERIOD
