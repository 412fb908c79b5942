"""The stock with which a simulated division begins: lots as a supplier would have sent them, posted to the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction

from ems_supply.simulation.catalogue import Entry
from inventory.actions.ledger import Move, post_movements
from inventory.models import Item, Lot, StockMovement
from stations.models import Command, Location

DAYS_PER_MONTH = 30.4
# The freshest a box arrives, and the oldest that is still on a shelf, as shares of its shelf life.
AGES = 4
FRESH, OLD = 0.95, 0.12


@dataclass(frozen=True, slots=True)
class OnShelf:
    """So much of a lot at a place when the history begins."""

    location_id: int
    lot_id: int
    quantity: int


def lot_number(generator: np.random.Generator) -> str:
    """A lot number as makers print them."""
    letter = "ABCDEFGHJKLMNPRTUVWXY"[int(generator.integers(21))]
    return f"{int(generator.integers(10, 100))}{letter}{int(generator.integers(1000, 10000))}"


def expiry(entry: Entry, today: date, share: float) -> date | None:
    """The last day of a lot with this share of its shelf life left, for a drug the last of a month; None: no expiry."""
    if entry.shelf_months is None:
        return None
    day = today + timedelta(days=entry.shelf_months * DAYS_PER_MONTH * share)
    if entry.fields["kind"] != Item.Kind.MEDICATION:
        return day
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def opening_lots(
    entries: Iterable[Entry],
    items: Mapping[str, Item],
    today: date,
    generator: np.random.Generator,
    oldest: float = OLD,
) -> dict[str, list[Lot]]:
    """Lots of each item, by SKU, oldest first: four ages of what expires, one lot without a number of the rest."""
    lots: list[Lot] = []
    for entry in entries:
        if entry.shelf_months is None:
            lots.append(Lot(item=items[entry.sku]))
            continue
        shares = np.sort(generator.uniform(oldest, FRESH, AGES))
        lots += [
            Lot(item=items[entry.sku], number=lot_number(generator), expires_on=expiry(entry, today, float(share)))
            for share in shares
        ]
    by_sku: dict[str, list[Lot]] = {}
    for lot in Lot.objects.bulk_create(lots):
        by_sku.setdefault(lot.item.sku, []).append(lot)
    return by_sku


@transaction.atomic
def open_stock(stock: Iterable[OnShelf], *, at: datetime, request_id: UUID) -> None:
    """Post the opening stock of one station, the system's own command. Repeating it changes nothing."""
    lines = sorted(stock, key=lambda one: (one.location_id, one.lot_id))
    facts = {"lines": [[one.location_id, one.lot_id, one.quantity] for one in lines]}
    command, is_new = Command.objects.claim(request_id, "open_stock", by=None, at=at, facts=facts)
    if not is_new or not lines:
        return
    supplier = Location.objects.virtual(Location.Kind.SUPPLIER).pk
    opening = StockMovement.Reason.OPENING
    moves = [Move(one.lot_id, supplier, one.location_id, one.quantity, opening) for one in lines]
    [first, *_] = post_movements(command, moves, by=None, at=at)
    command.log("opened", first, lines=len(lines))
