"""A request until it is approved: drafted, edited, submitted, cancelled."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.english import in_english
from core.errors import DomainError
from orders.actions.asked import Quantities, set_quantities
from orders.actions.locks import lock_order
from orders.errors import WrongState
from orders.models import ApprovalStep, ResupplyOrder
from orders.queries.approvals import needed_steps
from stations.access import require_write
from stations.models import Command, Station, User

State = ResupplyOrder.State


class Unchanged(Enum):
    """Stands for a detail that a command leaves as it is, where None means that there is none."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@transaction.atomic
def create_order(
    *,
    station: Station,
    quantities: Quantities,
    priority: int = ResupplyOrder.Priority.ROUTINE,
    needed_by: datetime | None = None,
    comment: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> ResupplyOrder:
    """A person's own draft: base units by item id, or by item and place. Refuses unknown items, bad quantities and an
    unsupplied station."""
    facts = _facts(station=station.pk, quantities=quantities, priority=priority, needed_by=needed_by, comment=comment)
    command, is_new = Command.objects.claim(request_id, "create_order", by=by, at=at, facts=facts)
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    require_write(by, station)
    if station.supplied_by is None:
        raise DomainError(
            _("%(station)s is supplied by nobody: receive its stock from the vendor instead.") % {"station": station}
        )
    order = ResupplyOrder.objects.create(
        station=station,
        source=station.supplied_by,
        priority=_known(priority),
        needed_by=needed_by,
        comment=comment,
        created_at=at,
    )
    changes = set_quantities(order, quantities)
    command.log("drafted", order, comment=comment, changes=changes)
    return order


@transaction.atomic
def edit_order(
    *,
    order: ResupplyOrder,
    version: int | None,
    quantities: Quantities,
    priority: int | None = None,
    needed_by: datetime | Unchanged | None = UNCHANGED,
    comment: str | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> ResupplyOrder:
    """Set these lines of a draft, adding new ones; 0 means not wanted. Lines that are not named stay as they are."""
    facts = _facts(order=order.pk, quantities=quantities, priority=priority, needed_by=needed_by, comment=comment)
    command, is_new = Command.objects.claim(request_id, "edit_order", by=by, at=at, facts=facts)
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    locked = _lock_draft(order, version, by)
    changes = set_quantities(locked, quantities)
    _set_details(locked, priority, needed_by, comment)
    locked.version += 1
    locked.save(update_fields=["priority", "needed_by", "comment", "version"])
    command.log("edited", locked, changes=changes)
    return locked


@transaction.atomic
def submit_order(
    *,
    order: ResupplyOrder,
    version: int | None,
    quantities: Quantities | None = None,
    priority: int | None = None,
    needed_by: datetime | Unchanged | None = UNCHANGED,
    comment: str | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> ResupplyOrder:
    """Send a draft to its approvers, with last changes to its quantities. Items with 0 are left out."""
    facts = _facts(order=order.pk, quantities=quantities or {}, priority=priority, needed_by=needed_by, comment=comment)
    command, is_new = Command.objects.claim(request_id, "submit_order", by=by, at=at, facts=facts)
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    locked = _lock_draft(order, version, by)
    changes = set_quantities(locked, quantities or {})
    _set_details(locked, priority, needed_by, comment)
    if locked.needed_by is not None and locked.needed_by <= at:
        raise DomainError(_("The time by which it is needed has passed: choose a later one, or none."))
    every = list(locked.lines.select_related("item"))
    lines = [line for line in every if line.asked]
    if not lines:
        raise DomainError(_("Nothing is asked for. Put a quantity on at least one item."))
    if len(lines) < len(every):
        locked.lines.filter(asked=0).delete()
    locked.state = State.SUBMITTED
    locked.is_automatic = False
    locked.requested_by = by
    locked.submitted_at = at
    locked.version += 1
    locked.save()
    steps = needed_steps(locked, lines)
    ApprovalStep.objects.bulk_create(steps)
    command.log("submitted", locked, comment=locked.comment, changes=changes, approvers=list(map(in_english, steps)))
    return locked


@transaction.atomic
def cancel_order(
    *, order: ResupplyOrder, version: int | None, reason: str, by: User, at: datetime, request_id: UUID
) -> ResupplyOrder:
    """Give up a request before it is approved. An approved order is closed short instead."""
    command, is_new = Command.objects.claim(
        request_id, "cancel_order", by=by, at=at, facts={"order": order.pk, "reason": reason}
    )
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    locked = lock_order(order, version=version)
    require_write(by, locked.station)
    if locked.state not in (State.DRAFT, State.SUBMITTED):
        raise WrongState(locked, locked.get_state_display(), _("what is not sent yet can be closed short instead."))
    if not reason.strip():
        raise DomainError(_("Say why this request is cancelled."))
    locked.state = State.CANCELLED
    locked.closed_at = at
    locked.version += 1
    locked.save(update_fields=["state", "closed_at", "version"])
    command.log("cancelled", locked, comment=reason)
    return locked


def _facts(*, quantities: Quantities, **facts: object) -> dict[str, object]:
    asked = sorted(([key] if isinstance(key, int) else list(key), quantity) for key, quantity in quantities.items())
    return {**facts, "quantities": asked}


def _known(priority: int) -> int:
    if priority not in ResupplyOrder.Priority.values:
        raise DomainError(_("Choose routine, urgent or stat."))
    return priority


def _lock_draft(order: ResupplyOrder, version: int | None, by: User) -> ResupplyOrder:
    locked = lock_order(order, version=version)
    require_write(by, locked.station)
    if locked.state != State.DRAFT:
        raise WrongState(locked, locked.get_state_display(), _("only a draft can be changed or sent."))
    return locked


def _set_details(
    order: ResupplyOrder, priority: int | None, needed_by: datetime | Unchanged | None, comment: str | None
) -> None:
    if priority is not None:
        order.priority = _known(priority)
    if needed_by is not UNCHANGED:
        order.needed_by = needed_by
    if comment is not None:
        order.comment = comment
