"""The ledger: the one way in which stock moves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.errors import InsufficientStock
from inventory.models import Lot, StockLevel, StockMovement
from stations.access import require_role
from stations.models import Command, Location, User

Pair = tuple[int, int]

# Undoing these by hand would leave the shipment and the ledger telling two stories.
_SHIPPED = (
    StockMovement.Reason.DISPATCHED,
    StockMovement.Reason.COLLECTED,
    StockMovement.Reason.DELIVERED,
    StockMovement.Reason.RETURNED,
    StockMovement.Reason.LOST,
)


@dataclass(frozen=True, slots=True)
class Move:
    """One line to add to the ledger: whole base units of a lot, from one location to another, by their ids."""

    lot_id: int
    source_id: int
    destination_id: int
    quantity: int
    reason: str
    reference: str = ""
    witness_id: int | None = None
    reverses_id: int | None = None


def post_movements(
    command: Command,
    moves: Sequence[Move],
    *,
    by: User | None,
    at: datetime,
    locked: Iterable[StockLevel] | None = None,
) -> list[StockMovement]:
    """Add lines to the ledger, all or none, in a constant number of queries. The database moves the levels along.

    Locks every level that the lines touch, in one order, then refuses the whole command if any physical place would
    give more than it has and has not promised, and lists each such line. Release an allocation before moving it.

    ``locked``: a command that had to lock the levels at both ends before it could choose hands them over, as they are
    now, instead of having them locked and read again. Every source must then be a physical place.
    """
    if locked is None:
        physical = _physical(moves)
        levels = lock_levels_of(moves, physical)
    else:
        physical = {move.source_id for move in moves}
        levels = by_pair(locked)
    _check_enough(moves, physical, levels)
    return StockMovement.objects.bulk_create(
        [
            StockMovement(
                lot_id=move.lot_id,
                source_id=move.source_id,
                destination_id=move.destination_id,
                quantity=move.quantity,
                reason=move.reason,
                reference=move.reference,
                witness_id=move.witness_id,
                reverses_id=move.reverses_id,
                moved_at=at,
                moved_by=by,
                command=command,
            )
            for move in moves
        ]
    )


def _physical(moves: Sequence[Move]) -> set[int]:
    ends = {move.source_id for move in moves} | {move.destination_id for move in moves}
    return set(Location.objects.filter(pk__in=ends, kind__in=Location.PHYSICAL).values_list("pk", flat=True))


def by_pair(levels: Iterable[StockLevel]) -> dict[Pair, StockLevel]:
    """Levels by location and lot."""
    return {(level.location_id, level.lot_id): level for level in levels}


def lock_levels_of(moves: Sequence[Move], physical: set[int]) -> dict[Pair, StockLevel]:
    """Lock the levels at both ends of these lines as far as they are at ``physical`` places, in one order."""
    ends = {(end, move.lot_id) for move in moves for end in (move.source_id, move.destination_id) if end in physical}
    rows = StockLevel.objects.locked().filter(
        location_id__in={location for location, _ in ends}, lot_id__in={lot for _, lot in ends}
    )
    return by_pair(rows)


def _check_enough(moves: Sequence[Move], physical: set[int], levels: Mapping[Pair, StockLevel]) -> None:
    leaving: Counter[Pair] = Counter()
    for move in moves:
        if move.source_id in physical:
            leaving[move.source_id, move.lot_id] += move.quantity
    available = {pair: levels[pair].available if pair in levels else 0 for pair in leaving}
    short = [pair for pair, quantity in leaving.items() if quantity > available[pair]]
    if short:
        raise InsufficientStock([*_sentences(short, leaving, available)])


def _sentences(short: Sequence[Pair], leaving: Mapping[Pair, int], available: Mapping[Pair, int]) -> list[str]:
    places = Location.objects.select_related("station").in_bulk({location for location, _ in short})
    lots = Lot.objects.select_related("item").in_bulk({lot for _, lot in short})
    return [
        told_short(lots[lot], places[location], asked=leaving[location, lot], free=available[location, lot])
        for location, lot in short
    ]


def told_short(lot: Lot, place: Location, *, asked: int, free: int) -> str:
    """That a place has too little of a lot, as a sentence."""
    told = {"item": lot.item, "lot": lot, "place": place, "asked": f"{asked:,}", "free": f"{free:,}"}
    return _("%(item)s (lot %(lot)s) at %(place)s: %(asked)s asked, %(free)s available.") % told


@transaction.atomic
def reverse_movement(
    *, movement: StockMovement, reason: str, by: User, at: datetime, request_id: UUID
) -> StockMovement:
    """Undo a mistake by a movement back, once. Logistics only; what has been moved on since cannot come back."""
    command, is_new = Command.objects.claim(
        request_id, "reverse_movement", by=by, at=at, facts={"movement": movement.pk, "reason": reason}
    )
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    if not reason.strip():
        raise DomainError(_("Say why this movement is undone."))
    locked = StockMovement.objects.select_for_update(no_key=True).get(pk=movement.pk)
    if StockMovement.objects.filter(reverses=locked).exists():
        raise DomainError(_("This movement has already been undone."))
    if locked.reason in _SHIPPED:
        raise DomainError(_("Stock on its way is settled with its shipment: receive it, or settle its discrepancy."))
    back = Move(
        locked.lot_id,
        locked.destination_id,
        locked.source_id,
        locked.quantity,
        StockMovement.Reason.CORRECTED,
        reference=reason[:60],
        reverses_id=locked.pk,
    )
    [made] = post_movements(command, [back], by=by, at=at)
    command.log("undone", made, comment=reason, movement=locked.pk, quantity=locked.quantity)
    return made
