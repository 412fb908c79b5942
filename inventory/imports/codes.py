"""Codes on the box: GTIN and NDC, checked as their standards say."""

import re

from inventory.imports.values import BadValue, Kind, Value, is_scientific, shortened

_GTIN_LENGTHS = (8, 12, 13, 14)
_NDC = re.compile(r"\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d", re.ASCII)


def check_digit(digits: str) -> int:
    """The last digit of a GTIN from those before it: weights 3 and 1 from the right (GS1 General Specifications)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def _read_gtin(cell: str) -> Value:
    if is_scientific(cell):
        raise BadValue(f"{cell} was shortened by the spreadsheet: format the column as text and type the GTIN again.")
    digits = cell.replace(" ", "").removesuffix(".0")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in _GTIN_LENGTHS:
        raise BadValue(f"{shortened(cell)!r} is not a GTIN: it has 8, 12, 13 or 14 digits.")
    if check_digit(digits[:-1]) != int(digits[-1]):
        raise BadValue(f"{digits} is mistyped: its last digit should be {check_digit(digits[:-1])}.")
    return digits.zfill(14)


def _read_ndc(cell: str) -> Value:
    if not _NDC.fullmatch(cell):
        raise BadValue(
            f"{shortened(cell)!r} is not an NDC: write 4-4-2, 5-3-2 or 5-4-1 digits with their dashes, as 0409-1782-69."
        )
    return cell


def gtin() -> Kind:
    """A GTIN of 8, 12, 13 or 14 digits, kept as 14: scanners write the leading zeros that spreadsheets drop."""
    return Kind(_read_gtin)


def ndc() -> Kind:
    """An NDC of ten digits with its dashes, which alone tell its three forms apart."""
    return Kind(_read_ndc)
