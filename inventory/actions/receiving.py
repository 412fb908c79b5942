"""Stock that comes from a supplier and is put on a station's shelves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.errors import DomainError
from inventory.actions.ledger import Move, post_movements
from inventory.actions.lines import check_quantities, checked_text, shelf_for, shelves_of
from inventory.models import Item, Lot, StockLevel, StockMovement
from stations.access import require_write
from stations.models import Command, Location, Station, User

LotKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class ReceivedLot:
    """So many base units of an item in one lot. A piece with a serial number is a lot of one."""

    item_id: int
    number: str
    expires_on: date | None
    quantity: int
    serial_number: str = ""

    @property
    def key(self) -> LotKey:
        return self.item_id, self.number, self.serial_number


@transaction.atomic
def receive_stock(
    *,
    station: Station,
    lines: Sequence[ReceivedLot],
    reference: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> StockMovement:
    """Put what a supplier brought on the shelves: scheduled drugs in the safe, all else in the supply room.

    ``reference`` is the purchase order. Refuses what has expired, an expiry that contradicts the lot's, and a serial
    number that is on the books; lists every such line. Answers the first movement.
    """
    facts = {"station": station.pk, "lines": lines, "reference": reference}
    command, is_new = Command.objects.claim(request_id, "receive_stock", by=by, at=at, facts=facts)
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    require_write(by, station)
    shelves = shelves_of(station)
    check_quantities(lines)
    reference = checked_text(reference, most=60, name="purchase order")
    lines = [replace(one, number=one.number.strip(), serial_number=one.serial_number.strip()) for one in lines]
    items = Item.objects.in_bulk({line.item_id for line in lines})
    _refuse(_bad_lines(lines, items, timezone.localdate(at)))
    lots = _lots(lines)
    _refuse([*_contradictions(lines, items, lots), *_serials_on_the_books(lots)])
    supplier = Location.objects.virtual(Location.Kind.SUPPLIER).pk
    moves = [
        Move(
            lots[line.key].pk,
            supplier,
            shelf_for(shelves, is_scheduled=bool(items[line.item_id].schedule)).pk,
            line.quantity,
            StockMovement.Reason.RECEIVED,
            reference,
        )
        for line in lines
    ]
    [first, *_] = post_movements(command, moves, by=by, at=at)
    command.log(
        "received from supplier", first, comment=reference, lines=[[move.lot_id, move.quantity] for move in moves]
    )
    return first


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise DomainError("Some lines cannot be received like this. Nothing was saved.", problems=problems)


def _bad_lines(lines: Sequence[ReceivedLot], items: Mapping[int, Item], today: date) -> list[str]:
    """What is wrong with the lines by themselves."""
    return [
        f"Line {number}, {items.get(line.item_id, f'item {line.item_id}')}: {problem}"
        for number, line in enumerate(lines, start=1)
        for problem in _faults(line, items.get(line.item_id), today)
    ]


def _faults(line: ReceivedLot, item: Item | None, today: date) -> Iterator[str]:
    if item is None:
        yield "it is not in the catalogue; choose an item from the list."
    elif not item.is_active:
        yield "it is no longer in use; choose another item."
    if line.expires_on is not None and line.expires_on < today:
        yield f"it expired on {_day(line.expires_on)}; send it back to the supplier."
    if line.expires_on is not None and not (line.number or line.serial_number):
        yield "an expiry date belongs to a lot; write the lot number too."
    if line.serial_number and line.quantity != 1:
        yield "a serial number stands for one piece; write the quantity 1."
    if max(len(line.number), len(line.serial_number)) > 40:
        yield "lot and serial numbers have at most 40 letters."


def _lots(lines: Sequence[ReceivedLot]) -> dict[LotKey, Lot]:
    """The lots of the lines by item, number and serial number; made where they are new."""
    known = _known_lots(lines)
    new = {line.key: line for line in lines if line.key not in known}
    if new:
        rows = [
            Lot(item_id=item, number=number, serial_number=serial, expires_on=line.expires_on)
            for (item, number, serial), line in new.items()
        ]
        Lot.objects.bulk_create(rows, ignore_conflicts=True)  # a twin may have made the same lot in this moment
        known = _known_lots(lines)
    return known


def _known_lots(lines: Sequence[ReceivedLot]) -> dict[LotKey, Lot]:
    wanted = Q(item__in={line.item_id for line in lines}, number__in={line.number for line in lines})
    rows = Lot.objects.select_related("item").filter(wanted, serial_number__in={line.serial_number for line in lines})
    return {(lot.item_id, lot.number, lot.serial_number): lot for lot in rows}


def _contradictions(
    lines: Sequence[ReceivedLot], items: Mapping[int, Item], lots: Mapping[LotKey, Lot]
) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        lot = lots[line.key]
        if line.expires_on not in (None, lot.expires_on):
            known = _day(lot.expires_on) if lot.expires_on else "no expiry date"
            yield (
                f"Line {number}, {items[line.item_id]}: lot {lot} is on the books with {known}, not "
                f"{_day(line.expires_on)}. Read the box again, or leave the date empty."
            )


def _serials_on_the_books(lots: Mapping[LotKey, Lot]) -> Iterator[str]:
    pieces = [lot.pk for lot in lots.values() if lot.serial_number]
    if not pieces:
        return
    levels = StockLevel.objects.select_related("lot__item", "location__station").filter(lot__in=pieces, on_hand__gt=0)
    for level in levels:
        yield (
            f"{level.lot.item}, serial number {level.lot.serial_number}, is at {level.location} already: "
            "read the number again, or move it from there."
        )


def _day(day: date | None) -> str:
    return f"{day:%b} {day.day}, {day.year}" if day else "no date"
