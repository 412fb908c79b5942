"""What an approver sees of a request: every line, what matters most first."""

from core.joined import joined
from orders.models import OrderLine, ResupplyOrder


def lines_to_approve(order: ResupplyOrder) -> list[OrderLine]:
    """The lines of a request with item, packs and place, which are the station's. One query."""
    rows = OrderLine.objects.filter(order=order).select_related("item", "location")
    lines: list[OrderLine] = joined(
        rows.order_by("item__criticality", "item__name", "pk"), "item__packs", order="quantity"
    )
    for line in lines:
        line.order = order
    return lines
