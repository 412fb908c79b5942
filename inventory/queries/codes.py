"""What a code names: the item, its pack, and the lot if it is known here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from inventory.codes import Code, Scanned, System, UnreadableCode, read_code
from inventory.errors import AmbiguousCode, UnknownCode
from inventory.models import Item, ItemCode, Lot, Pack
from inventory.quantities import each


@dataclass(frozen=True)
class Found:
    """What one scan is: an item, in a pack of it or each, and so many base units of it."""

    scanned: Scanned
    item: Item
    pack: Pack | None = None
    lot: Lot | None = None

    @property
    def quantity(self) -> int:
        """Base units in what was scanned; times the count, where the code says one."""
        return (self.pack.quantity if self.pack else 1) * (self.scanned.count or 1)

    def __str__(self) -> str:
        return f"{self.item}, {self.pack}" if self.pack else f"{self.item}, {each(1, self.item)}"


@dataclass
class Matches:
    """Everything that a scan may be. ``alike`` are items whose NDC is in the GTIN of a box of unknown size."""

    found: list[Found] = field(default_factory=list)
    alike: list[Item] = field(default_factory=list)


def find_by_code(scanned: Scanned, *, lots: QuerySet[Lot] | None = None) -> Found:
    """The one thing that a scan names. Refuses with ``UnknownCode`` or ``AmbiguousCode``; nothing is guessed.

    ``lots``: among which its lot is looked for; all by default. Three queries at most.
    """
    matches = matches_of(scanned, lots=lots)
    if len(matches.found) == 1:
        return matches.found[0]
    if matches.found:
        names = "; ".join(sorted(str(found) for found in matches.found))
        said = _("%(code)s may be %(count)s things: %(names)s. Choose one of them.")
        raise AmbiguousCode(said % {"code": _said(scanned), "count": len(matches.found), "names": names})
    raise UnknownCode(_why_unknown(scanned, matches.alike), items=matches.alike)


def look_up(text: str, *, lots: QuerySet[Lot] | None = None) -> Found:
    """The one thing that a scan or a typed text names."""
    return find_by_code(read_scan(text), lots=lots)


def read_scan(text: str) -> Scanned:
    """What a scan or a typed text says. A SKU is one even where it looks like a mistyped code."""
    try:
        return read_code(text)
    except UnreadableCode:
        if item := _by_sku(text.strip()):
            return Scanned(text, sku=item.sku)
        raise


def matches_of(scanned: Scanned, *, lots: QuerySet[Lot] | None = None) -> Matches:
    """All that the scan may be, none if nothing is known by it."""
    rows = _rows(scanned.codes)
    exact = [row for row in rows if row.system != System.NDC]
    of_ndc = [row for row in rows if row.system == System.NDC]
    things: dict[tuple[int, int | None], tuple[Item, Pack | None]] = {}
    alike: list[Item] = []
    # The NDC inside a GTIN counts only while the GTIN itself is unknown, and tells the item but not the size of a box.
    if scanned.names_a_pack and not exact:
        alike = list({row.item_id: row.item for row in of_ndc}.values())
        of_ndc = []
    is_gtin = any(code.system is System.GTIN for code in scanned.codes)
    for row in exact or of_ndc if is_gtin else rows:
        things[row.item_id, row.pack_id] = (row.item, row.pack)
    # A SKU that is also a code of its item, as the NDC of a carton, stands for what the code says.
    sku_of = _by_sku(scanned.sku) if scanned.sku else None
    if sku_of and sku_of.pk not in {item.pk for item, _ in things.values()}:
        things[sku_of.pk, None] = (sku_of, None)
    known = _lots(scanned, [item for item, _ in things.values()], lots)
    found = [Found(scanned, item, pack, known.get(item.pk)) for item, pack in things.values()]
    return Matches(found, alike)


def _rows(codes: Iterable[Code]) -> Sequence[ItemCode]:
    wanted = Q(pk__in=[])
    for code in codes:
        wanted |= Q(system=code.system.value, code=code.value)
    return list(ItemCode.objects.filter(wanted).select_related("item", "pack").order_by("pk")) if codes else []


def _by_sku(sku: str) -> Item | None:
    """Capitals do not matter, unless two SKUs differ in nothing else."""
    found = list(Item.objects.filter(sku__iexact=sku)[:10]) if "\0" not in sku else []
    return next((item for item in found if item.sku == sku), found[0] if len(found) == 1 else None)


def _lots(scanned: Scanned, items: Sequence[Item], lots: QuerySet[Lot] | None) -> dict[int, Lot]:
    """The lot that the scan names, by item, where there is just one such."""
    if not items or not (scanned.lot or scanned.serial):
        return {}
    among = Lot.objects.all() if lots is None else lots
    number = Q(number__iexact=scanned.lot, serial_number="") if scanned.lot else Q(pk__in=[])
    serial = Q(serial_number__iexact=scanned.serial) if scanned.serial else Q(pk__in=[])
    rows = list(among.filter(number | serial, item__in=items))
    known: dict[int, Lot] = {}
    for item in items:
        own = [lot for lot in rows if lot.item_id == item.pk]
        exactly = [lot for lot in own if lot.serial_number] or own
        if len(exactly) == 1:
            known[item.pk] = exactly[0]
    return known


def _said(scanned: Scanned) -> str:
    """The code in words."""
    standard = [code for code in scanned.codes if code.system is not System.OTHER]
    return str(standard[0]) if len(standard) == 1 or scanned.gtin else f"“{scanned.text[:40]}”"


def _why_unknown(scanned: Scanned, alike: Sequence[Item]) -> str:
    if alike:
        said = _("%(code)s is a box of %(names)s, of a size that nobody has said. Link it to one of its packs.")
        return said % {"code": _said(scanned), "names": ", ".join(str(item) for item in alike)}
    if scanned.names_something:
        said = _("%(code)s is in nobody's catalogue here. Link it to its item, or look for the item by its name.")
        return said % {"code": _said(scanned)}
    if scanned.sscc:
        said = _("%(code)s is the number of one shipment's box (SSCC), not of an item. Scan the code of the item.")
        return said % {"code": scanned.sscc}
    return _(
        "This code names no item, only what is said of it, as a lot or a date. Scan the other code beside it first."
    )
