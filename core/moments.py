"""Days and times as people say them, in the language that is spoken and on the division's clocks."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext, ngettext, pgettext


def clock(moment: datetime) -> str:
    """A time as people say it: 14:10 today, Tue 14:10 within a week, else with the date."""
    local, today = timezone.localtime(moment), timezone.localdate()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    if -7 < days < 7:
        return weekday_clock(moment)
    if local.year != today.year:
        return calendar_day(local.date())
    return formatted(local, pgettext("date format", "M j, H:i"))


def weekday_clock(moment: datetime) -> str:
    """Tue 14:10: a time of this week."""
    return formatted(timezone.localtime(moment), "D H:i")


def calendar_day(day: date) -> str:
    """Nov 3, 2026."""
    return formatted(_local(day), pgettext("date format", "M j, Y"))


def short_day(day: date) -> str:
    """Nov 3, where the year is plain."""
    return formatted(_local(day), pgettext("date format", "M j"))


def weekday(day: date) -> str:
    """Tue, Nov 3, 2026."""
    return f"{formatted(_local(day), 'D')}, {calendar_day(day)}"


def _local(day: date) -> date:
    """A moment's day is that of the division's clocks."""
    return timezone.localtime(day) if isinstance(day, datetime) else day


def distance(delta: timedelta) -> str:
    """How far off, in the largest unit that says it: in 2 h, 3 days ago."""
    minutes = round(abs(delta).total_seconds() / 60)
    if minutes < 1:
        return gettext("now")
    if minutes < 60:
        amount = gettext("%(count)d min") % {"count": minutes}
    elif minutes < 60 * 36:
        amount = gettext("%(count)d h") % {"count": round(minutes / 60)}
    else:
        days = round(minutes / 1440)
        amount = ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    return (gettext("in %(amount)s") if delta > timedelta() else gettext("%(amount)s ago")) % {"amount": amount}


def days_off(day: date) -> str:
    """In 12 days, today, 3 days ago."""
    days = (day - timezone.localdate()).days
    if abs(days) <= 1:
        return (gettext("yesterday"), gettext("today"), gettext("tomorrow"))[days + 1]
    amount = ngettext("%(count)d day", "%(count)d days", abs(days)) % {"count": abs(days)}
    return (gettext("in %(amount)s") if days > 0 else gettext("%(amount)s ago")) % {"amount": amount}
