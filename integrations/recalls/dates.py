"""Expiry dates out of free text: 05/13, 02/ 2012, 5-25-2012, 07 FEB 2014, May 2013, Dec 31, 2013, 2014-05-31."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
NAMED = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*"
YEAR = r"(?:19|20)\d\d"
DATE = re.compile(
    rf"(?<![\w/.-])(?:"
    rf"(?P<iso_year>{YEAR})-(?P<iso_month>\d{{1,2}})(?:-\d{{1,2}})?"
    rf"|(?P<month>\d{{1,2}}) ?[/-] ?(?:\d{{1,2}} ?[/-] ?)?(?P<year>{YEAR}|\d\d)"
    rf"|(?:\d{{1,2}}[ -]?)?(?P<name>{NAMED})[. -]{{0,2}}(?:\d{{1,2}}(?:st|nd|rd|th)?,? {{0,2}})?(?P<named_year>{YEAR})"
    rf"|(?P<short_name>{NAMED})[. -]{{1,2}}(?P<short_year>\d\d)"
    rf")(?![\w/-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Month:
    """The month of a date, where it stands in the text. Days differ by habit: the first or the last of the month."""

    year: int
    month: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def read_months(text: str) -> Iterator[Month]:
    """Every date of a text whose month there is, in order."""
    for found in DATE.finditer(text):
        name = found["name"] or found["short_name"]
        month = MONTHS[name[:3].lower()] if name else int(found["iso_month"] or found["month"])
        year = int(found["iso_year"] or found["year"] or found["named_year"] or found["short_year"])
        if 1 <= month <= 12:
            yield Month(year + 2000 if year < 100 else year, month, found.start(), found.end())
