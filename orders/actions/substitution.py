"""Approving another item where the one that was asked for is lacking; the requester sees both."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.english import in_english
from core.errors import DomainError
from inventory.models import Substitute
from orders.actions.asked import shelves_for
from orders.actions.locks import lock_order
from orders.actions.transfer_lines import less, require_decider
from orders.models import ApprovalStep, OrderLine, ResupplyOrder
from orders.queries.approvals import needed_steps
from orders.queries.substitutes import offers_for
from orders.sayings import REPLACED, REPLACED_OF
from stations.models import Command, User


@transaction.atomic
def approve_substitute(
    *, line: OrderLine, substitute: Substitute, version: int | None, by: User, at: datetime, request_id: UUID
) -> ResupplyOrder:
    """Where the source cannot fill a line of a request that waits for approval, grant so much less of it, with the
    reason, and ask for the substitute on a line of its own: as much as stands in for what is missing and is free.

    A part of approving: only the approver whose turn it is, never for their own request. Who else must approve is
    worked out anew: a scheduled substitute needs the chief.
    """
    facts = {"line": line.pk, "substitute": substitute.pk}
    command, is_new = Command.objects.claim(request_id, "approve_substitute", by=by, at=at, facts=facts)
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    locked = lock_order(line.order, version=version)
    require_decider(locked, by)
    found = locked.lines.select_related("item").filter(pk=line.pk).first()
    if found is None:
        raise DomainError(_("This line is no longer on the request. Reload it."))
    found.order = locked
    offers = offers_for([found], today=timezone.localdate(at)).get(found.pk, [])
    offer = next((one for one in offers if one.substitute.pk == substitute.pk), None)
    if offer is None:
        raise DomainError(
            _("%(substitute)s cannot stand in for %(item)s now. Nothing was changed.")
            % {"substitute": substitute.substitute, "item": found.item}
        )
    replaced = {"covers": offer.covers, "quantity": offer.quantity, "substitute": offer.item}
    less(found, offer.covers, REPLACED(**replaced))
    added = _ask(locked, offer.substitute, offer.quantity)
    approvers = _renew_steps(locked)
    locked.version += 1
    locked.save(update_fields=["version"])
    details = {"item": found.item.sku, "substitute": added.item.sku, "quantity": [0, offer.quantity]}
    command.log("substituted", locked, comment=REPLACED_OF(item=found.item, **replaced), approvers=approvers, **details)
    return locked


def _ask(order: ResupplyOrder, substitute: Substitute, quantity: int) -> OrderLine:
    """A line for the substitute, or so much more on the one that is there."""
    item = substitute.substitute
    there = order.lines.select_related("item").filter(item=item).first()
    if there is None:
        place = shelves_for(order.station, [item])[item.pk]
        return OrderLine.objects.create(order=order, item=item, location_id=place, asked=quantity, is_edited=True)
    there.asked += quantity
    there.approved = None if there.approved is None else there.approved + quantity
    there.save(update_fields=["asked", "approved"])
    return there


def _renew_steps(order: ResupplyOrder) -> list[str]:
    """The approvers still needed by the lines as they are now; those who have decided stay."""
    decided = order.approval_steps.exclude(decided_at=None).count()
    lines = list(order.lines.select_related("item"))
    order.approval_steps.filter(decided_at=None).delete()
    needed = [step for step in needed_steps(order, lines) if step.position > decided]
    return list(map(in_english, ApprovalStep.objects.bulk_create(needed)))
