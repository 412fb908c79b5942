"""Approval, per line and with a reason where less: by each approver in turn, never by the one who asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from core.errors import DomainError
from core.rows import write_rows
from orders.actions.allocation import allocate_lines
from orders.actions.choices import Choice
from orders.actions.locks import lock_order
from orders.actions.transfer_promises import promise_transfer
from orders.errors import WrongState
from orders.models import ApprovalStep, OrderLine, ResupplyOrder
from orders.queries.approvals import next_step
from stations.models import Command, User

State = ResupplyOrder.State


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What an approver grants of one order line, in base units, and why if it is less than was asked.

    ``promise``: how much of a short item is promised now instead of its fair share, and why; None takes the share.
    """

    line_id: int
    quantity: int
    reason: str = ""
    promise: int | None = None
    promise_reason: str = ""


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
    locked, step = _lock_for_decision(order, version, by)
    lines = list(locked.lines.select_related("item").order_by("pk"))
    less = _grant(lines, {decision.line_id: decision for decision in decisions})
    write_rows(lines, ["approved", "approval_reason"])
    step.decided_by, step.decided_at = by, at
    step.save(update_fields=["decided_by", "decided_at"])
    following = next_step(locked)
    if following is None:
        locked.state = State.APPROVED
        locked.approved_at = at
    locked.version += 1
    locked.save(update_fields=["state", "approved_at", "version"])
    command.log("approved", locked, comment=comment, step=str(step), next=str(following or ""), less=less)
    choices = {
        one.line_id: Choice(one.promise, one.promise_reason.strip()) for one in decisions if one.promise is not None
    }
    if following is not None:
        if choices:
            raise DomainError(f"What is promised now is decided last, by {following.get_role_display().lower()}.")
    elif locked.is_transfer:
        promise_transfer(command, locked, [line for line in lines if line.approved], at=at)
    else:
        allocate_lines(command, [locked], at=at, choices=choices)
    return locked


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
    locked, _ = _lock_for_decision(order, version, by)
    if locked.is_transfer:
        raise DomainError("Nobody asked for this transfer, so it cannot go back: approve it, or reject it.")
    if not reason.strip():
        raise DomainError("Say what the station should change.")
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
    locked, _ = _lock_for_decision(order, version, by)
    if not reason.strip():
        raise DomainError("Say why this request is rejected.")
    locked.state = State.REJECTED
    locked.closed_at = at
    locked.version += 1
    locked.save(update_fields=["state", "closed_at", "version"])
    command.log("rejected", locked, comment=reason)
    return locked


def _fact(decision: LineDecision) -> list[object]:
    return [decision.line_id, decision.quantity, decision.reason, decision.promise, decision.promise_reason]


def _lock_for_decision(order: ResupplyOrder, version: int | None, by: User) -> tuple[ResupplyOrder, ApprovalStep]:
    if by.role not in (User.Role.LOGISTICS, User.Role.CHIEF):
        raise PermissionDenied
    locked = lock_order(order, version=version)
    step = next_step(locked)
    if locked.state != State.SUBMITTED or step is None:
        raise WrongState(locked, locked.get_state_display(), "only a request that waits for approval can be decided.")
    if locked.requested_by_id == by.pk:
        raise DomainError("Nobody approves their own request: another person must decide this one.")
    if step.role != by.role:
        raise DomainError(
            f"This request waits for {step.get_role_display().lower()} ({step.get_rule_display().lower()})."
        )
    return locked, step


def _grant(lines: Sequence[OrderLine], decisions: Mapping[int, LineDecision]) -> list[dict[str, object]]:
    """Write what is granted onto the lines; say which got less than asked, and why."""
    problems = [f"Line {pk} is not on this order." for pk in decisions.keys() - {line.pk for line in lines}]
    for line in lines:
        already = line.asked if line.approved is None else line.approved
        decision = decisions.get(line.pk, LineDecision(line.pk, already, line.approval_reason))
        problems += _problems(line, already, decision)
        line.approved, line.approval_reason = decision.quantity, decision.reason.strip()
    if not any(line.approved for line in lines):
        problems.append("Nothing would be approved: reject the request, or send it back, with a reason.")
    if problems:
        raise DomainError("This cannot be approved like this. Nothing was changed.", problems=problems)
    return [
        {"item": line.item.sku, "asked": line.asked, "approved": line.approved, "reason": line.approval_reason}
        for line in lines
        if line.approved != line.asked
    ]


def _problems(line: OrderLine, already: int, decision: LineDecision) -> list[str]:
    if not 0 <= decision.quantity <= already:
        return [f"{line.item}: approve from 0 to {already}."]
    if decision.quantity < line.asked and not decision.reason.strip():
        return [f"{line.item}: say why less than {line.asked} is approved."]
    return []
