"""Codes on the box: GTIN and NDC, checked as their standards say."""

from django.utils.translation import gettext as _

from inventory.codes.check_digits import gs1_check_digit, is_checked
from inventory.codes.gtins import LENGTHS
from inventory.codes.ndcs import PRINTED
from inventory.imports.values import BadValue, Kind, Value, is_scientific, shortened


def _read_gtin(cell: str) -> Value:
    if is_scientific(cell):
        raise BadValue(
            _("%(cell)s was shortened by the spreadsheet: format the column as text and type the GTIN again.")
            % {"cell": cell}
        )
    digits = cell.replace(" ", "").removesuffix(".0")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in LENGTHS:
        raise BadValue(_("%(cell)r is not a GTIN: it has 8, 12, 13 or 14 digits.") % {"cell": shortened(cell)})
    if not is_checked(digits):
        raise BadValue(
            _("%(code)s is mistyped: its last digit should be %(digit)s.")
            % {"code": digits, "digit": gs1_check_digit(digits[:-1])}
        )
    return digits.zfill(14)


def _read_ndc(cell: str) -> Value:
    if not PRINTED.fullmatch(cell):
        raise BadValue(
            _("%(cell)r is not an NDC: write 4-4-2, 5-3-2 or 5-4-1 digits with their dashes, as 0409-1782-69.")
            % {"cell": shortened(cell)}
        )
    return cell


def gtin() -> Kind:
    """A GTIN of 8, 12, 13 or 14 digits, kept as 14: scanners write the leading zeros that spreadsheets drop."""
    return Kind(_read_gtin)


def ndc() -> Kind:
    """An NDC of ten digits with its dashes, which alone tell its three forms apart."""
    return Kind(_read_ndc)
