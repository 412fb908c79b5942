"""The NDCs, UPCs and GTINs that a record prints in its own text, and what of them could not be read.

A code becomes a key: ``n:`` an NDC, ``p:`` a product's NDC without its package, ``g:`` the twelve digits of a GTIN
between its indicator and its check digit, which the each, the box and the case of one article share.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from integrations.recalls.ndc import PREFIX, Ndc, from_digits, from_segments, parsed
from inventory.codes.check_digits import is_checked

NDC_LABEL = re.compile(r"\bNDCs?\b", re.IGNORECASE)
GTIN_LABEL = re.compile(r"\b(?:UPCs?|GTINs?|EANs?|UDI(?:-DI)?|bar ?codes?)\b", re.IGNORECASE)
DASHED = re.compile(r"(?<![\w-])(\d{4,6}) ?- ?(\d{3,4}) ?- ?(\d{1,2})(?![\w-])")
SPACED = re.compile(r"(\d{4,6}) +(\d{3,4}) +(\d{1,2})(?![\w-])")
BARE = re.compile(r"\d{10,12}(?![\w-])")
MORE = re.compile(r"-\d{1,2}(?![\w-])")  # "0093-0787-01, -10": another package, without its product
PRODUCT = re.compile(r"(\d{4,6}) ?- ?(\d{3,4})(?![\w-])")
DIGITS = re.compile(r"\d(?:[ -]{0,2}\d){5,24}")
# What may stand between a label and its codes, and between these: "NDC a) … and b) …", "UPC code: …".
BETWEEN = re.compile(r"[\s:#,;&/().]+|-(?=\s)|(?:and|or|nos?|numbers?|codes?|is)\b|[a-z]\)|\d{1,2}\)", re.IGNORECASE)
LENGTHS = (14, 13, 12, 8)
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u00ad", "-") | {"\u00a0": " ", "\t": " "})


@dataclass(frozen=True, slots=True)
class Codes:
    """The keys of a text, what of it says a code that is none, and where the codes stand in it."""

    keys: frozenset[str]
    unread: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


def plain(text: str) -> str:
    """The text with one kind of dash and of blank; as long as it was."""
    return text.translate(DASHES)


def read_codes(text: str) -> Codes:
    """Every code of a text. Digits without dashes count only after a label that says what they are."""
    text = plain(text)
    keys: set[str] = set()
    unread: list[str] = []
    places: list[tuple[int, int]] = []
    for found in DASHED.finditer(text):
        if ndc := from_segments(*found.groups()):
            keys |= ndc_keys(ndc)
            places.append(found.span())
    known = set(places)
    for label, read in ((NDC_LABEL, _ndc_at), (GTIN_LABEL, _gtin_at)):
        for start, end, found_keys in _after(label, text, read):
            if (start, end) in known:
                continue
            places.append((start, end))
            keys |= found_keys
            if not found_keys:
                unread.append(text[start:end].strip())
    return Codes(frozenset(keys), tuple(dict.fromkeys(unread)), tuple(sorted(places)))


def ndc_keys(ndc: Ndc) -> set[str]:
    """What a printed NDC is looked for by."""
    if ndc.is_product:
        return {f"p:{ndc.key}"}
    return {f"n:{ndc.key}"} | {f"g:{body}" for body in ndc.gtin_bodies}


def item_keys(ndc: str, *gtins: str) -> set[str]:
    """What an item is found by: its NDC, its product, and the GTINs of the item and of its packs."""
    keys = {f"g:{gtin[1:13]}" for gtin in gtins if len(gtin) == 14}
    if found := parsed(ndc):
        keys |= ndc_keys(found) | {f"p:{found.product_key}"}
    return keys


Read = tuple[int, int, set[str]]


def _after(label: re.Pattern[str], text: str, read: Callable[[str, int], Read | None]) -> Iterator[Read]:
    """The codes in a row behind each label: where each stands, and its keys; none where it cannot be read."""
    for found in label.finditer(text):
        at = found.end()
        while between := BETWEEN.match(text, at):
            at = between.end()
            if (one := read(text, at)) is not None:
                yield one
                at = one[1]


def _ndc_at(text: str, at: int) -> Read | None:
    if found := DASHED.match(text, at) or SPACED.match(text, at) or PRODUCT.match(text, at):
        ndc = from_segments(*found.groups())
        return (*found.span(), ndc_keys(ndc) if ndc else set())
    if found := BARE.match(text, at):
        digits = found[0]
        if len(digits) == 10:
            return (*found.span(), {f"g:{PREFIX}{digits}"})
        ndc = from_digits(digits)
        return (*found.span(), ndc_keys(ndc) if ndc else set())
    if found := MORE.match(text, at) or DIGITS.match(text, at):
        return (*found.span(), set())
    return None


def _gtin_at(text: str, at: int) -> Read | None:
    """A code whose last digit proves it; of digits that run on, the longest that does."""
    found = DIGITS.match(text, at)
    if found is None:
        return None
    ends = [place + 1 for place in range(at, found.end()) if text[place].isdigit()]
    for length in LENGTHS:
        if len(ends) >= length:
            end = ends[length - 1]
            digits = re.sub(r"\D", "", text[at:end])
            is_whole = end == found.end() or not text[end].isdigit()
            if is_whole and is_checked(digits):
                return at, end, {f"g:{digits.zfill(14)[1:13]}"}
    return (*found.span(), set())
