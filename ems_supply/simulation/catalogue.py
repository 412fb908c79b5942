"""The catalogue of ``data/items.csv``: what an EMS division keeps, in the packs that it comes in.

Names, sizes and packs are those of the trade; labellers, NDCs and GTINs are made up (GTINs from GS1's range for
examples, 952). ``packs`` reads "box 50*;case 500": the starred one is the pack in which stations get it.
"""

import csv
from dataclasses import dataclass
from functools import cache

from ems_supply.simulation.use import DATA
from inventory.models import Item, KindPolicy, Pack, Substitute

TEXT = ("sku", "name", "kind", "unit_of_measure", "gtin", "ndc", "schedule", "criticality", "storage")
NUMBERS = ("weight_g", "volume_ml", "unit_cost_cents")
SERIALIZED_FROM_CENTS = 15_000


@dataclass(frozen=True, slots=True)
class PackSize:
    """A pack of the catalogue, and whether stations get whole ones of it."""

    name: str
    quantity: int
    is_issue_pack: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue. ``pars`` is what a vehicle of each kind carries, in base units."""

    fields: dict[str, str | int]
    packs: tuple[PackSize, ...]
    shelf_months: int | None
    pars: dict[str, int]

    @property
    def sku(self) -> str:
        return str(self.fields["sku"])

    @property
    def is_scheduled(self) -> bool:
        return bool(self.fields["schedule"])

    @property
    def is_life_saving(self) -> bool:
        return self.fields["criticality"] == Item.Criticality.LIFE_SAVING

    @property
    def is_serialized(self) -> bool:
        """A piece that is followed by its serial number."""
        return (
            self.fields["kind"] == Item.Kind.EQUIPMENT and int(self.fields["unit_cost_cents"]) >= SERIALIZED_FROM_CENTS
        )

    @property
    def issue_pack(self) -> int:
        return next((pack.quantity for pack in self.packs if pack.is_issue_pack), 1)


@cache
def catalogue() -> tuple[Entry, ...]:
    """All entries, in the order of the file."""
    with (DATA / "items.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_entry(row) for row in csv.DictReader(file))


@cache
def substitutes() -> tuple[dict[str, str], ...]:
    """What may be sent instead of what, as ``data/substitutes.csv`` says."""
    with (DATA / "substitutes.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _entry(row: dict[str, str]) -> Entry:
    fields: dict[str, str | int] = {name: row[name] for name in TEXT}
    return Entry(
        fields=fields | {name: int(row[name]) for name in NUMBERS},
        packs=tuple(_pack(text) for text in row["packs"].split(";") if text),
        shelf_months=int(row["shelf_months"]) if row["shelf_months"] else None,
        pars={kind: int(row[f"{kind}_par"] or 0) for kind in ("ambulance", "engine", "supervisor")},
    )


def _pack(text: str) -> PackSize:
    name, quantity = text.removesuffix("*").rsplit(" ", 1)
    return PackSize(name, int(quantity), text.endswith("*"))


def create_items() -> dict[str, Item]:
    """Write the whole catalogue with its substitutes, and the division's policy for each kind; the items by SKU."""
    items = Item.objects.bulk_create(Item(**entry.fields) for entry in catalogue())
    by_sku = {item.sku: item for item in items}
    Pack.objects.bulk_create(
        Pack(item=by_sku[entry.sku], name=pack.name, quantity=pack.quantity, is_issue_pack=pack.is_issue_pack)
        for entry in catalogue()
        for pack in entry.packs
    )
    Substitute.objects.bulk_create(
        Substitute(
            item=by_sku[row["sku"]],
            substitute=by_sku[row["substitute"]],
            quantity=int(row["quantity"]),
            per=int(row["per"]),
            preference=int(row["preference"]),
            note=row["note"],
        )
        for row in substitutes()
    )
    KindPolicy.objects.bulk_create([KindPolicy(kind=kind) for kind in Item.Kind.values], ignore_conflicts=True)
    return by_sku
