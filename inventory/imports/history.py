"""What the ledger knows of the lots of a file at its places: openings, other movements, promises."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Count, Q, Sum

from inventory.imports.arrays import Columns, sums
from inventory.imports.lots import Lots
from inventory.imports.places import Places
from inventory.models import StockLevel, StockMovement

HISTORY_KEY, OPENED, OTHERS = range(3)
OPENING = Q(reason=StockMovement.Reason.OPENING)


class Promised(NamedTuple):
    """So many of a lot at a place are allocated to orders."""

    place: int
    lot: int
    quantity: int


def opening_history(places: Places, lots: Lots) -> Columns:
    """Place and lot as one key, what was opened there in all, and how many other movements there were.

    Two queries whatever the number of rows. A place and lot without any movement is not among them.
    """
    if not lots.by_pk:
        return Columns(3)
    moved = Columns(3, _moved(places, lots))
    keys, [opened, others] = sums(moved[HISTORY_KEY], moved[OPENED], moved[OTHERS])
    return Columns(3, zip(keys.tolist(), opened.tolist(), others.tolist(), strict=True))


def _moved(places: Places, lots: Lots) -> Iterator[tuple[int, int, int]]:
    numbers = {places.pks[key]: number for key, number in places.numbers.items() if key in places.pks}
    for end, sign in (("destination_id", 1), ("source_id", -1)):
        rows = (
            lots.only_named(StockMovement.objects.all(), "lot__item")
            .values(end, "lot_id")
            .annotate(opened=Sum("quantity", filter=OPENING, default=0), others=Count("pk", filter=~OPENING))
            .values_list(end, "lot_id", "opened", "others")
            .order_by()
        )
        for location, lot, opened, others in rows.iterator(chunk_size=5_000):
            if location in numbers and lot in lots.by_pk:
                yield numbers[location] * len(lots) + lots.by_pk[lot], sign * opened, others


def promised(places: Places, lots: Lots) -> Iterator[Promised]:
    """The allocated stock among these places and lots."""
    numbers = {places.pks[key]: number for key, number in places.numbers.items() if key in places.pks}
    levels = lots.only_named(StockLevel.objects.filter(allocated__gt=0), "lot__item")
    rows = levels.values_list("location_id", "lot_id", "allocated")
    for location, lot, quantity in rows.iterator(chunk_size=5_000):
        if location in numbers and lot in lots.by_pk:
            yield Promised(numbers[location], lots.by_pk[lot], quantity)
