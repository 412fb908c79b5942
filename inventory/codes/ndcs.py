"""National Drug Codes in every form in which they are printed (21 CFR 207.33, and 6-4-2 from 2033).

Ten digits are 4-4-2, 5-3-2 or 5-4-1; their dashes alone tell which. Bills write eleven, 5-4-2, with one zero put in.
Here a code is every NDC that it may be, for looking items up; ``integrations.recalls.ndc`` compares a recall's text
with items by one key, and knows products without a package.
"""

import re

from django.utils.translation import gettext as _

from inventory.codes.scanned import UnreadableCode

PRINTED = re.compile(r"\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d", re.ASCII)
BILLED = re.compile(r"\d{5}-\d{4}-\d{2}", re.ASCII)
LONG = re.compile(r"\d{6}-\d{4}-\d{2}", re.ASCII)
DASHED = re.compile(r"\d+-\d+-\d+", re.ASCII)
FORMS = ((4, 4, 2), (5, 3, 2), (5, 4, 1))


def ndcs_of(digits: str) -> tuple[str, ...]:
    """The three NDCs that ten digits may be."""
    return tuple(f"{digits[:one]}-{digits[one : one + two]}-{digits[one + two :]}" for one, two, _ in FORMS)


def ndcs_of_billing(digits: str) -> tuple[str, ...]:
    """The NDCs that eleven digits of a bill may be: those from which one zero was not left out. Perhaps none."""
    labeler, product, package = digits[:5], digits[5:9], digits[9:]
    found = []
    if labeler.startswith("0"):
        found.append(f"{labeler[1:]}-{product}-{package}")
    if product.startswith("0"):
        found.append(f"{labeler}-{product[1:]}-{package}")
    if package.startswith("0"):
        found.append(f"{labeler}-{product}-{package[1:]}")
    return tuple(found)


def read_ndc(text: str) -> tuple[str, ...]:
    """Every NDC that a text with dashes, or ten or eleven digits, may be. Refuses what has no form of an NDC."""
    found: tuple[str, ...] = ()
    if PRINTED.fullmatch(text):
        found = (text,)
    elif LONG.fullmatch(text):
        shorter = ndcs_of_billing(text.replace("-", "")[1:]) if text.startswith("0") else ()
        found = (text, *shorter)
    elif BILLED.fullmatch(text) or (len(text) == 11 and text.isascii() and text.isdigit()):
        found = ndcs_of_billing(text.replace("-", ""))
    elif len(text) == 10 and text.isascii() and text.isdigit():
        found = ndcs_of(text)
    if not found:
        said = _(
            "%(code)s is not an NDC: write 4-4-2, 5-3-2 or 5-4-1 digits with their dashes, or the eleven of a bill."
        )
        raise UnreadableCode(said % {"code": text[:20]})
    return found
