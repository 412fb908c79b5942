"""Granting requests: whose turn it is to decide, what each line gets, and the step that is signed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.english import in_english
from core.errors import DomainError
from core.rows import write_rows
from orders.errors import WrongState
from orders.models import ApprovalStep, OrderLine, ResupplyOrder
from stations.models import Command, Event, User

State = ResupplyOrder.State
Steps = Mapping[int, Sequence[ApprovalStep]]


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


def open_steps(orders: Iterable[ResupplyOrder]) -> Steps:
    """The steps of these orders that nobody has signed yet, in their order, by order id. One query."""
    steps: defaultdict[int, list[ApprovalStep]] = defaultdict(list)
    for step in ApprovalStep.objects.filter(order__in=list(orders), decided_at=None).order_by("order_id", "position"):
        steps[step.order_id].append(step)
    return steps


def refuse_others(order: ResupplyOrder, steps: Steps, by: User) -> None:
    """Refuse to decide a locked request that does not wait, or waits for somebody else."""
    step = next(iter(steps.get(order.pk, ())), None)
    if order.state != State.SUBMITTED or step is None:
        raise WrongState(order, order.get_state_display(), _("only a request that waits for approval can be decided."))
    if order.requested_by_id == by.pk:
        raise DomainError(_("Nobody approves their own request: another person must decide this one."))
    if step.role != by.role:
        raise DomainError(
            _("This request waits for %(role)s (%(rule)s).")
            % {"role": step.get_role_display().lower(), "rule": step.get_rule_display().lower()}
        )


def grant(
    command: Command,
    orders: Sequence[ResupplyOrder],
    steps: Steps,
    *,
    decisions: Sequence[LineDecision] = (),
    comment: str = "",
) -> list[ResupplyOrder]:
    """Grant the lines of locked orders and sign the first open step of each: the orders that are approved by that, all
    others wait for their next approver. Lines that are not named in ``decisions`` are granted in full. Six statements,
    however many orders."""
    lines = list(OrderLine.objects.filter(order__in=orders).select_related("item").order_by("pk"))
    less = _grant_lines(orders, lines, {decision.line_id: decision for decision in decisions})
    write_rows(lines, ["approved", "approval_reason"])
    signed, ended = [], []
    for order in orders:
        step, *following = steps[order.pk]
        step.decided_by, step.decided_at = command.by, command.at
        signed.append(step)
        if not following:
            order.state, order.approved_at = State.APPROVED, command.at
            ended.append(order)
        order.version += 1
    write_rows(signed, ["decided_by", "decided_at"])
    write_rows(orders, ["state", "approved_at", "version"])
    Event.objects.bulk_create(_event(command, order, steps[order.pk], less[order.pk], comment) for order in orders)
    return ended


def _event(
    command: Command, order: ResupplyOrder, steps: Sequence[ApprovalStep], less: Sequence[object], comment: str
) -> Event:
    step, *following = steps
    then = in_english(following[0]) if following else ""
    return command.event("approved", order, comment=comment, step=in_english(step), next=then, less=less)


def _grant_lines(
    orders: Sequence[ResupplyOrder], lines: Sequence[OrderLine], decisions: Mapping[int, LineDecision]
) -> dict[int, list[dict[str, object]]]:
    """Write what is granted onto the lines; say which got less than asked, and why, by order id."""
    problems = [
        _("Line %(line)s is not on this order.") % {"line": pk} for pk in decisions.keys() - {line.pk for line in lines}
    ]
    for line in lines:
        already = line.asked if line.approved is None else line.approved
        decision = decisions.get(line.pk, LineDecision(line.pk, already, line.approval_reason))
        problems += _problems(line, already, decision)
        line.approved, line.approval_reason = decision.quantity, decision.reason.strip()
    granted = {line.order_id for line in lines if line.approved}
    problems += [
        _("Nothing of %(order)s would be approved: reject it, or send it back, with a reason.") % {"order": order}
        for order in orders
        if order.pk not in granted
    ]
    if problems:
        raise DomainError(_("This cannot be approved like this. Nothing was changed."), problems=problems)
    less: dict[int, list[dict[str, object]]] = {order.pk: [] for order in orders}
    for line in lines:
        if line.approved != line.asked:
            less[line.order_id].append(
                {"item": line.item.sku, "asked": line.asked, "approved": line.approved, "reason": line.approval_reason}
            )
    return less


def _problems(line: OrderLine, already: int, decision: LineDecision) -> list[str]:
    if not 0 <= decision.quantity <= already:
        return [_("%(item)s: approve from 0 to %(already)s.") % {"item": line.item, "already": already}]
    if decision.quantity < line.asked and not decision.reason.strip():
        return [_("%(item)s: say why less than %(asked)s is approved.") % {"item": line.item, "asked": line.asked}]
    return []
