"""Health Industry Bar Codes: + and a primary, with or without lot, expiry and serial number behind a slash
(ANSI/HIBC 2.6, Supplier Labeling Standard)."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from inventory.codes.check_digits import MODULO_43, hibc_check_character
from inventory.codes.scanned import Code, Scanned, System, UnreadableCode, shortened

# The labeler's code, the product, and one digit for the level of packing.
PRIMARY = re.compile(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}\d", re.ASCII)
# By the digit that announces it: how many characters a date takes, and how it is written. HH, an hour, is passed over.
DATES = {"2": (6, "%m%d%y"), "3": (6, "%y%m%d"), "4": (8, "%y%m%d"), "5": (5, "%y%j"), "6": (7, "%y%j")}
QUANTITY_DIGITS = {"8": 2, "9": 5}


@dataclass
class Behind:
    """What the secondary says."""

    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    count: int | None = None


def is_primary(text: str) -> bool:
    return PRIMARY.fullmatch(text) is not None


def read_hibc(text: str) -> Scanned:
    """A HIBC from its +. The check character may be missing, but not behind a lot or date: one wrong letter there would
    be another lot."""
    text = _with_blank(text.strip("*").upper())
    if not set(text) <= set(MODULO_43):
        said = _("%(code)s begins as a HIBC, and has letters that no HIBC has. Scan it again.")
        raise UnreadableCode(said % {"code": shortened(text)})
    right = hibc_check_character(text[:-1])
    is_checked = len(text) > 2 and text[-1] == right
    if primaries := primaries_of(text[1:]):
        return _scanned(text, primaries, Behind())
    primary, _slash, behind = (text[1:-1] if is_checked else text[1:]).partition("/")
    if primary[:1] == "$" or primary[:1].isdigit():
        return _secondary_alone(text, is_checked, right)
    if not is_checked and (behind or is_primary(text[1:-1])):
        raise _mistyped(text, right)
    if not is_primary(primary):
        said = _("%(code)s begins as a HIBC, and names no product. Scan it again.")
        raise UnreadableCode(said % {"code": shortened(text)})
    return _scanned(text, (primary,), read_behind(behind))


def primaries_of(text: str) -> tuple[str, ...]:
    """The primaries that a text without its + may be, with and without a check character; registers write both. One
    time in 43 a last digit may be either."""
    with_check = is_primary(text[:-1]) and hibc_check_character(f"+{text[:-1]}") == text[-1]
    return ((text[:-1],) if with_check else ()) + ((text,) if is_primary(text) else ())


def _with_blank(text: str) -> str:
    """The check character may be a blank, which is printed as _ and lost at the end of what people copy."""
    had_blank = text.endswith((" ", "_"))
    text = text.rstrip(" _")
    if not text or not set(text) <= set(MODULO_43):
        return text
    is_checked = text[-1] == hibc_check_character(text[:-1])
    return f"{text} " if (had_blank or not is_checked) and hibc_check_character(text) == " " else text


def _scanned(text: str, primaries: tuple[str, ...], behind: Behind) -> Scanned:
    return Scanned(
        text,
        codes=tuple(Code(System.HIBC, primary) for primary in primaries),
        lot=behind.lot,
        serial=behind.serial,
        expires_on=behind.expires_on,
        count=behind.count,
    )


def _mistyped(text: str, right: str) -> UnreadableCode:
    shown = _("a blank") if right == " " else right
    said = _("%(code)s is mistyped or misread: its last character should be %(right)s.")
    return UnreadableCode(said % {"code": shortened(text), "right": shown})


def _secondary_alone(text: str, is_checked: bool, right: str) -> Scanned:
    """A second code beside the primary: its last two characters are that one's check character and its own."""
    if not is_checked:
        raise _mistyped(text, right)
    return _scanned(text, (), read_behind(text[1:-2]))


def read_behind(text: str) -> Behind:
    """Lot, expiry, serial number and quantity from a secondary without its check character."""
    found = Behind()
    first, *others = text.split("/")
    if first.startswith("$$"):
        is_serial = first.startswith("$$+")
        rest = _dated(first[3:] if is_serial else first[2:], found)
        found.serial, found.lot = (rest, "") if is_serial else ("", rest)
    elif first.startswith("$+"):
        found.serial = first[2:]
    elif first.startswith("$"):
        found.lot = first[1:]
    elif first[:5].isdigit() and len(first) >= 5:
        found.expires_on, found.lot = _day(first[:5], "%y%j"), first[5:]
    elif first:
        others.insert(0, first)
    for other in others:
        _identified(other, found)
    return found


def _dated(text: str, found: Behind) -> str:
    """Takes the quantity and the date from the begin of what follows $$; gives the rest."""
    if size := QUANTITY_DIGITS.get(text[:1]):
        digits, text = text[1 : 1 + size], text[1 + size :]
        if not digits.isdigit() or len(digits) < size:
            said = _("The quantity of this HIBC cannot be read: %(text)s. Scan it again.")
            raise UnreadableCode(said % {"text": shortened(digits)})
        found.count = int(digits)
    flag = text[:1]
    if flag in DATES:
        size, form = DATES[flag]
        found.expires_on = _day(text[1 : 1 + size], form, size)
        return text[1 + size :]
    if flag == "7":
        return text[1:]
    if flag in ("0", "1"):
        found.expires_on = _day(text[:4], "%m%y", 4)
        return text[4:]
    if text:
        said = _("The date of this HIBC cannot be read: %(text)s. Scan it again.")
        raise UnreadableCode(said % {"text": shortened(text)})
    return ""


def _identified(text: str, found: Behind) -> None:
    """One further piece, by its data identifier (ANSI MH10.8.2)."""
    if text.startswith("14D"):
        found.expires_on = _day(text[3:], "%Y%m%d", 8)
    elif text.startswith("S") and text[1:]:
        found.serial = text[1:]
    elif text.startswith("Q") and text[1:].isdigit() and len(text) <= 7:
        found.count = int(text[1:])


def _day(digits: str, form: str, size: int = 5) -> date:
    """The day that the digits say; the last of the month where they say no day."""
    try:
        if len(digits) != size or not digits.isdigit():
            raise ValueError
        if form == "%m%y":
            month, year = int(digits[:2]), 2000 + int(digits[2:])
            return date(year, month, calendar.monthrange(year, month)[1])
        if form == "%y%j":
            year, day = 2000 + int(digits[:2]), int(digits[2:5])
            return _within(year, date(year, 1, 1) + timedelta(days=day - 1))
        written = digits[:8] if form == "%Y%m%d" else digits[:6]
        return datetime.strptime(written, form).date()  # noqa: DTZ007 - a day, at no hour
    except ValueError as error:
        said = _("This HIBC says a day that there is not: %(text)s. Scan it again.")
        raise UnreadableCode(said % {"text": shortened(digits)}) from error


def _within(year: int, day: date) -> date:
    """A day of this year; 000 and 366 may fall outside."""
    if day.year != year:
        raise ValueError
    return day
