"""An entry of a register as it could become an item: one base unit, its packs, and the codes on each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from inventory.codes import Code

PACK_NAMES = ("box", "case", "pallet")
LONGEST_NAME, LONGEST_UNIT = 120, 20


@dataclass(frozen=True)
class OfferedPack:
    """So many base units under these codes. ``name`` is what the register calls it; often nothing."""

    quantity: int
    codes: tuple[Code, ...]
    name: str = ""


@dataclass(frozen=True)
class Offer:
    """``key`` names it in the file; ``sku`` is what it would be called unless the person says otherwise."""

    key: str
    file: str
    line: int
    name: str
    sku: str
    maker: str = ""
    kind: str = "consumable"
    unit: str = "each"
    schedule: str = ""
    codes: tuple[Code, ...] = ()
    packs: tuple[OfferedPack, ...] = ()

    @property
    def sizes(self) -> Iterator[tuple[int, Code]]:
        """Every code with the base units that it stands for."""
        yield from ((1, code) for code in self.codes)
        yield from ((pack.quantity, code) for pack in self.packs for code in pack.codes)

    @property
    def said(self) -> str:
        """Its packs in words: each, box of 10, case of 200."""
        of = _("%(pack)s of %(quantity)s")
        packs = [of % {"pack": name, "quantity": f"{pack.quantity:,}"} for name, pack in self.named_packs()]
        return ", ".join([self.unit, *packs])

    def named_packs(self, taken: Iterable[str] = ()) -> list[tuple[str, OfferedPack]]:
        """The packs by size, each under a name that no other has."""
        names, used = [], set(taken)
        for place, pack in enumerate(self.packs):
            plain = (pack.name or PACK_NAMES[min(place, len(PACK_NAMES) - 1)])[:LONGEST_UNIT]
            name = plain if plain not in used else f"{plain[:8]} of {pack.quantity}"
            used.add(name)
            names.append((name, pack))
        return names


@dataclass
class Parts:
    """The codes of one offer by how many base units they stand for, as they come up row by row."""

    sizes: dict[int, list[Code]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def add(self, quantity: int, codes: Iterable[Code], name: str = "") -> None:
        known = self.sizes.setdefault(quantity, [])
        known.extend(code for code in codes if code not in known)
        if name:
            self.names.setdefault(quantity, name)

    def of(self, offer: Offer) -> Offer:
        """The offer with these. A box of one is one."""
        packs = tuple(
            OfferedPack(quantity, tuple(codes), self.names.get(quantity, ""))
            for quantity, codes in sorted(self.sizes.items())
            if quantity > 1
        )
        return replace(offer, codes=tuple(self.sizes.get(1, ())), packs=packs)


def merged(offers: Iterable[Offer]) -> list[Offer]:
    """Entries of the same unit in other packs as one: the FDA lists each carton of a vial by itself. Two that would
    have one SKU, as makers use a catalogue number again, are called by their codes."""
    kept: dict[str, tuple[Offer, Parts]] = {}
    for offer in offers:
        key = str(offer.codes[0]) if offer.codes else offer.key
        parts = kept.setdefault(key, (offer, Parts()))[1]
        parts.add(1, offer.codes)
        for pack in offer.packs:
            parts.add(pack.quantity, pack.codes, pack.name)
    found = [parts.of(first) for first, parts in kept.values()]
    times = Counter(offer.sku for offer in found)
    return [offer if times[offer.sku] == 1 else replace(offer, sku=offer.key) for offer in found]


def in_words(*words: str) -> str:
    """The first of these that says something, in one line and short enough for a name."""
    said = next((text for word in words if (text := " ".join(word.split())) not in ("", "N/A", "na", "NA")), "")
    return said if len(said) <= LONGEST_NAME else f"{said[: LONGEST_NAME - 1]}…"
