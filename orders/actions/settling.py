"""What left and was not accepted: found and handed over, back at its source, discarded, or lost."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.actions.ledger import Move, post_movements
from inventory.models import StockMovement
from orders.actions.locks import lock_orders_of, lock_shipment
from orders.errors import WrongState
from orders.models import Discrepancy, OrderLine, ShipmentLine
from stations.access import require_role
from stations.models import Command, Location, User

Resolution = Discrepancy.Resolution


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


def _check_settlement(discrepancy: Discrepancy, resolution: str, reason: str) -> None:
    if discrepancy.resolution:
        raise WrongState(_("This discrepancy"), discrepancy.get_resolution_display(), _("it is settled already."))
    if resolution not in Resolution.values:
        raise DomainError(_("Say where it went: found, back at the source, discarded or lost."))
    if resolution == Resolution.FOUND and discrepancy.kind == Discrepancy.Kind.DAMAGED:
        raise DomainError(_("Damaged stock is discarded or goes back to the source; it is not handed to the station."))
    if not reason.strip():
        raise DomainError(_("Say how this was settled."))


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
