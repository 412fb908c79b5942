"""GTINs as they stand below a barcode: 8, 12, 13 or 14 digits, and UPC-E."""

from biip import ParseError
from biip.upc import Upc
from django.utils.translation import gettext as _

from inventory.codes.check_digits import gs1_check_digit, is_checked
from inventory.codes.ndcs import ndcs_of
from inventory.codes.scanned import Code, System, UnreadableCode

LENGTHS = (8, 12, 13, 14)
SSCC_LENGTH = 18


def gtin_of(digits: str) -> str:
    """A GTIN of 8 to 14 digits in 14. Refuses a wrong check digit and another length."""
    if len(digits) not in LENGTHS:
        raise UnreadableCode(no_gtin(digits))
    return checked(digits).zfill(14)


def no_gtin(text: str, name: str = "GTIN") -> str:
    """Why a text is none; ``name`` is what it was said to be."""
    return _("%(code)s is not a %(name)s: it has 8, 12, 13 or 14 digits.") % {"code": text, "name": name}


def checked(digits: str) -> str:
    """The same digits, if the last is right."""
    if not is_checked(digits):
        right = gs1_check_digit(digits[:-1])
        raise UnreadableCode(
            _("%(code)s is mistyped or misread: its last digit should be %(right)s. Scan or type it again.")
            % {"code": digits, "right": right}
        )
    return digits


def with_ndcs(gtin: str) -> tuple[Code, ...]:
    """A GTIN, and the NDCs that it may hold: those of drugs are an indicator, 03, the NDC and the check digit."""
    codes = (Code(System.GTIN, gtin),)
    if gtin[1:3] != "03":
        return codes
    return codes + tuple(Code(System.NDC, ndc) for ndc in ndcs_of(gtin[3:13]))


def upc_e(digits: str) -> str:
    """A UPC-E of 6 or 8 digits, spread out to a GTIN of 14; empty if it is none."""
    try:
        return Upc.parse(digits).as_upc_a().zfill(14)
    except ParseError:
        return ""
