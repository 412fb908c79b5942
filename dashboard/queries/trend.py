"""Twelve weeks of the figures, one point a week, from the daily snapshots."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext

from core.lines import LineChart, line_chart
from dashboard.models import DailySnapshot
from dashboard.queries.figures import BY_SLUG, Definition, Target
from dashboard.queries.shares import Share
from stations.models import Station

WEEKS = 12

# Each figure as a number from a snapshot. Figures that are left out are no use as a line.
NUMBERS: Mapping[str, Callable[[DailySnapshot], float | None]] = {
    "ready-stations": lambda taken: Share(taken.stations_ready, taken.stations).percent,
    "line-fill": lambda taken: Share(taken.lines_filled, taken.lines_asked).percent,
    "stock-outs": lambda taken: Share(taken.par_lines_out, taken.par_lines).percent,
    "request-to-receipt": lambda taken: None if taken.receipt_minutes is None else taken.receipt_minutes / 60,
    "overdue-backorders": lambda taken: taken.backorders_overdue,
    "expiring-value": lambda taken: taken.expiring_cents / 100,
    "expired-value": lambda taken: taken.expired_cents / 100,
    "count-freshness": lambda taken: Share(taken.places_counted, taken.places).percent,
}
UNITS = {
    "ready-stations": "%", "line-fill": "%", "stock-outs": "%", "count-freshness": "%",
    "request-to-receipt": "h", "overdue-backorders": "lines", "expiring-value": "$", "expired-value": "$",
}  # fmt: skip


@dataclass(frozen=True)
class Trend:
    """One figure over twelve weeks, oldest first; a week without a number is a gap."""

    definition: Definition
    unit: str
    points: Sequence[tuple[date, float | None]]
    chosen: Target | None = None

    @property
    def unit_word(self) -> str:
        """Its unit, as it is said."""
        return gettext("lines") if self.unit == "lines" else self.unit

    @property
    def target(self) -> float | None:
        """The target in the unit of the line."""
        number = (self.chosen or self.definition.usual).number
        return number / 100 if number is not None and self.unit == "$" else number

    @property
    def chart(self) -> LineChart:
        """Its line, with the target across."""
        return line_chart([number for _, number in self.points], level=self.target)


def snapshots(today: date, station: Station | None = None) -> list[DailySnapshot]:
    """The last snapshot of each of the last twelve weeks, oldest first. One query."""
    taken = DailySnapshot.objects.filter(recent(today), station=station)
    return weekly(taken.order_by("day"), today)


def recent(today: date) -> Q:
    """The days of the last twelve weeks."""
    return Q(day__gt=today - timedelta(weeks=WEEKS), day__lte=today)


def weekly(taken: Iterable[DailySnapshot], today: date) -> list[DailySnapshot]:
    """The last of each of the last twelve weeks, of snapshots that come oldest first and may be more."""
    began = today - timedelta(weeks=WEEKS)
    return list({(today - one.day).days // 7: one for one in taken if began < one.day <= today}.values())


def trends(taken: Sequence[DailySnapshot]) -> list[Trend]:
    """Every figure as a line; none before there are two weeks to draw one from."""
    if len(taken) < 2:
        return []
    return [
        Trend(BY_SLUG[slug], UNITS[slug], [(one.day, number(one)) for one in taken]) for slug, number in NUMBERS.items()
    ]
