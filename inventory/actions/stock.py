"""What crews do with stock: use it, restock a unit, give it back, move it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.actions.disposal import discard_stock, signed, waste_stock
from inventory.actions.fefo import Taken, lock_levels, take
from inventory.actions.ledger import Move, post_movements, reverse_movement
from inventory.actions.lines import (
    Discarded,
    OfLot,
    Used,
    check_place,
    check_quantities,
    check_witness,
    checked_text,
    known_lots,
    place_of,
    shelf_for,
    shelves_of,
)
from inventory.actions.lots import set_lot_status
from inventory.actions.receiving import ReceivedLot, receive_stock
from inventory.models import StockMovement
from stations.access import require_write
from stations.models import Command, Location, Unit, User
from stations.signatures import Signature

# All that is done to stock by hand, under one name.
__all__ = [
    "Discarded",
    "OfLot",
    "ReceivedLot",
    "Used",
    "discard_stock",
    "receive_stock",
    "restock_unit",
    "return_to_station",
    "reverse_movement",
    "set_lot_status",
    "transfer_stock",
    "use_stock",
    "waste_stock",
]

Reason = StockMovement.Reason


@transaction.atomic
def use_stock(
    *,
    location: Location,
    lines: Sequence[Used],
    reference: str = "",
    witness: Signature | None = None,
    used_at: datetime | None = None,
    by: User | None,
    at: datetime,
    request_id: UUID,
) -> StockMovement:
    """Take what was used on patients from a shelf or unit: named lots, else first expired first. The first movement.

    ``reference`` is the incident. Never takes what is expired, held or promised; lists every line that is short.
    ``used_at``: when, if that was earlier than now. ``by`` None: the system, from the record of an incident.
    """
    facts = {"location": location.pk, "lines": lines, "reference": reference} | _said_besides(witness, used_at)
    command, is_new = Command.objects.claim(request_id, "use_stock", by=by, at=at, facts=facts)
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    if by is not None:
        require_write(by, location.owner)
    if witness is not None:
        check_witness(witness, (), by=by)
    check_place(location)
    check_quantities(lines)
    reference = checked_text(reference, most=60, name="incident number")
    levels = lock_levels(_items(lines), sources=[location])
    moved_at = used_at or at
    taken = take(lines, levels, today=timezone.localdate(moved_at))
    moves = _moves(taken, Location.objects.virtual(Location.Kind.CONSUMED), Reason.USED, reference, witness)
    [first, *_] = post_movements(command, moves, by=by, at=moved_at, locked=levels)
    command.log("used", first, comment=reference, location=location.pk, lines=_said(taken), **signed(witness))
    return first


@transaction.atomic
def restock_unit(*, unit: Unit, lines: Sequence[Used], by: User, at: datetime, request_id: UUID) -> StockMovement:
    """Fill a unit from all shelves of its station, first expired first. Answers the first movement."""
    facts = {"unit": unit.pk, "lines": lines}
    command, is_new = Command.objects.claim(request_id, "restock_unit", by=by, at=at, facts=facts)
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    require_write(by, unit.station)
    onto = place_of(unit)
    check_quantities(lines)
    shelves = shelves_of(unit.station).values()
    levels = lock_levels(_items(lines), sources=shelves, destinations=[onto])
    on_shelves = [level for level in levels if level.location_id != onto.pk]
    taken = take(lines, on_shelves, today=timezone.localdate(at))
    [first, *_] = post_movements(command, _moves(taken, onto, Reason.RESTOCKED), by=by, at=at, locked=levels)
    command.log("restocked", first, unit=unit.pk, lines=_said(taken))
    return first


@transaction.atomic
def return_to_station(*, unit: Unit, lines: Sequence[OfLot], by: User, at: datetime, request_id: UUID) -> StockMovement:
    """Take lots off a unit and back to its station: scheduled drugs to the safe, all else to the supply room."""
    facts = {"unit": unit.pk, "lines": lines}
    command, is_new = Command.objects.claim(request_id, "return_to_station", by=by, at=at, facts=facts)
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    require_write(by, unit.station)
    source = place_of(unit)
    check_quantities(lines)
    shelves = shelves_of(unit.station)
    lots = known_lots(lines)
    moves = [
        Move(
            line.lot_id,
            source.pk,
            shelf_for(shelves, is_scheduled=bool(lots[line.lot_id].item.schedule)).pk,
            line.quantity,
            Reason.TRANSFERRED,
        )
        for line in lines
    ]
    [first, *_] = post_movements(command, moves, by=by, at=at)
    command.log("returned", first, unit=unit.pk, lines=[[line.lot_id, line.quantity] for line in lines])
    return first


@transaction.atomic
def transfer_stock(
    *,
    source: Location,
    destination: Location,
    lines: Sequence[OfLot],
    reference: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> StockMovement:
    """Move lots between two places where the person may act: shelf to shelf, unit to unit. The first movement."""
    facts = {"source": source.pk, "destination": destination.pk, "lines": lines, "reference": reference}
    command, is_new = Command.objects.claim(request_id, "transfer_stock", by=by, at=at, facts=facts)
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    check_place(source, destination)
    require_write(by, source.owner)
    require_write(by, destination.owner)
    if source.pk == destination.pk:
        raise DomainError(_("That is where the stock is already: choose another place to move it to."))
    check_quantities(lines)
    known_lots(lines)
    reference = checked_text(reference, most=60, name="reference")
    moves = [
        Move(line.lot_id, source.pk, destination.pk, line.quantity, Reason.TRANSFERRED, reference) for line in lines
    ]
    first = post_movements(command, moves, by=by, at=at)[0]
    command.log("moved", first, comment=reference, lines=[[line.lot_id, line.quantity] for line in lines])
    return first


def _items(lines: Sequence[Used]) -> set[int]:
    return {line.item_id for line in lines}


def _said_besides(witness: Signature | None, used_at: datetime | None) -> dict[str, object]:
    """The facts that only records of incidents bring."""
    facts = {"witness": witness.person.pk if witness else None, "used_at": used_at}
    return {name: value for name, value in facts.items() if value is not None}


def _moves(
    taken: Sequence[Taken], onto: Location, reason: str, reference: str = "", witness: Signature | None = None
) -> list[Move]:
    seen_by = witness.person.pk if witness else None
    return [
        Move(level.lot_id, level.location_id, onto.pk, quantity, reason, reference, seen_by)
        for level, quantity in taken
    ]


def _said(taken: Sequence[Taken]) -> list[list[int]]:
    return [[level.lot_id, quantity] for level, quantity in taken]
