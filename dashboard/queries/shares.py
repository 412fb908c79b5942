"""So many of so many: the shape that most figures have, whole or by station."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
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


def as_pairs(rows: "QuerySet[Any]", hit: Q) -> "QuerySet[Any]":
    """For each row, whether it is a hit, and that it is a row, as two numbers to ``add_up``."""
    is_hit = Case(When(hit, then=Value(1)), default=Value(0), output_field=IntegerField())
    return rows.order_by().values(one=is_hit, other=Value(1))


def add_up(
    waiting: "QuerySet[Any]", **pairs: "QuerySet[Any]"
) -> tuple[Mapping[str, tuple[int, int]], Sequence[timedelta]]:
    """The sums of the two numbers, ``one`` and ``other``, in the rows of each of these lists, by name; and how long
    each row of the first list ``waited``. One query."""
    parts: list[str] = []
    given: list[Any] = []
    for name, pair in pairs.items():
        try:
            statement, parameters = pair.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT '{name}', SUM(one), SUM(other) FROM ({statement}) AS {name}")  # noqa: S608  # made by Django
        given.extend(parameters)
    statement, parameters = waiting.order_by().values("waited").query.sql_with_params()
    whole = "EXTRACT(EPOCH FROM waited) * 1000000" if connection.vendor == "postgresql" else "waited"
    parts.append(f"SELECT '', {whole}, 0 FROM ({statement}) AS waiting")  # noqa: S608  # made by Django
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [*given, *parameters])
        rows = cursor.fetchall()
    sums = {name: (int(one or 0), int(other or 0)) for name, one, other in rows if name}
    return dict.fromkeys(pairs, (0, 0)) | sums, [timedelta(microseconds=int(one)) for name, one, _ in rows if not name]


def shares_by_station(rows: "QuerySet[Any]", hit: Q, *, station: str = "station") -> Mapping[int, Share]:
    """The same by station id, for rows that name their station. One query; stations without rows are left out."""
    counts = rows.order_by().values_list(station).annotate(whole=Count("pk"), hits=Count("pk", filter=hit))
    return {station_id: Share(hits, whole) for station_id, whole, hits in counts}


def since(at: datetime) -> datetime:
    """When the period that ends now began."""
    return at - PERIOD
