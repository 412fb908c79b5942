"""How an order ends short: on purpose and with a reason."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from orders.actions.allocation import release
from orders.actions.ending import close_complete
from orders.actions.locks import lock_order, lock_shipments
from orders.errors import WrongState
from orders.models import ResupplyOrder, Shipment, ShipmentLine
from stations.access import require_role
from stations.models import Command, User


@transaction.atomic
def close_short(
    *,
    order: ResupplyOrder,
    version: int | None,
    reason: str,
    line_ids: Collection[int] | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> ResupplyOrder:
    """Give up what these lines of an order, or all, are still owed. What is on its way still comes; what is promised
    and not yet being picked is free again; what is being picked must be picked short or sent first."""
    facts = {"order": order.pk, "reason": reason, "lines": None if line_ids is None else sorted(line_ids)}
    command, is_new = Command.objects.claim(request_id, "close_short", by=by, at=at, facts=facts)
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    locked = lock_order(order, version=version)
    if locked.state not in ResupplyOrder.UNDER_WAY:
        raise WrongState(locked, locked.get_state_display(), _("only an approved order can be closed short."))
    if not reason.strip():
        raise DomainError(_("Say why the rest is not sent."))
    given_up = _give_up(locked, line_ids)
    locked.version += 1
    locked.save(update_fields=["version"])
    command.log("closed short", locked, comment=reason, given_up=given_up)
    close_complete(command, [locked], at=at)
    locked.refresh_from_db(fields=["state", "closed_at"])
    return locked


def _give_up(order: ResupplyOrder, line_ids: Collection[int] | None) -> dict[str, int]:
    chosen = order.lines.select_related("item")
    if line_ids is not None:
        chosen = chosen.filter(pk__in=line_ids)
    promised = ShipmentLine.objects.filter(order_line__in=chosen, shipment__state__in=Shipment.NOT_LEFT)
    lock_shipments(promised.values_list("shipment_id", flat=True))
    lines = list(promised.select_related("shipment", "order_line__item"))
    untouched = (Shipment.State.PLANNED, Shipment.State.TO_COLLECT)
    if begun := [line for line in lines if line.shipment.state not in untouched]:
        raise DomainError(
            _("Some of it is being picked or packed. Pick it short there, or let it go."),
            problems=[
                _("%(item)s in %(shipment)s") % {"item": line.order_line.item, "shipment": line.shipment}
                for line in begun
            ],
        )
    before = {line.pk: line.cancelled for line in chosen.all()}
    release(lines)
    now = list(chosen.all())
    for line in now:
        line.cancelled += line.owed
    write_rows(now, ["cancelled"])
    given_up = {line.item.sku: line.cancelled - before[line.pk] for line in now if line.cancelled > before[line.pk]}
    if not given_up:
        raise DomainError(_("Nothing is owed on these lines: there is nothing to close short."))
    return given_up
