"""Receipt: what came, what was damaged, what was missing; and where the rest went."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.pictures import Picture
from core.rows import write_rows
from inventory.actions.ledger import Move, post_movements
from inventory.models import StockMovement
from orders.actions.ending import close_complete
from orders.actions.locks import lock_orders_of, lock_shipment
from orders.actions.taking import item_and_lot
from orders.errors import WrongState
from orders.models import Discrepancy, DiscrepancyPhoto, OrderLine, ResupplyOrder, Shipment, ShipmentLine
from stations.access import require_write
from stations.models import Command, Event, Location, User

State = Shipment.State
NOT_NOW = gettext_lazy("only what has left and is not received can be received.")


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """What came of one shipment line, by its id, in base units; a reason where something was damaged or missing."""

    line_id: int
    accepted: int
    damaged: int = 0
    missing: int = 0
    reason: str = ""
    photos: Sequence[Picture] = ()

    @property
    def said(self) -> tuple[int, int, int, int, str]:
        """All but the photos."""
        return self.line_id, self.accepted, self.damaged, self.missing, self.reason


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
    facts: dict[str, object] = {"shipment": shipment.pk, "lines": [line.said for line in lines]}
    if photos := {line.line_id: [photo.mark for photo in line.photos] for line in lines if line.photos}:
        facts["photos"] = photos
    command, is_new = Command.objects.claim(request_id, "receive_shipment", by=by, at=at, facts=facts)
    if not is_new:
        return Shipment.objects.get(pk=command.answer())
    orders = lock_orders_of([shipment])
    locked = lock_shipment(shipment, version=version)
    require_write(by, locked.destination)
    if locked.state not in Shipment.IN_TRANSIT:
        raise WrongState(locked, locked.get_state_display(), str(NOT_NOW))
    receive(command, [locked], orders, {line.line_id: line for line in lines}, by=by, at=at)
    return locked


def receive(
    command: Command,
    shipments: Sequence[Shipment],
    orders: Sequence[ResupplyOrder],
    told: Mapping[int, ReceivedLine],
    *,
    by: User,
    at: datetime,
) -> None:
    """Take these locked shipments of these locked orders in, whatever their number in as many statements."""
    by_pk = {one.pk: one for one in shipments}
    sent = list(_lines_of(shipments))
    _accept(sent, told)
    _count_received(sent)
    _move_in(command, by_pk, sent, by=by, at=at)
    problems = _report(sent, told, at)
    for one in shipments:
        one.state, one.received_at, one.received_by = State.RECEIVED, at, by
        one.delivered_at = one.delivered_at or at
        one.version += 1
    write_rows(shipments, ["state", "received_at", "received_by_id", "delivered_at", "version"])
    found = Counter(problem.line.shipment_id for problem in problems)
    ResupplyOrder.objects.filter(pk__in=[order.pk for order in orders]).update(version=F("version") + 1)
    carried = dict.fromkeys((line.shipment_id, line.order_line.order_id) for line in sent)
    by_order = {order.pk: order for order in orders}
    Event.objects.bulk_create(
        [
            *(command.event("received", one, discrepancies=found[one.pk]) for one in shipments),
            *(command.event("received", by_order[order], shipment=by_pk[pk].number) for pk, order in carried),
        ]
    )
    close_complete(command, orders, at=at)


def _lines_of(shipments: Sequence[Shipment]) -> "QuerySet[ShipmentLine]":
    rows = ShipmentLine.objects.filter(shipment__in=shipments)
    return rows.select_related("order_line__item", "level__lot").order_by("pk")


def _accept(sent: Sequence[ShipmentLine], told: Mapping[int, ReceivedLine]) -> None:
    """Write what came onto the lines; refuse numbers that do not add up, all at once."""
    problems = [
        _("Line %(line)s is not on this shipment.") % {"line": pk} for pk in told.keys() - {line.pk for line in sent}
    ]
    for line in sent:
        came = told.get(line.pk, ReceivedLine(line.pk, line.quantity))
        line.accepted, line.damaged, line.missing = came.accepted, came.damaged, came.missing
        line.receipt_reason = came.reason.strip()
        parts = (came.accepted, came.damaged, came.missing)
        if min(parts) < 0 or sum(parts) != line.quantity:
            problems.append(
                _("%(what)s: accepted, damaged and missing must add up to %(quantity)s.")
                % {"what": item_and_lot(line), "quantity": line.quantity}
            )
        elif came.accepted < line.quantity and not line.receipt_reason:
            problems.append(_("%(what)s: say what was damaged or missing.") % {"what": item_and_lot(line)})
        elif len(came.photos) > (DiscrepancyPhoto.MOST if came.accepted < line.quantity else 0):
            problems.append(
                _("%(what)s: at most %(most)s photos, and only of what was damaged or missing.")
                % {"what": item_and_lot(line), "most": DiscrepancyPhoto.MOST}
            )
    if problems:
        raise DomainError(_("This receipt does not add up. Nothing was changed."), problems=problems)
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
    command: Command, shipments: Mapping[int, Shipment], sent: Sequence[ShipmentLine], *, by: User, at: datetime
) -> None:
    vans = dict(
        Location.objects.filter(unit__runs__stops__shipments__in=shipments).values_list(
            "unit__runs__stops__shipments", "pk"
        )
    )
    moves = [
        Move(
            line.level.lot_id,
            vans[line.shipment_id],
            line.order_line.location_id,
            line.accepted,
            StockMovement.Reason.DELIVERED,
            reference=shipments[line.shipment_id].number,
        )
        for line in sent
        if line.accepted
    ]
    post_movements(command, moves, by=by, at=at)


def _report(sent: Sequence[ShipmentLine], told: Mapping[int, ReceivedLine], at: datetime) -> list[Discrepancy]:
    """What was damaged or missing, with the photos of it."""
    kinds = Discrepancy.Kind
    found = [(line, kind, getattr(line, kind.value)) for line in sent for kind in (kinds.DAMAGED, kinds.MISSING)]
    problems = Discrepancy.objects.bulk_create(
        Discrepancy(line=line, kind=kind, quantity=quantity, reported_at=at)
        for line, kind, quantity in found
        if quantity
    )
    DiscrepancyPhoto.objects.bulk_create(
        DiscrepancyPhoto(line=line, number=number, content=photo.content, width=photo.width, height=photo.height)
        for line in dict.fromkeys(problem.line for problem in problems)
        for number, photo in enumerate(told[line.pk].photos, start=1)
    )
    return problems
