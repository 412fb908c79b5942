"""National Drug Codes in one form, whatever form they are printed in.

An NDC is labeler, product and package. Ten digits are printed 4-4-2, 5-3-2 or 5-4-1, eleven for billing 5-4-2, and
twelve from 2033 on 6-4-2. Only the dashes tell the three forms of ten digits apart, so segments are compared, each
filled with zeros to its widest, and never strings of digits. What a scan may name, which is several codes where there
are no dashes, is ``inventory.codes.ndcs``; here a text is compared with items, and is one code or none.
"""

from dataclasses import dataclass

from inventory.codes.ndcs import ndcs_of_billing

WIDTHS = (6, 4, 2)
PACKAGES = frozenset({(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2), (6, 4, 2)})
PRODUCTS = frozenset({(4, 4), (5, 3), (5, 4), (6, 4)})
PREFIX = "03"  # a GTIN of a drug is an indicator, 03, the ten digits and a check digit


@dataclass(frozen=True, slots=True)
class Ndc:
    """One code by its segments as printed; without the last it stands for every package of a product."""

    segments: tuple[str, ...]

    @property
    def is_product(self) -> bool:
        return len(self.segments) == 2

    @property
    def key(self) -> str:
        """Equal for all forms of one code, and for no other code."""
        return "-".join(part.zfill(width) for part, width in zip(self.segments, WIDTHS, strict=False))

    @property
    def product_key(self) -> str:
        return Ndc(self.segments[:2]).key

    @property
    def gtin_bodies(self) -> set[str]:
        """The twelve digits that a GTIN of it may hold between indicator and check digit: of the eleven digits of
        billing, one zero was put before a segment, and they do not say which."""
        if len(self.segments) != 3:
            return set()
        digits = "".join(self.segments)
        if len(digits) == 10:
            return {PREFIX + digits}
        shorter = ndcs_of_billing(digits) if len(digits) == 11 else ()
        return {PREFIX + ndc.replace("-", "") for ndc in shorter}


def from_segments(*segments: str) -> Ndc | None:
    """The code of these segments, if they are as long as those of a package or a product."""
    lengths = tuple(len(part) for part in segments)
    is_known = lengths in PACKAGES or lengths in PRODUCTS
    return Ndc(segments) if is_known and all(part.isascii() and part.isdigit() for part in segments) else None


def from_digits(digits: str) -> Ndc | None:
    """The code of eleven or twelve digits without dashes. Ten do not say where their segments end."""
    widths = {11: (5, 4, 2), 12: (6, 4, 2)}.get(len(digits))
    if widths is None or not (digits.isascii() and digits.isdigit()):
        return None
    labeler, product, _ = widths
    return Ndc((digits[:labeler], digits[labeler : labeler + product], digits[labeler + product :]))


def parsed(text: str) -> Ndc | None:
    """An NDC as an item has it, with its dashes."""
    return from_segments(*text.strip().split("-"))
