"""Every figure over a period beside the period before it, from the daily snapshots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from django.utils.translation import gettext

from dashboard.models import DailySnapshot
from dashboard.queries.figures import BY_SLUG, Definition
from dashboard.queries.periods import Period
from dashboard.queries.readings import hours
from dashboard.queries.trend import NUMBERS, UNITS


@dataclass(frozen=True)
class Compared:
    """The mean of a figure over the days of a period and of the one before; none where no day has a number."""

    definition: Definition
    unit: str
    now: float | None
    then: float | None

    @property
    def now_text(self) -> str:
        return self._text(self.now)

    @property
    def then_text(self) -> str:
        return self._text(self.then)

    @property
    def difference(self) -> str:
        """What changed, as it reads: +1.3 points, −2 h; nothing where there is nothing to compare."""
        if self.now is None or self.then is None:
            return ""
        more = self._rounded(self.now) - self._rounded(self.then)
        if self.now_text == self.then_text:
            return gettext("no change")
        sign = "+" if more > 0 else "−"
        if self.unit == "%":
            return gettext("%(difference)s points") % {"difference": f"{sign}{abs(more):,.1f}"}
        return sign + self._text(abs(more))

    @property
    def is_better(self) -> bool | None:
        """Whether it changed to the better; none where it did not change or cannot be compared."""
        if self.now is None or self.then is None or self.now_text == self.then_text:
            return None
        return (self.now > self.then) == self.definition.is_more_better

    def _rounded(self, number: float) -> float:
        """As it is shown, so that the difference is that of the numbers beside it."""
        return round(number) if self.unit in ("$", "h") else round(number, 1)

    def _text(self, number: float | None) -> str:
        if number is None:
            return "–"
        match self.unit:
            case "$":
                return f"${number:,.0f}"
            case "%":
                return f"{number:.1f} %"
            case "h":
                return hours(timedelta(hours=number))
        return gettext("%(number)s lines") % {"number": f"{number:,.1f}"}


@dataclass(frozen=True)
class Comparison:
    """All figures over a period and the one before, and on how many days of each they were kept."""

    period: Period
    figures: Sequence[Compared]
    days: int
    days_before: int

    def of(self, definition: Definition) -> Compared:
        return next(one for one in self.figures if one.definition == definition)


def comparison(period: Period) -> Comparison:
    """The mean of each figure over the days that have a snapshot. One query."""
    taken = DailySnapshot.objects.filter(station=None, day__gte=period.before.first, day__lte=period.last)
    return compare(period, taken.order_by("day"))


def compare(period: Period, taken: Iterable[DailySnapshot]) -> Comparison:
    """The same of snapshots that were read, which may be more."""
    now: list[DailySnapshot] = []
    then: list[DailySnapshot] = []
    for one in taken:
        if period.first <= one.day <= period.last:
            now.append(one)
        elif period.before.first <= one.day < period.first:
            then.append(one)
    found = [Compared(BY_SLUG[slug], UNITS[slug], _mean(slug, now), _mean(slug, then)) for slug in NUMBERS]
    return Comparison(period, found, len(now), len(then))


def _mean(slug: str, taken: Sequence[DailySnapshot]) -> float | None:
    numbers = [number for one in taken if (number := NUMBERS[slug](one)) is not None]
    return fmean(numbers) if numbers else None
