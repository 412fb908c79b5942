"""Receipt: what came, what was damaged, what was missing; and where the rest went."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core.errors import DomainError
from core.rows import write_rows
from inventory.actions.ledger import Move, post_movements
from inventory.models import StockMovement
from orders.actions.ending import close_complete
from orders.actions.locks import lock_orders_of, lock_shipment
from orders.errors import WrongState
from orders.models import Discrepancy, OrderLine, ResupplyOrder, Shipment, ShipmentLine
from stations.access import require_role, require_write
from stations.models import Command, Event, Location, User

State = Shipment.State
Resolution = Discrepancy.Resolution


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """What came of one shipment line, by its id, in base units; a reason where something was damaged or missing."""

    line_id: int
    accepted: int
    damaged: int = 0
    missing: int = 0
    reason: str = ""


@transaction.atomic
def receive_shipment(
    *,
    shipment: Shipment,
    version: int | None,
    lines: Sequence[ReceivedLine] = (),
    by: User,
    at: datetime,
    request_id: UUID,
) -> Shipment:
    """Take a shipment in at its station; lines that are not named came as sent. What was accepted moves from the van to
    its shelf; what was damaged or missing becomes a discrepancy, stays in the van's ledger until it is settled, and is
    no longer inbound, so that the next sweep asks for it again."""
    facts = {"shipment": shipment.pk, "lines": [astuple(line) for line in lines]}
    command, is_new = Command.objects.claim(request_id, "receive_shipment", by=by, at=at, facts=facts)
    if not is_new:
        return Shipment.objects.get(pk=command.answer())
    orders = lock_orders_of([shipment])
    locked = lock_shipment(shipment, version=version)
    require_write(by, locked.destination)
    if locked.state not in Shipment.IN_TRANSIT:
        raise WrongState(locked, locked.get_state_display(), "only what has left and is not received can be received.")
    sent = list(locked.lines.select_related("order_line__item", "level__lot").order_by("pk"))
    _accept(sent, {line.line_id: line for line in lines})
    _count_received(sent)
    van = Location.objects.get(unit__runs__stops=locked.stop_id)
    _move_in(command, locked, sent, van, by=by, at=at)
    problems = _report(sent, at)
    locked.state, locked.received_at, locked.received_by = State.RECEIVED, at, by
    locked.delivered_at = locked.delivered_at or at
    locked.version += 1
    locked.save(update_fields=["state", "received_at", "received_by", "delivered_at", "version"])
    command.log("received", locked, discrepancies=len(problems))
    ResupplyOrder.objects.filter(pk__in=[order.pk for order in orders]).update(version=F("version") + 1)
    Event.objects.bulk_create(command.event("received", order, shipment=locked.number) for order in orders)
    close_complete(command, orders, at=at)
    return locked


@transaction.atomic
def settle_discrepancy(
    *, discrepancy: Discrepancy, resolution: str, reason: str, by: User, at: datetime, request_id: UUID
) -> Discrepancy:
    """Say where damaged or missing stock went: found and handed over, back at its source, discarded, or lost."""
    facts = {"discrepancy": discrepancy.pk, "resolution": resolution, "reason": reason}
    command, is_new = Command.objects.claim(request_id, "settle_discrepancy", by=by, at=at, facts=facts)
    if not is_new:
        return Discrepancy.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    shipment = discrepancy.line.shipment
    lock_orders_of([shipment])
    lock_shipment(shipment)
    rows = Discrepancy.objects.select_for_update(of=("self",), no_key=True).select_related(
        "line__shipment__stop__run__van__location", "line__order_line__item", "line__level__lot"
    )
    locked = rows.get(pk=discrepancy.pk)
    _check_settlement(locked, resolution, reason)
    post_movements(command, [_settling_move(locked, resolution)], by=by, at=at)
    if resolution == Resolution.FOUND:
        _count_found(locked)
    locked.resolution, locked.reason = resolution, reason.strip()
    locked.settled_by, locked.settled_at = by, at
    locked.save(update_fields=["resolution", "reason", "settled_by", "settled_at"])
    command.log("settled", locked, comment=reason, resolution=resolution)
    command.log("settled a discrepancy", shipment, comment=reason, resolution=resolution, quantity=locked.quantity)
    return locked


def _accept(sent: Sequence[ShipmentLine], told: Mapping[int, ReceivedLine]) -> None:
    """Write what came onto the lines; refuse numbers that do not add up, all at once."""
    problems = [f"Line {pk} is not on this shipment." for pk in told.keys() - {line.pk for line in sent}]
    for line in sent:
        came = told.get(line.pk, ReceivedLine(line.pk, line.quantity))
        line.accepted, line.damaged, line.missing = came.accepted, came.damaged, came.missing
        line.receipt_reason = came.reason.strip()
        parts = (came.accepted, came.damaged, came.missing)
        if min(parts) < 0 or sum(parts) != line.quantity:
            problems.append(
                f"{line.order_line.item}, lot {line.level.lot}: accepted, damaged and missing must add up to "
                f"{line.quantity}."
            )
        elif came.accepted < line.quantity and not line.receipt_reason:
            problems.append(f"{line.order_line.item}, lot {line.level.lot}: say what was damaged or missing.")
    if problems:
        raise DomainError("This receipt does not add up. Nothing was changed.", problems=problems)
    write_rows(sent, ["accepted", "damaged", "missing", "receipt_reason"])


def _count_received(sent: Sequence[ShipmentLine]) -> None:
    order_lines: dict[int, OrderLine] = {}
    for line in sent:
        order_line = order_lines.setdefault(line.order_line_id, line.order_line)
        order_line.received += line.accepted or 0
        order_line.damaged += line.damaged
        order_line.missing += line.missing
    write_rows(order_lines.values(), ["received", "damaged", "missing"])


def _move_in(
    command: Command, shipment: Shipment, sent: Sequence[ShipmentLine], van: Location, *, by: User, at: datetime
) -> None:
    moves = [
        Move(
            line.level.lot_id,
            van.pk,
            line.order_line.location_id,
            line.accepted,
            StockMovement.Reason.DELIVERED,
            reference=shipment.number,
        )
        for line in sent
        if line.accepted
    ]
    post_movements(command, moves, by=by, at=at)


def _report(sent: Sequence[ShipmentLine], at: datetime) -> list[Discrepancy]:
    kinds = Discrepancy.Kind
    found = [(line, kind, getattr(line, kind.value)) for line in sent for kind in (kinds.DAMAGED, kinds.MISSING)]
    return Discrepancy.objects.bulk_create(
        Discrepancy(line=line, kind=kind, quantity=quantity, reported_at=at)
        for line, kind, quantity in found
        if quantity
    )


def _check_settlement(discrepancy: Discrepancy, resolution: str, reason: str) -> None:
    if discrepancy.resolution:
        raise WrongState("This discrepancy", discrepancy.get_resolution_display(), "it is settled already.")
    if resolution not in Resolution.values:
        raise DomainError("Say where it went: found, back at the source, discarded or lost.")
    if resolution == Resolution.FOUND and discrepancy.kind == Discrepancy.Kind.DAMAGED:
        raise DomainError("Damaged stock is discarded or goes back to the source; it is not handed to the station.")
    if not reason.strip():
        raise DomainError("Say how this was settled.")


def _settling_move(discrepancy: Discrepancy, resolution: str) -> Move:
    line = discrepancy.line
    assert line.shipment.stop is not None  # noqa: S101  # the database keeps a received shipment on its stop
    ends = {
        Resolution.FOUND: (line.order_line.location_id, StockMovement.Reason.DELIVERED),
        Resolution.RETURNED: (line.level.location_id, StockMovement.Reason.RETURNED),
        Resolution.DISCARDED: (_virtual(Location.Kind.DISCARDED), StockMovement.Reason.DISCARDED),
        Resolution.LOST: (_virtual(Location.Kind.VARIANCE), StockMovement.Reason.LOST),
    }
    destination, reason = ends[Resolution(resolution)]
    van = line.shipment.stop.run.van.location.pk
    return Move(line.level.lot_id, van, destination, discrepancy.quantity, reason, reference=line.shipment.number)


def _virtual(kind: Location.Kind) -> int:
    return Location.objects.virtual(kind).pk


def _count_found(discrepancy: Discrepancy) -> None:
    """What was missing was accepted after all."""
    line, quantity = discrepancy.line, discrepancy.quantity
    ShipmentLine.objects.filter(pk=line.pk).update(accepted=F("accepted") + quantity, missing=F("missing") - quantity)
    OrderLine.objects.filter(pk=line.order_line_id).update(
        received=F("received") + quantity, missing=F("missing") - quantity
    )
