"""Lines of a request that waits for approval, met otherwise than by its source: by a transfer, or by a substitute."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import DomainError
from orders.errors import WrongState
from orders.models import OrderLine, ResupplyOrder
from orders.queries.approvals import next_step
from orders.sayings import BY_TRANSFER
from stations.models import Command, User


def cover_request(
    command: Command, line_id: int, transfer: ResupplyOrder, *, item: int, quantity: int, by: User, at: datetime
) -> None:
    """Grant so much less on a line of a locked request, because a transfer brings it. If nothing is left to approve,
    the request ends: all of it comes from elsewhere."""
    line = OrderLine.objects.select_related("order__station", "item").filter(pk=line_id, item=item).first()
    if line is None or line.order.station_id != transfer.station_id:
        raise DomainError(_("The request does not ask for this any more. Reload it. Nothing was changed."))
    require_decider(line.order, by)
    less(line, quantity, BY_TRANSFER(quantity=quantity, station=transfer.source, transfer=transfer))
    order = line.order
    rest = order.lines.exclude(approved=0)
    if not rest.exists():
        order.state, order.closed_at = ResupplyOrder.State.CANCELLED, at
    order.version += 1
    order.save(update_fields=["state", "closed_at", "version"])
    command.log("met by a transfer", order, comment=line.approval_reason, item=line.item.sku, quantity=quantity)


def require_decider(order: ResupplyOrder, by: User) -> None:
    """Refuse who could not approve this request now: these are parts of approving it."""
    step = next_step(order)
    if order.state != ResupplyOrder.State.SUBMITTED or step is None:
        raise WrongState(order, order.get_state_display(), _("only a request that waits for approval can be decided."))
    if order.requested_by_id == by.pk:
        raise DomainError(_("Nobody approves their own request: another person must decide this one."))
    if step.role != by.role:
        raise DomainError(
            _("This request waits for %(role)s (%(rule)s).")
            % {"role": step.get_role_display().lower(), "rule": step.get_rule_display().lower()}
        )


def less(line: OrderLine, quantity: int, reason: str) -> None:
    """Grant so much less of a line, with the reason added to what it says already."""
    granted = line.asked if line.approved is None else line.approved
    line.approved = max(0, granted - quantity)
    line.approval_reason = f"{line.approval_reason} {reason}".strip()[:200]
    line.save(update_fields=["approved", "approval_reason"])
