"""What came in, what was used, and what was lost, week by week, in cents at today's unit cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Case, DateField, F, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, TruncDate, TruncWeek

from dashboard.queries.trend import WEEKS
from dashboard.queries.weeks import Week
from inventory.models import StockMovement

Reason = StockMovement.Reason
RECEIVED, USED = "Received from suppliers", "Used on patients"
WASTED, EXPIRED, DISCARDED, LOST = (
    "Wasted",
    "Discarded past its last day",
    "Discarded for another reason",
    "Lost in transit",
)
SPENT, LOSSES = (RECEIVED, USED), (WASTED, EXPIRED, DISCARDED, LOST)
KINDS: Mapping[str, str] = {
    Reason.RECEIVED: RECEIVED,
    Reason.USED: USED,
    Reason.WASTED: WASTED,
    Reason.DISCARDED: DISCARDED,
    Reason.LOST: LOST,
}


@dataclass(frozen=True)
class Spending:
    """Cents by kind and week, of the twelve weeks that end with ``week``."""

    week: Week
    cents: Mapping[tuple[str, Week], int]

    @property
    def weeks(self) -> Sequence[Week]:
        """Oldest first."""
        return [self.week.back(number) for number in reversed(range(WEEKS))]

    def of(self, kinds: Sequence[str], week: Week) -> int:
        return sum(self.cents.get((kind, week), 0) for kind in kinds)

    def mean(self, kinds: Sequence[str]) -> int:
        """A week, over the twelve, weeks in which nothing moved included."""
        return round(sum(self.of(kinds, week) for week in self.weeks) / WEEKS)


def spending(week: Week) -> Spending:
    """The movements of twelve weeks, added up; what was undone since does not count. One query."""
    cents: Counter[tuple[str, Week]] = Counter()
    for row in _sums(week):
        kind = EXPIRED if row["reason"] == Reason.DISCARDED and row["was_expired"] else KINDS[row["reason"]]
        cents[kind, Week(row["monday"])] += row["cents"]
    return Spending(week, cents)


def _sums(week: Week) -> "QuerySet[Any, Any]":
    moved = StockMovement.objects.filter(
        reason__in=list(KINDS),
        moved_at__gte=week.back(WEEKS - 1).begins_at,
        moved_at__lt=week.ends_at,
        reversed_by=None,
    )
    was_expired = Case(
        When(reason=Reason.DISCARDED, lot__expires_on__lt=TruncDate("moved_at"), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return (
        moved.annotate(monday=TruncWeek("moved_at", output_field=DateField()), was_expired=was_expired)
        .order_by()
        .values("reason", "monday", "was_expired")
        .annotate(cents=Sum(Cast("quantity", BigIntegerField()) * F("lot__item__unit_cost_cents")))
    )
