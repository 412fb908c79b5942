"""GS1 codes: element strings as scanners send them, the same in brackets as people read them, and Digital Links."""

import re
from collections.abc import Callable, Iterable
from datetime import date

from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message
from django.utils.translation import gettext as _

from inventory.codes.check_digits import is_checked
from inventory.codes.gtins import checked, with_ndcs
from inventory.codes.ndcs import read_ndc
from inventory.codes.scanned import Code, Scanned, System, UnreadableCode, shortened

SEPARATOR = "\x1d"
BRACKETS = re.compile(r"(?:\(\d{2,4}\)[^()]+)+", re.ASCII)
# Some labels print a date of nothing but zeros for "none"; every other wrong date is refused here.
CONFIG = ParseConfig(gs1_element_strings_verify_date=False)
SSCC, GTIN, CONTENT, LOT, SERIAL, BEST_BEFORE, EXPIRY = "00", "01", "02", "10", "21", "15", "17"
EXPIRY_HOUR, FDA_NUMBER = "7003", "715"
COUNTS = ("30", "37")
KNOWN = {SSCC, GTIN, CONTENT, LOT, SERIAL, BEST_BEFORE, EXPIRY, EXPIRY_HOUR, FDA_NUMBER, *COUNTS}


def looks_like_elements(text: str) -> bool:
    """Whether it begins with a GTIN or SSCC and its application identifier, the check digit being right."""
    digits = text[2:20] if text.startswith(SSCC) else text[2:16]
    is_long = len(digits) == (18 if text.startswith(SSCC) else 14)
    return text[:2] in (SSCC, GTIN, CONTENT) and is_long and _are_digits(digits) and is_checked(digits)


def read_elements(text: str) -> Scanned:
    """What a scanner sends, a separator (FNC1, GS) behind each part of open length."""
    return _read(text, lambda: GS1Message.parse(text.strip(SEPARATOR), config=CONFIG).element_strings)


def read_brackets(text: str) -> Scanned:
    """``(01)07032069804988(10)0329``, as it stands below the code."""
    if not BRACKETS.fullmatch("".join(text.split())):
        raise _unreadable(text)
    return _read(text, lambda: GS1Message.parse_hri(text, config=CONFIG).element_strings)


def read_digital_link(text: str) -> Scanned:
    return _read(text, lambda: GS1DigitalLinkURI.parse(text, config=CONFIG).element_strings)


def _read(text: str, parse: Callable[[], Iterable[GS1ElementString]]) -> Scanned:
    try:
        elements = list(parse())
    except (ParseError, ValueError) as error:
        raise _unreadable(text) from error
    values: dict[str, str] = {}
    for element in elements:
        if values.setdefault(element.ai.ai, element.value) != element.value:
            said = _("This code says two different things for (%(part)s). Scan one code at a time.")
            raise UnreadableCode(said % {"part": element.ai.ai})
    if not values:
        raise _unreadable(text)
    dates = {
        element.ai.ai: _date(element) for element in elements if element.ai.ai in (EXPIRY, EXPIRY_HOUR, BEST_BEFORE)
    }
    return Scanned(
        text,
        codes=_codes(values),
        sscc=_checked(values.get(SSCC, "")),
        lot=values.get(LOT, ""),
        serial=values.get(SERIAL, ""),
        expires_on=dates.get(EXPIRY) or dates.get(EXPIRY_HOUR),
        best_before_on=dates.get(BEST_BEFORE),
        count=next((int(values[ai]) for ai in COUNTS if ai in values), None),
        others={ai: value for ai, value in values.items() if ai not in KNOWN},
    )


def _codes(values: dict[str, str]) -> tuple[Code, ...]:
    gtin = _checked(values.get(GTIN) or values.get(CONTENT, ""))
    codes = with_ndcs(gtin) if gtin else ()
    if number := values.get(FDA_NUMBER):
        told = tuple(Code(System.NDC, ndc) for ndc in read_ndc(number))
        codes = tuple(code for code in codes if code.system is not System.NDC) + told
    return codes


def _checked(digits: str) -> str:
    if digits and not _are_digits(digits):
        raise UnreadableCode(_("%(code)s is not a number. Scan it again.") % {"code": shortened(digits)})
    return checked(digits) if digits else ""


def _date(element: GS1ElementString) -> date | None:
    """The day; where a label says day 00, the last of the month."""
    if element.date is None and element.value.strip("0"):
        said = _("(%(part)s) says a day that there is not: %(day)s. Scan it again.")
        raise UnreadableCode(said % {"part": element.ai.ai, "day": element.value})
    return element.date


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _unreadable(text: str) -> UnreadableCode:
    return UnreadableCode(
        _("%(code)s is not a whole GS1 code. Scan it again; if it stays so, type the GTIN printed below it.")
        % {"code": shortened(text)}
    )
