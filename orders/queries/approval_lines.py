"""What an approver sees of a request: every line, what matters most first."""

from orders.models import OrderLine, ResupplyOrder


def lines_to_approve(order: ResupplyOrder) -> list[OrderLine]:
    """The lines of a request with item, packs and place."""
    rows = OrderLine.objects.filter(order=order).select_related("item", "location").prefetch_related("item__packs")
    lines = list(rows.order_by("item__criticality", "item__name", "pk"))
    for line in lines:
        line.order = order
    return lines
