"""How an order ends by itself: when everything has come, or is not to come."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from orders.models import OrderLine, ResupplyOrder
from stations.models import Command, Event


def close_complete(command: Command, orders: Sequence[ResupplyOrder], *, at: datetime) -> None:
    """Close those of these locked orders that bring nothing more."""
    open_orders = [order for order in orders if order.state in ResupplyOrder.UNDER_WAY]
    waiting = set(OrderLine.objects.inbound().filter(order__in=open_orders).values_list("order_id", flat=True))
    done = [order for order in open_orders if order.pk not in waiting]
    ResupplyOrder.objects.filter(pk__in=[order.pk for order in done]).update(
        state=ResupplyOrder.State.CLOSED, closed_at=at, version=F("version") + 1
    )
    Event.objects.bulk_create(command.event("closed", order) for order in done)
