"""From the shelf into totes: what was promised is picked, or given back with a reason, and packed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.english import in_english
from core.errors import DomainError
from core.rows import write_rows
from inventory.models import StockLevel
from orders.actions.locks import lock_orders_of, lock_shipment
from orders.actions.taking import lines_with_lots, require_picking, take, unusable
from orders.errors import WrongState
from orders.models import Shipment, ShipmentLine
from stations.access import require_role
from stations.models import Command, User

State = Shipment.State


@transaction.atomic
def start_picking(*, shipment: Shipment, by: User, at: datetime, request_id: UUID) -> Shipment:
    """Take a shipment to pick: from now on nothing is added to it. Refused if another person already picks it."""
    command, is_new = Command.objects.claim(request_id, "start_picking", by=by, at=at, facts={"shipment": shipment.pk})
    if not is_new:
        return Shipment.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    locked = lock_shipment(shipment)
    if locked.state != State.PLANNED:
        todo = (
            _("%(picker)s has it.") % {"picker": locked.picker} if locked.picker_id else _("nothing is left to pick.")
        )
        raise WrongState(locked, locked.get_state_display(), todo)
    locked.state = State.PICKING
    locked.picker = by
    locked.version += 1
    locked.save(update_fields=["state", "picker", "version"])
    command.log("began picking", locked)
    return locked


@transaction.atomic
def confirm_picks(
    *,
    shipment: Shipment,
    version: int | None,
    picked: Mapping[int, int],
    reason: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> Shipment:
    """Say how much of each shipment line, by id, is in the tote. Less than promised needs a reason: the rest is owed to
    the station as a backorder, and what the shelf should still hold of that lot is set aside until it is counted. A lot
    that has expired or is held cannot be picked."""
    facts = {"shipment": shipment.pk, "picked": sorted(picked.items()), "reason": reason}
    command, is_new = Command.objects.claim(request_id, "confirm_picks", by=by, at=at, facts=facts)
    if not is_new:
        return Shipment.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    orders = lock_orders_of([shipment])
    locked = lock_shipment(shipment, version=version)
    take(command, [locked], orders, picked, reason=reason, at=at)
    return locked


@transaction.atomic
def pack_shipment(
    *, shipment: Shipment, version: int | None, totes: int, by: User, at: datetime, request_id: UUID
) -> Shipment:
    """Close a shipment whose lines are all picked into so many totes. It then waits for a run."""
    command, is_new = Command.objects.claim(
        request_id, "pack_shipment", by=by, at=at, facts={"shipment": shipment.pk, "totes": totes}
    )
    if not is_new:
        return Shipment.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    locked = lock_shipment(shipment, version=version)
    require_picking(locked)
    if not 1 <= totes <= 200:
        raise DomainError(_("Say how many totes it fills: from 1 to 200."))
    if left := list(lines_with_lots([locked]).filter(is_picked=False)):
        raise DomainError(
            _("Not everything is picked. Pick these lines, or confirm them short with a reason."),
            problems=[
                _("%(item)s: %(quantity)s, lot %(lot)s")
                % {"item": line.order_line.item, "quantity": line.quantity, "lot": line.level.lot}
                for line in left
            ],
        )
    locked.state = State.PACKED
    locked.totes = totes
    locked.packed_at = at
    locked.version += 1
    locked.save(update_fields=["state", "totes", "packed_at", "version"])
    command.log("packed", locked, totes=totes)
    return locked


@transaction.atomic
def reopen_shipment(
    *, shipment: Shipment, version: int | None, reason: str, by: User, at: datetime, request_id: UUID
) -> Shipment:
    """Open a packed shipment again, before it leaves: to take out a lot that may not go, or to mend a mistake."""
    command, is_new = Command.objects.claim(
        request_id, "reopen_shipment", by=by, at=at, facts={"shipment": shipment.pk, "reason": reason}
    )
    if not is_new:
        return Shipment.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    locked = lock_shipment(shipment, version=version)
    if locked.state != State.PACKED:
        raise WrongState(
            locked, locked.get_state_display(), _("only a packed shipment that has not left can be opened.")
        )
    if not reason.strip():
        raise DomainError(_("Say why it is opened again."))
    locked.lines.update(is_picked=False)
    locked.state = State.PICKING
    locked.picker = by
    locked.packed_at = None
    locked.version += 1
    locked.save(update_fields=["state", "picker", "packed_at", "version"])
    command.log("opened again", locked, comment=reason)
    return locked


@transaction.atomic
def take_other_lot(
    *, line: ShipmentLine, level: StockLevel, reason: str, by: User, at: datetime, request_id: UUID
) -> ShipmentLine:
    """Pick another lot of the same item from the same station than the one that expires first, with the reason.

    Refuses a lot that has expired or is held, one that holds less than the line, and a lot of another item.
    """
    facts = {"line": line.pk, "level": level.pk, "reason": reason}
    command, is_new = Command.objects.claim(request_id, "take_other_lot", by=by, at=at, facts=facts)
    if not is_new:
        return ShipmentLine.objects.get(pk=command.events.order_by("pk")[1].subject_id)
    require_role(by, User.Role.LOGISTICS)
    lock_orders_of([line.shipment])
    locked = lock_shipment(line.shipment)
    require_picking(locked)
    current = lines_with_lots([locked]).filter(pk=line.pk).first()
    levels = {row.pk: row for row in _lockable(line.level_id, level.pk)}
    if current is None or level.pk not in levels:
        raise DomainError(_("This line is no longer on the shipment. Reload the pick list."))
    wanted = levels[level.pk]
    _check_other_lot(current, wanted, locked, reason, at)
    levels[current.level_id].allocated -= current.quantity
    wanted.allocated += current.quantity
    write_rows(levels.values(), ["allocated"])
    before = in_english(current.level.lot)
    merged = _move_line(current, wanted, reason)
    Shipment.objects.filter(pk=locked.pk).update(version=F("version") + 1)
    command.log("took another lot", locked, comment=reason, before=before, after=in_english(wanted.lot))
    command.log("took another lot", merged, comment=reason)
    return merged


def _lockable(*pks: int) -> list[StockLevel]:
    return list(StockLevel.objects.select_related("lot", "location").filter(pk__in=pks).locked())


def _check_other_lot(line: ShipmentLine, wanted: StockLevel, shipment: Shipment, reason: str, at: datetime) -> None:
    item = line.order_line.item
    if wanted.pk == line.level_id:
        raise DomainError(_("That is the lot that the list already names."))
    if wanted.lot.item_id != item.pk or wanted.location.station_id != shipment.source_id:
        raise DomainError(
            _("Choose a lot of %(item)s on the shelves of %(source)s.") % {"item": item, "source": shipment.source}
        )
    if why := unusable(_("Lot %(lot)s") % {"lot": wanted.lot}, wanted.lot, at):
        raise DomainError(_("%(why)s: choose another.") % {"why": why})
    if wanted.available < line.quantity:
        raise DomainError(
            _("Lot %(lot)s has %(available)s free, the line needs %(quantity)s.")
            % {"lot": wanted.lot, "available": wanted.available, "quantity": line.quantity}
        )
    if not reason.strip():
        raise DomainError(_("Say why this lot is taken and not the one that expires first."))


def _move_line(line: ShipmentLine, wanted: StockLevel, reason: str) -> ShipmentLine:
    """Point the line to the other lot, or add it to a line that already takes that lot for the same order line."""
    twin = ShipmentLine.objects.filter(shipment=line.shipment_id, order_line=line.order_line, level=wanted).first()
    if twin is None:
        line.level, line.lot_reason, line.is_picked = wanted, reason, False
        line.save(update_fields=["level", "lot_reason", "is_picked"])
        return line
    twin.quantity += line.quantity
    twin.lot_reason, twin.is_picked = reason, False
    line.delete()
    twin.save(update_fields=["quantity", "lot_reason", "is_picked"])
    return twin
