"""A range of days and the one before it, to compare them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.moments import calendar_day, short_day
from dashboard.queries.weeks import FIRST

LONGEST = 731  # days: two years


@dataclass(frozen=True)
class Period:
    """From this day to that one, both whole, in the division's time zone."""

    first: date
    last: date

    @classmethod
    def named(cls, first: str, last: str, today: date) -> "Period | None":
        """The period between two days, written as 2026-11-30; to today if the last is left out, none for neither.

        Refuses what is no day, a last day before the first, one that has not come, and more than two years.
        """
        if not first and not last:
            return None
        if not first:
            raise DomainError(_("Choose the first day, too."))
        period = cls(_day(first), _day(last) if last else today)
        if period.last < period.first:
            raise DomainError(_("The last day is before the first one."))
        if period.last > today:
            refusal = _("%(day)s has not come yet: choose today or an earlier day.")
            raise DomainError(refusal % {"day": calendar_day(period.last)})
        if period.days > LONGEST:
            raise DomainError(_("Choose two years at the most."))
        return period

    @classmethod
    def until(cls, last: date, days: int) -> "Period":
        """So many days that end with this one."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As many days directly before."""
        return Period.until(self.first - timedelta(days=1), self.days)

    @property
    def begins_at(self) -> datetime:
        return _midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        return _midnight(self.last + timedelta(days=1))

    @property
    def query(self) -> str:
        return f"from={self.first.isoformat()}&to={self.last.isoformat()}"

    def __str__(self) -> str:
        """Nov 3 – Nov 30, 2026."""
        if self.first == self.last:
            return calendar_day(self.last)
        first = short_day(self.first) if self.first.year == self.last.year else calendar_day(self.first)
        return f"{first} – {calendar_day(self.last)}"


def presets(today: date) -> list[tuple[str, Period]]:
    """The periods that are asked for most, by name."""
    return [
        (_("4 weeks"), Period.until(today, 28)),
        (_("12 weeks"), Period.until(today, 84)),
        (_("This month"), Period(today.replace(day=1), today)),
        (_("This year"), Period(today.replace(month=1, day=1), today)),
    ]


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise DomainError(_("Write days as 2026-11-30: year, month, day.")) from error
    if day < FIRST:
        refusal = _("Choose a day since %(day)s: nothing was kept before.")
        raise DomainError(refusal % {"day": calendar_day(FIRST)})
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
