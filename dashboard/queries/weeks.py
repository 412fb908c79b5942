"""Weeks, from Monday to Sunday in the division's time zone, named as ISO 8601 does: 2026-W48."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.moments import calendar_day

NAMED = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
FIRST = date(2000, 1, 3)  # nobody has kept figures for longer


@dataclass(frozen=True, order=True)
class Week:
    """A week, by its first day."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def named(cls, name: str, today: date) -> "Week":
        """The week of this name, this week for none. Refuses what is no week, or one that has not begun."""
        if not name:
            return cls.of(today)
        found = NAMED.fullmatch(name.strip().upper())
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
        except ValueError:
            monday = None
        if monday is None or not monday >= FIRST:
            refusal = _("Write a week as %(week)s: its year, and its number from 01 to 53.")
            raise DomainError(refusal % {"week": cls.of(today)})
        if monday > today:
            raise DomainError(_("Week %(week)s has not begun yet.") % {"week": cls(monday)})
        return cls(monday)

    def __str__(self) -> str:
        return f"{self.monday:%G-W%V}"

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def days(self) -> str:
        """Nov 23, 2026 – Nov 29, 2026."""
        return f"{calendar_day(self.monday)} – {calendar_day(self.sunday)}"

    @property
    def begins_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.monday, time()))

    @property
    def ends_at(self) -> datetime:
        return self.back(-1).begins_at

    def back(self, weeks: int) -> "Week":
        """So many weeks earlier."""
        return Week(self.monday - timedelta(weeks=weeks))
