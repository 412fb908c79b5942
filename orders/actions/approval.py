"""Approval, per line and with a reason where less: by each approver in turn, never by the one who asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from orders.actions.allocation import allocate_lines
from orders.actions.choices import Choice
from orders.actions.granting import LineDecision, Steps, grant, open_steps, refuse_others
from orders.actions.locks import lock_order, lock_orders
from orders.actions.transfer_promises import promise_transfer
from orders.models import ResupplyOrder
from stations.access import require_role
from stations.actions.versions import check_version
from stations.models import Command, User

State = ResupplyOrder.State


@transaction.atomic
def approve_order(
    *,
    order: ResupplyOrder,
    version: int | None,
    decisions: Sequence[LineDecision] = (),
    comment: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> ResupplyOrder:
    """Approve as the next approver. Lines that are not named are granted in full. After the last approver the order is
    approved, and stock is promised to it at once, of what is short its fair share; the rest is owed as a backorder."""
    facts = {"order": order.pk, "decisions": [_fact(one) for one in decisions], "comment": comment}
    command, is_new = Command.objects.claim(request_id, "approve_order", by=by, at=at, facts=facts)
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    locked, steps = _lock_for_decision(order, version, by)
    is_last = bool(grant(command, [locked], steps, decisions=decisions, comment=comment))
    choices = {
        one.line_id: Choice(one.promise, one.promise_reason.strip()) for one in decisions if one.promise is not None
    }
    if not is_last:
        if choices:
            following = steps[locked.pk][1]
            raise DomainError(
                _("What is promised now is decided last, by %(role)s.") % {"role": following.get_role_display().lower()}
            )
    elif locked.is_transfer:
        promise_transfer(command, locked, list(locked.lines.filter(approved__gt=0).select_related("item")), at=at)
    else:
        allocate_lines(command, [locked], at=at, choices=choices)
    return locked


@transaction.atomic
def approve_orders(*, versions: Mapping[int, int], by: User, at: datetime, request_id: UUID) -> list[ResupplyOrder]:
    """Approve several requests in full, each as its next approver: all of them or, with a sentence for each that cannot
    be, none. ``versions`` by order id, as they were looked at. Stock is promised to the most urgent first."""
    facts = {"orders": sorted(versions.items())}
    command, is_new = Command.objects.claim(request_id, "approve_orders", by=by, at=at, facts=facts)
    if not is_new:
        return list(ResupplyOrder.objects.filter(pk__in=versions).order_by("pk"))
    require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
    if not versions:
        raise DomainError(_("Choose at least one request."))
    orders = lock_orders(versions)
    steps = open_steps(orders)
    _refuse_together(orders, versions, steps, by)
    ended = grant(command, orders, steps)
    ended.sort(key=lambda order: (-order.priority, order.submitted_at or at, order.pk))
    allocate_lines(command, ended, at=at)
    return orders


def _refuse_together(orders: Sequence[ResupplyOrder], versions: Mapping[int, int], steps: Steps, by: User) -> None:
    """Refuse with a sentence for each locked order that was changed since, or is not this person's to decide so."""
    problems = [
        _("Request %(request)s is not there any more.") % {"request": pk}
        for pk in versions.keys() - {order.pk for order in orders}
    ]
    for order in orders:
        try:
            check_version(order, versions[order.pk])
            refuse_others(order, steps, by)
            if order.is_transfer:
                raise DomainError(_("A transfer is approved by itself, as its donor must still be able to spare it."))
        except DomainError as refusal:
            problems.append(f"{order} of {order.station}: {refusal}")
    if problems:
        raise DomainError(_("These cannot be approved together. Nothing was approved."), problems=problems)


@transaction.atomic
def send_back_order(
    *, order: ResupplyOrder, version: int | None, reason: str, by: User, at: datetime, request_id: UUID
) -> ResupplyOrder:
    """Return a request to its station as a draft, with a reason. The sweep adds to that draft unless it has begun
    another one; what people chose stays."""
    command, is_new = Command.objects.claim(
        request_id, "send_back_order", by=by, at=at, facts={"order": order.pk, "reason": reason}
    )
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    locked, _steps = _lock_for_decision(order, version, by)
    if locked.is_transfer:
        raise DomainError(_("Nobody asked for this transfer, so it cannot go back: approve it, or reject it."))
    if not reason.strip():
        raise DomainError(_("Say what the station should change."))
    locked.approval_steps.all().delete()
    locked.lines.update(approved=None, approval_reason="", is_edited=True)
    locked.state = State.DRAFT
    locked.submitted_at = None
    locked.version += 1
    locked.save(update_fields=["state", "submitted_at", "version"])
    command.log("sent back", locked, comment=reason)
    return locked


@transaction.atomic
def reject_order(
    *, order: ResupplyOrder, version: int | None, reason: str, by: User, at: datetime, request_id: UUID
) -> ResupplyOrder:
    """Refuse a whole request, with a reason that its station reads."""
    command, is_new = Command.objects.claim(
        request_id, "reject_order", by=by, at=at, facts={"order": order.pk, "reason": reason}
    )
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    locked, _steps = _lock_for_decision(order, version, by)
    if not reason.strip():
        raise DomainError(_("Say why this request is rejected."))
    locked.state = State.REJECTED
    locked.closed_at = at
    locked.version += 1
    locked.save(update_fields=["state", "closed_at", "version"])
    command.log("rejected", locked, comment=reason)
    return locked


def _fact(decision: LineDecision) -> list[object]:
    return [decision.line_id, decision.quantity, decision.reason, decision.promise, decision.promise_reason]


def _lock_for_decision(order: ResupplyOrder, version: int | None, by: User) -> tuple[ResupplyOrder, Steps]:
    require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
    locked = lock_order(order, version=version)
    steps = open_steps([locked])
    refuse_others(locked, steps, by)
    return locked, steps
