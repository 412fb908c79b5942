"""Stock that comes from a supplier and is put on a station's shelves."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.moments import calendar_day
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
    _refuse(bad_lines(lines, items, timezone.localdate(at)), lines, items)
    lots = lots_of(lines)
    _refuse(contradictions(lines, lots), lines, items)
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


def _refuse(problems: Mapping[int, str], lines: Sequence[ReceivedLot], items: Mapping[int, Item]) -> None:
    if problems:
        told = [
            _("Line %(line)s, %(item)s: %(problem)s")
            % {"line": number + 1, "item": _named(lines[number].item_id, items), "problem": problem}
            for number, problem in problems.items()
        ]
        raise DomainError(_("Some lines cannot be received like this. Nothing was saved."), problems=told)


def _named(pk: int, items: Mapping[int, Item]) -> str:
    return str(items[pk]) if pk in items else _("item %(number)s") % {"number": pk}


def bad_lines(lines: Sequence[ReceivedLot], items: Mapping[int, Item], today: date) -> dict[int, str]:
    """What is wrong with the lines by themselves, by their number from 0."""
    pieces = Counter(line.key for line in lines if line.serial_number)
    found = {number: [*_faults(line, items.get(line.item_id), today)] for number, line in enumerate(lines)}
    for number, line in enumerate(lines):
        if pieces[line.key] > 1:
            found[number].append(_("this serial number is here twice; read both again."))
    return {number: " ".join(faults) for number, faults in found.items() if faults}


def _faults(line: ReceivedLot, item: Item | None, today: date) -> Iterator[str]:
    if item is None:
        yield _("it is not in the catalogue; choose an item from the list.")
    elif not item.is_active:
        yield _("it is no longer in use; choose another item.")
    if line.expires_on is not None and line.expires_on < today:
        yield _("it expired on %(day)s; send it back to the supplier.") % {"day": calendar_day(line.expires_on)}
    if line.expires_on is not None and not (line.number or line.serial_number):
        yield _("an expiry date belongs to a lot; write the lot number too.")
    if line.serial_number and line.quantity != 1:
        yield _("a serial number stands for one piece; write the quantity 1.")
    if max(len(line.number), len(line.serial_number)) > 40:
        yield _("lot and serial numbers have at most 40 letters.")


def lots_of(lines: Sequence[ReceivedLot]) -> dict[LotKey, Lot]:
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


def contradictions(lines: Sequence[ReceivedLot], lots: Mapping[LotKey, Lot]) -> dict[int, str]:
    """Lines that say something else than the books do, by their number from 0."""
    held = _pieces_on_the_books(lots)
    found = {}
    for number, line in enumerate(lines):
        lot = lots[line.key]
        if line.expires_on not in (None, lot.expires_on):
            found[number] = _(
                "lot %(lot)s is on the books with %(known)s, not %(read)s. Read the box again, or leave the date empty."
            ) % {
                "lot": lot,
                "known": calendar_day(lot.expires_on) if lot.expires_on else _("no expiry date"),
                "read": calendar_day(line.expires_on) if line.expires_on else _("no date"),
            }
        elif lot.pk in held:
            found[number] = _(
                "serial number %(serial)s is at %(place)s already: read the number again, or move it from there."
            ) % {"serial": lot.serial_number, "place": held[lot.pk].location}
    return found


def _pieces_on_the_books(lots: Mapping[LotKey, Lot]) -> dict[int, StockLevel]:
    pieces = [lot.pk for lot in lots.values() if lot.serial_number]
    levels = StockLevel.objects.select_related("location__station").filter(lot__in=pieces, on_hand__gt=0)
    return {level.lot_id: level for level in levels} if pieces else {}
