"""Cells to times, dates and weekdays."""

import re
from datetime import date, time

from django.utils.translation import gettext as _

from inventory.imports.values import BadValue, Kind, Value, shortened

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(:\d{2})?", re.ASCII)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EVERY_DAY = 0b111_1111


def clock() -> Kind:
    """A time of day: 07:00, or 7:00."""

    def read(cell: str) -> time:
        found = _CLOCK.fullmatch(cell)
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise BadValue(_("%(cell)r is not a time of day: write it as 07:00.") % {"cell": shortened(cell)})
        return time(int(found[1]), int(found[2]))

    return Kind(read, lambda value: f"{value:%H:%M}" if isinstance(value, time) else "")


def day() -> Kind:
    """A date as 2027-03-31. Other orders of day and month are refused: nobody can tell them apart."""

    def read(cell: str) -> date:
        try:
            value = date.fromisoformat(cell)
        except ValueError:
            value = None
        if value is None or len(cell) != 10:
            raise BadValue(
                _("%(cell)r is not a date: write year-month-day, as 2027-03-31.") % {"cell": shortened(cell)}
            )
        if not 2000 <= value.year <= 2099:
            raise BadValue(_("%(cell)s: the year must be from 2000 to 2099.") % {"cell": cell})
        return value

    return Kind(read, lambda value: value.isoformat() if isinstance(value, date) else "")


def weekdays() -> Kind:
    """Days as "Mon Wed Fri", or "daily". Kept as bits, Monday being bit 0."""

    def read(cell: str) -> int:
        if cell.casefold() in {"daily", "every day", "all"}:
            return _EVERY_DAY
        bits = 0
        for word in re.split(r"[\s,;/]+", cell.strip(" ,;/")):
            short = word[:3].title()
            if short not in _DAYS or len(word) < 3:
                raise BadValue(
                    _("%(cell)r is not a day: write days as Mon Wed Fri, or daily.") % {"cell": shortened(word)}
                )
            bits |= 1 << _DAYS.index(short)
        return bits

    def show(value: Value) -> str:
        bits = int(str(value))
        return "daily" if bits == _EVERY_DAY else " ".join(d for n, d in enumerate(_DAYS) if bits >> n & 1)

    return Kind(read, show)
