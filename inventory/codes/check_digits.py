"""The digit or character at the end of a code that tells a typing error."""

# Their order gives each its value (HIBC Supplier Labeling Standard, appendix: modulo 43).
MODULO_43 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


def gs1_check_digit(digits: str) -> int:
    """The last digit of a GTIN or SSCC from those before it: weights 3 and 1 from the right (GS1 General
    Specifications)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def is_checked(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return gs1_check_digit(digits[:-1]) == int(digits[-1])


def hibc_check_character(text: str) -> str:
    """The last character of a HIBC from those before it, the leading + among them."""
    return MODULO_43[sum(map(MODULO_43.index, text)) % len(MODULO_43)]
