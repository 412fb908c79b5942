"""Packages of the FDA's NDC directory: how many of what are in what, and which of these carries which NDC.

``20 SYRINGE in 1 CARTON (63323-810-20)  / 2 mL in 1 SYRINGE (63323-810-00)``: the syringe is the base unit.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from inventory.codes import Code, System, UnreadableCode
from inventory.codes.gtins import gtin_of
from inventory.codes.ndcs import PRINTED
from inventory.imports.catalogue.offers import LONGEST_UNIT, Offer, Parts, in_words
from inventory.imports.catalogue.tables import Cells, Rows
from inventory.models import Item

DRUGS = frozenset({"package_ndc", "generic_name", "package_description", "finished"})
LEVEL = re.compile(r"(\d*\.?\d+) (.+?) in 1 (.+?)(?:\s+\(([\d-]+)\))?", re.ASCII)
BETWEEN = re.compile(r"\s+/\s+")
SCHEDULES = {"CII": "II", "CIII": "III", "CIV": "IV", "CV": "V", "": ""}
# What is given by the piece is counted by the piece, not by the bottle.
PIECES = ("TABLET", "CAPSULE", "PATCH", "SUPPOSITORY", "LOZENGE", "FILM")
MOST = 1_000_000


@dataclass(frozen=True)
class Level:
    """``count`` of ``content`` in one ``container``, which may carry an NDC."""

    count: str
    content: str
    container: str
    ndc: str


def read_drugs(rows: Rows) -> list[Offer]:
    """Every finished drug with its packs; bulk ingredients are no stock and are left out."""
    offers = []
    for line, cells in rows:
        if cells["finished"].casefold() != "true":
            said = _("%(code)s is an ingredient in bulk, not a finished drug: it is left out.")
            rows.leave_out(line, said % {"code": cells["package_ndc"]})
        elif offer := _offer(rows, line, cells):
            offers.append(offer)
    return offers


def _offer(rows: Rows, line: int, cells: Cells) -> Offer | None:
    levels = levels_of(cells["package_description"])
    if wrong := _wrong(cells, levels):
        rows.refuse(line, wrong[1], wrong[0])
        return None
    ndc, (units, unit) = cells["package_ndc"], _units(levels)
    parts = Parts()
    for level, count in zip(levels, units, strict=True):
        codes = [Code(System.NDC, level.ndc)] if PRINTED.fullmatch(level.ndc) else []
        parts.add(count, codes, _plain(level.container))
    if upc := cells.get("upc_if_listed", ""):
        try:
            parts.add(units[0], [Code(System.GTIN, gtin_of(upc))])
        except (UnreadableCode, ValueError):
            rows.leave_out(line, _("its UPC %(code)s is not taken over: it is no GTIN.") % {"code": upc[:20]})
    offer = Offer(
        key=ndc,
        file=rows.source.name,
        line=line,
        name=_name(cells, levels[-1], unit),
        sku=_sku(parts, ndc),
        maker=cells.get("labeler_name", ""),
        kind=Item.Kind.MEDICATION,
        unit=unit,
        schedule=SCHEDULES[cells.get("dea_schedule", "")],
    )
    return parts.of(offer)


def _wrong(cells: Cells, levels: list[Level]) -> tuple[str, str] | None:
    """The column that cannot be used, and why."""
    ndc, schedule = cells["package_ndc"], cells.get("dea_schedule", "")
    if not PRINTED.fullmatch(ndc):
        return "package_ndc", _("%(code)r is not an NDC with its dashes.") % {"code": ndc[:20]}
    if not levels or levels[0].ndc != ndc:
        return "package_description", _("this does not tell how many units are in what.")
    if schedule not in SCHEDULES:
        return "dea_schedule", _("%(schedule)r is none of CII, CIII, CIV, CV.") % {"schedule": schedule[:20]}
    if not 1 <= _units(levels)[0][0] <= MOST:
        return "package_description", _("a package cannot hold so many.")
    return None


def levels_of(text: str) -> list[Level]:
    """The levels of packing, the outermost first; nothing if one of them cannot be read."""
    found = [LEVEL.fullmatch(part.strip()) for part in BETWEEN.split(text)]
    return [Level(m[1], m[2], m[3], m[4] or "") for m in found if m] if all(found) else []


def _units(levels: list[Level]) -> tuple[list[int], str]:
    """How many base units each level's container holds, and what one is called."""
    inner = levels[-1]
    is_pieces = inner.content.startswith(PIECES) and inner.count.isdigit()
    units = [int(inner.count) if is_pieces else 1]
    for level in reversed(levels[:-1]):
        units.append(units[-1] * (int(level.count) if level.count.isdigit() else MOST + 1))
    return units[::-1], _plain(inner.content if is_pieces else inner.container)


def _plain(container: str) -> str:
    """``VIAL, SINGLE-DOSE`` as people say it: vial."""
    return container.partition(",")[0].strip().casefold()[:LONGEST_UNIT]


def _name(cells: Cells, inner: Level, unit: str) -> str:
    amount, strength = (
        re.sub(r"(?<!\d)\.(?=\d)", "0.", text) for text in (f"{inner.count} {inner.content}", cells.get("strength", ""))
    )
    generic = cells["generic_name"].strip()
    generic = generic.capitalize() if generic.isupper() or generic.islower() else generic
    return in_words(f"{generic} {strength}, {unit} of {amount}" if strength else f"{generic}, {unit} of {amount}")


def _sku(parts: Parts, ndc: str) -> str:
    """The NDC of the unit, else that of the package."""
    own = [code.value for code in parts.sizes.get(1, ()) if code.system is System.NDC]
    return own[0] if own else ndc
