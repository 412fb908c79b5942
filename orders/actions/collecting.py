"""At a donor's stop: the driver takes what is to be moved, line by line, into the van."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.actions.ledger import Move, lock_levels_of, post_movements
from inventory.models import StockMovement
from orders.actions.allocation import release
from orders.actions.ending import close_complete
from orders.actions.locks import lock_orders_of, lock_shipments
from orders.actions.runs import add_up, lock_stop_on_the_road
from orders.actions.taking import item_and_lot, unusable
from orders.errors import WrongState
from orders.models import ResupplyOrder, Shipment, ShipmentLine, Stop
from stations.models import Command, Event, User


@transaction.atomic
def collect_stop(
    *,
    stop: Stop,
    taken: Mapping[int, int],
    given_by: str,
    reason: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> Stop:
    """Take over what is to be moved from this station: base units by shipment line id; lines that are not named are
    taken in full. Less needs a reason; the rest stays, free again, and the transfer brings so much less.

    What is taken moves from the shelf into the van, in the ledger too. A stop at which nothing is handed over is done
    by this; else the handing over comes next. Refuses lots that have expired or are held since.
    """
    facts = {"stop": stop.pk, "taken": sorted(taken.items()), "given_by": given_by, "reason": reason}
    command, is_new = Command.objects.claim(request_id, "collect_stop", by=by, at=at, facts=facts)
    if not is_new:
        return Stop.objects.get(pk=command.answer())
    locked = lock_stop_on_the_road(stop, by)
    if locked.state not in (Stop.State.PLANNED, Stop.State.ARRIVED):
        raise WrongState(_("This stop"), locked.get_state_display(), _("nothing is left to collect."))
    waiting = locked.pickups.filter(state=Shipment.State.TO_COLLECT, stop__run=locked.run)
    orders = lock_orders_of(waiting)
    shipments = [
        one for one in lock_shipments(waiting.values_list("pk", flat=True)) if one.state == Shipment.State.TO_COLLECT
    ]
    lines = list(
        ShipmentLine.objects.filter(shipment__in=shipments)
        .select_related("shipment", "order_line__item", "order_line__order", "level__lot")
        .order_by("pk")
    )
    if not lines:
        raise DomainError(_("Nothing waits here to be collected any more. Reload the stop."))
    _check(lines, taken, given_by, reason, at)
    short = {line.pk: line.quantity - taken.get(line.pk, line.quantity) for line in lines}
    _leave(command, [line for line in lines if short[line.pk]], short, reason)
    _load(command, locked, [line for line in lines if line.quantity], by=by, at=at)
    _note_stop(locked, given_by, at=at)
    collected = {line.order_line.item.sku: line.quantity for line in lines}
    command.log("collected", locked, comment=reason, station=locked.station.code, by=locked.handed_to, taken=collected)
    _log(command, locked, orders, lines)
    close_complete(command, orders, at=at)
    return locked


def _check(lines: Sequence[ShipmentLine], taken: Mapping[int, int], given_by: str, reason: str, at: datetime) -> None:
    problems = [
        _("Line %(line)s is no longer to be collected here.") % {"line": pk}
        for pk in taken.keys() - {line.pk for line in lines}
    ]
    for line in lines:
        name, quantity = item_and_lot(line), taken.get(line.pk, line.quantity)
        if not 0 <= quantity <= line.quantity:
            problems.append(_("%(what)s: take from 0 to %(quantity)s.") % {"what": name, "quantity": line.quantity})
        elif quantity < line.quantity and not reason.strip():
            problems.append(_("%(what)s: say why you take less.") % {"what": name})
        if quantity and (why := unusable(name, line.level.lot, at)):
            problems.append(_("%(why)s: leave it, and say so.") % {"why": why})
    if not given_by.strip():
        problems.append(_("Say who gave it to you, or where you took it."))
    if problems:
        raise DomainError(_("This cannot be collected like this. Nothing was changed."), problems=problems)


def _leave(command: Command, lines: Sequence[ShipmentLine], short: Mapping[int, int], reason: str) -> None:
    """What is not taken is free again at its donor."""
    if not lines:
        return
    orders = {line.order_line.order_id: line.order_line.order for line in lines}
    release(lines, short)
    Event.objects.bulk_create(command.event("collected short", order, comment=reason) for order in orders.values())


def _load(command: Command, stop: Stop, lines: Sequence[ShipmentLine], *, by: User, at: datetime) -> None:
    """Off the donor's shelf, into the van, counted as shipped."""
    van = stop.run.van.location.pk
    moves = [
        Move(
            line.level.lot_id,
            line.level.location_id,
            van,
            line.quantity,
            StockMovement.Reason.COLLECTED,
            reference=line.shipment.number,
        )
        for line in lines
    ]
    levels = lock_levels_of(moves, {move.source_id for move in moves} | {van})
    add_up(lines, levels.values(), allocated=-1, shipped=1)
    post_movements(command, moves, by=by, at=at, locked=levels.values())
    ShipmentLine.objects.filter(pk__in=[line.pk for line in lines]).update(is_picked=True)
    Shipment.objects.filter(pk__in={line.shipment_id for line in lines}).update(
        state=Shipment.State.DISPATCHED, packed_at=at, dispatched_at=at, version=F("version") + 1
    )
    ResupplyOrder.objects.filter(pk__in={line.order_line.order_id for line in lines}).update(
        state=ResupplyOrder.State.IN_FULFILMENT, version=F("version") + 1
    )


def _note_stop(stop: Stop, given_by: str, *, at: datetime) -> None:
    """The van is there; it is done there if nothing is to be handed over."""
    stop.arrived_at = stop.arrived_at or at
    stop.state = Stop.State.ARRIVED
    if not stop.shipments.filter(state=Shipment.State.DISPATCHED).exists():
        stop.state, stop.handed_to, stop.left_at = Stop.State.DELIVERED, given_by.strip(), at
    stop.save(update_fields=["state", "arrived_at", "handed_to", "left_at"])


def _log(command: Command, stop: Stop, orders: Sequence[ResupplyOrder], lines: Sequence[ShipmentLine]) -> None:
    going = {line.shipment_id: line.shipment for line in lines if line.quantity}
    shipped = {line.order_line.order_id for line in lines if line.quantity}
    Event.objects.bulk_create(
        [command.event("collected", one, run=stop.run.number, station=stop.station.code) for one in going.values()]
        + [command.event("shipped", order, run=stop.run.number) for order in orders if order.pk in shipped]
    )
    for order in orders:
        order.refresh_from_db(fields=["state"])
