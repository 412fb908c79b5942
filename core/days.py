"""Days in few letters, in the language that is spoken now."""

from datetime import date

from django.utils.dateformat import format as formatted
from django.utils.translation import pgettext


def short_day(day: date) -> str:
    """Nov 3: a day of a year that is known."""
    return formatted(day, pgettext("format of a day without its year", "M j"))


def weekday(day: date) -> str:
    """Tue."""
    return formatted(day, "D")
