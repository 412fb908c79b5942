"""What came in, what was used, and what was lost, in cents at today's unit cost; and the movements behind it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Case, Count, DateField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, TruncDate, TruncWeek
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.queries.periods import Period
from dashboard.queries.trend import WEEKS
from dashboard.queries.weeks import Week
from inventory.models import StockMovement

Reason = StockMovement.Reason
RECEIVED, USED = "received", "used"
WASTED, EXPIRED, DISCARDED, LOST = "wasted", "expired", "discarded", "lost"
WASTE = "waste"
NAMES: Mapping[str, Promise] = {
    RECEIVED: _("Received from suppliers"),
    USED: _("Used on patients"),
    WASTED: _("Wasted"),
    EXPIRED: _("Discarded past its last day"),
    DISCARDED: _("Discarded for another reason"),
    LOST: _("Lost in transit"),
    WASTE: _("Waste, all together"),
}
SPENT, LOSSES = (RECEIVED, USED), (WASTED, EXPIRED, DISCARDED, LOST)
KINDS: Mapping[str, str] = {
    Reason.RECEIVED: RECEIVED,
    Reason.USED: USED,
    Reason.WASTED: WASTED,
    Reason.DISCARDED: DISCARDED,
    Reason.LOST: LOST,
}
# Under which address the movements of a kind are, and which kinds those are.
OPENED: Mapping[str, tuple[Promise, Sequence[str]]] = {
    slug: (name, LOSSES if slug == WASTE else [slug]) for slug, name in NAMES.items()
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


Spent = tuple[Mapping[str, int], Mapping[str, int]]  # cents by kind in a period, and in the one before it
BY_WEEK, THEN, NOW = -1, 0, 1


def spending(week: Week) -> Spending:
    """The movements of twelve weeks, added up; what was undone since does not count. One query."""
    return _as_spending(week, _by_week(week))


def spent(period: Period) -> Spent:
    """Cents by kind in a period, and in the one before it. One query."""
    return _as_spent(_by_half(period))


def spending_and_spent(week: Week, period: Period) -> tuple[Spending, Spent]:
    """Both of them. One query."""
    rows = list(_by_week(week).union(_by_half(period), all=True))
    return _as_spending(week, rows), _as_spent(rows)


def _by_week(week: Week) -> "QuerySet[Any, Any]":
    """Reason, whether it was expired, Monday, ``BY_WEEK`` and the cents of twelve weeks."""
    moved = _moved(week.back(WEEKS - 1).begins_at, week.ends_at)
    parts = moved.annotate(monday=TruncWeek("moved_at", output_field=DateField()), part=Value(BY_WEEK))
    return _added(parts)


def _by_half(period: Period) -> "QuerySet[Any, Any]":
    """Reason, whether it was expired, no Monday, ``NOW`` or ``THEN`` and the cents of a period and the one before."""
    is_now = When(moved_at__gte=period.begins_at, then=Value(NOW))
    moved = _moved(period.before.begins_at, period.ends_at)
    return _added(moved.annotate(monday=Value(None, DateField()), part=Case(is_now, default=Value(THEN))))


def _added(parts: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    rows = parts.order_by().values_list("reason", "was_expired", "monday", "part")
    added: QuerySet[Any, Any] = rows.annotate(total=Sum("cents"))
    return added


def _as_spending(week: Week, rows: Iterable[Any]) -> Spending:
    cents: Counter[tuple[str, Week]] = Counter()
    for reason, was_expired, monday, part, total in rows:
        if part == BY_WEEK:
            cents[_kind(reason, was_expired), Week(monday)] += total
    return Spending(week, cents)


def _as_spent(rows: Iterable[Any]) -> Spent:
    halves = {NOW: Counter[str](), THEN: Counter[str]()}
    for reason, was_expired, _week, part, total in rows:
        if part != BY_WEEK:
            halves[part][_kind(reason, was_expired)] += total
    return halves[NOW], halves[THEN]


def movements_of(kinds: Sequence[str], period: Period) -> "QuerySet[Any, Any]":
    """The movements of these kinds in a period, the newest first, each with its ``cents``: added up, they are what was
    spent on them."""
    reasons = [reason for reason, kind in KINDS.items() if kind in kinds or (kind == DISCARDED and EXPIRED in kinds)]
    moved = _moved(period.begins_at, period.ends_at, reasons).order_by("-moved_at", "-pk")
    if (DISCARDED in kinds) == (EXPIRED in kinds):
        return moved
    return moved.filter(~Q(reason=Reason.DISCARDED) | Q(was_expired=EXPIRED in kinds))


def total_of(movements: "QuerySet[Any, Any]") -> tuple[int, int]:
    """What these movements add up to in cents, and how many they are. One query."""
    found = movements.aggregate(total=Sum("cents"), lines=Count("pk"))
    return found["total"] or 0, found["lines"]


def _kind(reason: str, was_expired: bool) -> str:
    return EXPIRED if reason == Reason.DISCARDED and was_expired else KINDS[reason]


def _moved(begins_at: datetime, ends_at: datetime, reasons: Sequence[str] = tuple(KINDS)) -> "QuerySet[Any, Any]":
    moved = StockMovement.objects.filter(
        reason__in=reasons, moved_at__gte=begins_at, moved_at__lt=ends_at, reversed_by=None
    )
    return priced(moved)


def priced(moved: "QuerySet[StockMovement]") -> "QuerySet[Any, Any]":
    """Movements, each with its ``cents``, and whether what it discarded was past its last day."""
    was_expired = Case(
        # The cheap half first: SQLite works a day out in Python, row by row.
        When(Q(reason=Reason.DISCARDED) & Q(lot__expires_on__lt=TruncDate("moved_at")), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return moved.annotate(
        was_expired=was_expired, cents=Cast("quantity", BigIntegerField()) * F("lot__item__unit_cost_cents")
    )
