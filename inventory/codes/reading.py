"""One door for every code: whatever a camera, a USB scanner or a hand gives."""

import re

from django.utils.translation import gettext as _

from inventory.codes import gs1
from inventory.codes.addresses import read_address
from inventory.codes.check_digits import is_checked
from inventory.codes.gtins import LENGTHS, SSCC_LENGTH, checked, gtin_of, no_gtin, upc_e, with_ndcs
from inventory.codes.hibcs import primaries_of, read_hibc
from inventory.codes.ndcs import DASHED, ndcs_of_billing, read_ndc
from inventory.codes.scanned import Code, Scanned, System, UnreadableCode, shortened

LONGEST = 500
# How scanners that cannot send the separator write it, and how people copy it.
SEPARATORS = re.compile(r"<GS>|<FNC1>|\{GS\}|\{FNC1\}|\x1d|␝", re.IGNORECASE)
SYMBOLOGY = re.compile(r"\](?:(?P<gs1>C1|d2|Q3|e[0-3]|J1)|(?P<ean>E[0-4]|I[01])|[A-Za-z][0-9A-Za-z])")
NAMED = re.compile(r"(NDC|UPC|EAN|GTIN|SKU|HIBC|LIC)(?:\s*[:#]\s*|\s+)", re.IGNORECASE)
SPACED_DIGITS = re.compile(r"\d[\d \-]*\d", re.ASCII)
MOST_PLAIN = 80


def read_code(text: str) -> Scanned:
    """What a scan or a typed code names. Refuses, with what is wrong, a wrong check digit and what is no code at all.

    What has no form of a standard is taken for a SKU or another's own number; only the database knows those.
    """
    text = SEPARATORS.sub(gs1.SEPARATOR, text.strip("\t\r\n")).strip("\t\r\n").lstrip(" ")
    if not text.startswith("+"):  # the check character of a HIBC may be a blank
        text = text.rstrip(" ")
    if not text.strip(gs1.SEPARATOR):
        raise UnreadableCode(_("There is nothing here. Scan the code, or type what is printed below it."))
    if len(text) > LONGEST:
        said = _("This is too long for a code: %(count)s characters. Scan one code at a time.")
        raise UnreadableCode(said % {"count": f"{len(text):,}"})
    if any(not char.isprintable() and char != gs1.SEPARATOR for char in text):
        raise UnreadableCode(_("%(code)s holds signs that no code has. Scan it again.") % {"code": shortened(text)})
    if found := SYMBOLOGY.match(text):
        return _of_symbology(text[found.end() :], found)
    return _plain(text)


def _of_symbology(text: str, found: re.Match[str]) -> Scanned:
    """The scanner says what kind of code it read."""
    if not text:
        raise UnreadableCode(_("The scanner sent the kind of a code and no code. Scan it again."))
    if found["gs1"]:
        return read_address(text) if _is_address(text) else gs1.read_elements(text)
    if found["ean"]:
        digits = text.split(" ")[0]
        if not (digits.isascii() and digits.isdigit()):
            raise UnreadableCode(no_gtin(shortened(text)))
        return Scanned(text, codes=with_ndcs(gtin_of(digits)))
    return _plain(text)


def _plain(text: str) -> Scanned:
    """By its form alone."""
    if gs1.SEPARATOR in text:
        return gs1.read_elements(text)
    if text.startswith("("):
        return gs1.read_brackets(text)
    if _is_address(text):
        return read_address(text)
    if text.startswith(("+", "*+")):
        return read_hibc(text)
    if named := NAMED.match(text):
        return _named(text[named.end() :], named[1].upper())
    if DASHED.fullmatch(text) and (ndcs := _ndcs(text)):
        return Scanned(text, codes=ndcs + _own(text), sku=text)
    if SPACED_DIGITS.fullmatch(text):
        digits = text.replace(" ", "").replace("-", "")
        if digits == text or len(digits) in LENGTHS:
            return _digits(digits, text)
    if gs1.looks_like_elements(text):
        return gs1.read_elements(text)
    return _words(text)


def _is_address(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _named(text: str, name: str) -> Scanned:
    """Somebody wrote what it is: ``NDC 0409-1782-69``, ``UPC 3 0781-5248-92 5``."""
    if name == "SKU" or not text:
        return _words(text or name)
    if name in ("HIBC", "LIC"):
        return read_hibc(text if text.startswith("+") else f"+{text}")
    if name == "NDC":
        ndcs = read_ndc(re.sub(r"\s+", "", text))
        return Scanned(text, codes=tuple(Code(System.NDC, ndc) for ndc in ndcs))
    digits = re.sub(r"[\s\-]+", "", text)
    if not (digits.isascii() and digits.isdigit()):
        raise UnreadableCode(no_gtin(shortened(text), name))
    return Scanned(text, codes=with_ndcs(gtin_of(digits)))


def _ndcs(text: str) -> tuple[Code, ...]:
    try:
        return tuple(Code(System.NDC, ndc) for ndc in read_ndc(text))
    except UnreadableCode:
        return ()


def _digits(digits: str, text: str) -> Scanned:
    """Nothing but digits: their number tells."""
    size = len(digits)
    if size in (6, 8) and (short := _short(digits)):
        return Scanned(text, codes=short + _own(text), sku=text)
    if size == 8 and (dated := _dated(digits)):
        return dated
    if size in LENGTHS:
        return Scanned(text, codes=with_ndcs(gtin_of(digits)) + _own(text), sku=text)
    if size in (10, 11):
        ndcs = read_ndc(digits) if size == 10 else ndcs_of_billing(digits)
        return Scanned(text, codes=tuple(Code(System.NDC, ndc) for ndc in ndcs) + _own(text), sku=text)
    if size == SSCC_LENGTH:
        return Scanned(text, sscc=checked(digits))
    if size > SSCC_LENGTH or (digits.startswith((gs1.GTIN, gs1.CONTENT)) and size >= 16):
        return gs1.read_elements(digits)
    return _words(text)


def _short(digits: str) -> tuple[Code, ...]:
    """Six digits are a UPC-E; eight a GTIN-8 or a UPC-E with its check digit, or both."""
    found = [gtin_of(digits)] if len(digits) == 8 and is_checked(digits) else []
    if (spread := upc_e(digits)) and spread not in found:
        found.append(spread)
    return tuple(Code(System.GTIN, gtin) for gtin in found)


def _dated(digits: str) -> Scanned | None:
    """A second code beside that of the item, with nothing but a date; not where it is a GTIN-8."""
    if digits[:2] not in (gs1.BEST_BEFORE, gs1.EXPIRY) or is_checked(digits):
        return None
    try:
        return gs1.read_elements(digits)
    except UnreadableCode:
        return None


def _own(text: str) -> tuple[Code, ...]:
    return (Code(System.OTHER, text.upper()),)


def _words(text: str) -> Scanned:
    """No form of a standard: a SKU, a maker's number, perhaps a HIBC without its +."""
    if len(text) > MOST_PLAIN:
        said = _("%(code)s is no code that is known here. Scan the code of the item.")
        raise UnreadableCode(said % {"code": shortened(text)})
    upper = text.upper()
    hibcs = tuple(Code(System.HIBC, primary) for primary in primaries_of(upper))
    return Scanned(text, codes=hibcs + _own(text), sku=text)
