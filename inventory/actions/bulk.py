"""Many movements of every kind in one command, all or none: what another system has collected and now hands over."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.actions.bulk_plan import Plan, lock_levels_for
from inventory.actions.bulk_rows import Discard, Named, Receive, Row, RowsRefused, Shift, Use, of_kind
from inventory.actions.ledger import Move, post_movements
from inventory.actions.lines import check_witness
from inventory.actions.receiving import LotKey, bad_lines, contradictions, lots_of
from inventory.models import Lot, StockMovement
from stations.access import own_stations
from stations.models import Command, Event, User
from stations.signatures import Signature

MOST_ROWS = 1_000


@transaction.atomic
def post_bulk(
    *, rows: Sequence[Row], witness: Signature | None = None, by: User, at: datetime, request_id: UUID
) -> list[StockMovement]:
    """Receive, move, use and discard, up to a thousand rows, all or none: the movements, in the order of the rows.

    Each row keeps the rules of its own command, and all are judged against the stock as it was before: no row may take
    what another one brings. ``RowsRefused`` names every row that cannot be. One witness stands for all scheduled drugs
    that are discarded. A constant number of queries.
    """
    facts = {"rows": rows, "witness": witness.person.pk if witness else None}
    command, is_new = Command.objects.claim(request_id, "post_bulk", by=by, at=at, facts=facts)
    if not is_new:
        return list(command.movements.order_by("pk"))
    if not 1 <= len(rows) <= MOST_ROWS:
        raise DomainError(_("Send 1 to %(most)s movements at once.") % {"most": f"{MOST_ROWS:,}"})
    named, today = Named(rows), timezone.localdate(at)
    _refuse(named.faults(rows))
    _require_write(by, rows, named)
    discarded = [named.lots[row.line.lot_id] for row in of_kind(rows, Discard).values()]
    check_witness(witness, discarded, by=by)
    rows = [_stripped(row) for row in rows]
    received = _received(rows, named, today)
    plan = Plan(named, lock_levels_for(rows, named, received), received, today)
    plan.make(rows)
    _refuse(plan.short)
    moves = [list(_signed(plan.moves[number], row, witness)) for number, row in enumerate(rows)]
    made = post_movements(command, [move for some in moves for move in some], by=by, at=at)
    Event.objects.bulk_create(_events(command, rows, moves, made, witness))
    return made


def _refuse(faults: Mapping[tuple[int, str], str]) -> None:
    if faults:
        raise RowsRefused(dict(sorted(faults.items())))


def _require_write(by: User, rows: Sequence[Row], named: Named) -> None:
    if by.role == User.Role.LOGISTICS:
        return
    stations = {row.station_id for row in of_kind(rows, Receive).values()}
    stations |= {place.owner.pk for place in named.places.values()}
    if not stations <= set(own_stations(by).values_list("pk", flat=True)):
        raise PermissionDenied


def _stripped(row: Row) -> Row:
    if not isinstance(row, Receive):
        return row
    line = replace(row.line, number=row.line.number.strip(), serial_number=row.line.serial_number.strip())
    return replace(row, line=line, reference=row.reference.strip())


def _received(rows: Sequence[Row], named: Named, today: date) -> Mapping[LotKey, Lot]:
    """The lots of what suppliers brought, made where they are new."""
    received = of_kind(rows, Receive)
    if not received:
        return {}
    numbers, lines = list(received), [row.line for row in received.values()]
    _refuse({(numbers[at], "item"): said for at, said in bad_lines(lines, named.items, today).items()})
    lots = lots_of(lines)
    _refuse({(numbers[at], "lot_number"): said for at, said in contradictions(lines, lots).items()})
    return lots


def _signed(moves: Iterable[Move], row: Row, witness: Signature | None) -> Iterator[Move]:
    """What is discarded says who saw it."""
    for move in moves:
        yield replace(move, witness_id=witness.person.pk) if witness and isinstance(row, Discard) else move


def _events(
    command: Command,
    rows: Sequence[Row],
    moves: Sequence[Sequence[Move]],
    made: Sequence[StockMovement],
    witness: Signature | None,
) -> Iterator[Event]:
    """The log as if each had come by its own command: one event for what has kind, place and words in common."""
    said: dict[tuple[str, str, int], tuple[StockMovement, list[list[int]]]] = {}
    waiting = iter(made)
    for row, some in zip(rows, moves, strict=True):
        for move, movement in zip(some, waiting, strict=False):
            key = _verb(row), row.reason if isinstance(row, Discard) else row.reference, _place(row)
            said.setdefault(key, (movement, []))[1].append([move.lot_id, move.quantity])
    for (verb, comment, place), (first, lines) in said.items():
        details: dict[str, object] = {"lines": lines} | ({"location": place} if place else {})
        if witness and verb in ("wasted", "discarded"):
            details |= {"witnessed_by": str(witness.person), "signed_with": witness.how}
        yield command.event(verb, first, comment=comment, **details)


def _verb(row: Row) -> str:
    if isinstance(row, Discard):
        return "wasted" if row.is_waste else "discarded"
    return {Receive: "received from supplier", Shift: "moved", Use: "used"}[type(row)]


def _place(row: Row) -> int:
    return row.location_id if isinstance(row, Use | Discard) else 0
