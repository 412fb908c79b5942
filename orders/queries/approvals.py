"""Who must approve an order, in which order, and why."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects

from inventory.models import ParLevel
from orders.models import ApprovalStep, OrderLine, ResupplyOrder
from stations.models import Location, User


def needed_steps(order: ResupplyOrder, lines: Sequence[OrderLine]) -> list[ApprovalStep]:
    """Logistics approves every request; the chief too when it holds a scheduled drug, costs more than the limit, or
    asks for an item that has no par level at the station. The first rule that applies is the step's reason."""
    steps = [ApprovalStep(order=order, position=1, role=User.Role.LOGISTICS, rule=ApprovalStep.Rule.STANDARD)]
    if rule := _chiefs_rule(order, lines):
        steps.append(ApprovalStep(order=order, position=2, role=User.Role.CHIEF, rule=rule))
    return steps


def _chiefs_rule(order: ResupplyOrder, lines: Sequence[OrderLine]) -> str | None:
    if any(line.item.schedule for line in lines):
        return ApprovalStep.Rule.SCHEDULED
    if sum(line.asked * line.item.unit_cost_cents for line in lines) > settings.EMS_APPROVAL_COST_LIMIT_CENTS:
        return ApprovalStep.Rule.COST
    listed = ParLevel.objects.filter(location__station=order.station, location__kind__in=Location.SHELVES)
    if {line.item_id for line in lines} - set(listed.values_list("item_id", flat=True)):
        return ApprovalStep.Rule.OFF_LIST
    return None


def with_steps(order: ResupplyOrder) -> ResupplyOrder:
    """The same order, its approvers read with those who have decided. One query."""
    prefetch_related_objects([order], Prefetch("approval_steps", ApprovalStep.objects.select_related("decided_by")))
    return order


def next_step(order: ResupplyOrder) -> ApprovalStep | None:
    """The approver whose turn it is; None when all have approved."""
    return order.approval_steps.filter(decided_at=None).first()
