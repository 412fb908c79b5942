"""The figures of a replay. ``DEFINITIONS`` says what each is; docs/replay.md says it at length."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Sum

from dashboard.queries.promises import due_at
from orders.models import DeliveryRun, OrderLine, ResupplyOrder, Shipment, ShipmentLine

APPROVED = (*ResupplyOrder.UNDER_WAY, ResupplyOrder.State.CLOSED)
SENT = (*Shipment.IN_TRANSIT, Shipment.State.RECEIVED)

DEFINITIONS = {
    "line_fill_rate": "share of the order lines sent or due whose first shipment carried all that was asked",
    "unit_fill_rate": "share of the base units asked on those lines that those first shipments carried",
    "stockouts": "times a call needed an item and its station did not have all of it",
    "orders": "resupply orders approved",
    "runs": "delivery runs completed",
    "kilometres": "planned length of those runs, there and back, by road factor",
    "expired_units": "base units that expired on a shelf and were discarded",
    "wall_seconds": "real time of the simulated days",
    "actions_per_second": "commands carried out in that time, through the same actions as the pages",
    "ledger_differences": "differences that re-adding the whole ledger found; anything but 0 is a bug",
}


@dataclass(frozen=True)
class Figures:
    """Shares are from 0 to 1, None where there was nothing to judge. ``inputs`` says what the figures come from."""

    line_fill_rate: float | None
    unit_fill_rate: float | None
    stockouts: int
    orders: int
    runs: int
    kilometres: float
    expired_units: int
    wall_seconds: float
    actions_per_second: float
    ledger_differences: int
    inputs: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fill_rates(at: datetime) -> tuple[float | None, float | None]:
    """Line and unit fill rate of all lines judged until ``at``, as the chief's page judges them.

    A line is judged when its first shipment leaves, or when it falls due with nothing sent.
    """
    first = _first_shipments()
    lines = OrderLine.objects.filter(order__state__in=APPROVED, asked__gt=0).annotate(due=due_at("order__"))
    filled = judged = carried = asked = 0
    for pk, wanted, due in lines.values_list("pk", "asked", "due"):
        if pk in first or due <= at:
            sent = first.get(pk, 0)
            judged += 1
            filled += sent >= wanted
            asked += wanted
            carried += min(sent, wanted)
    return (filled / judged, carried / asked) if judged else (None, None)


def _first_shipments() -> dict[int, int]:
    """What the first shipment of each order line carried, in base units, by the line's id."""
    rows = (
        ShipmentLine.objects.filter(shipment__state__in=SENT)
        .values_list("order_line", "shipment__dispatched_at", "shipment")
        .annotate(total=Sum("quantity"))
        .order_by("order_line", "shipment__dispatched_at", "shipment")
    )
    first: defaultdict[int, int] = defaultdict(int)
    for line, _, _, total in rows:
        first.setdefault(line, total)
    return dict(first)


def orders_approved() -> int:
    return ResupplyOrder.objects.filter(state__in=APPROVED).count()


def runs_completed() -> tuple[int, float]:
    """How many runs were completed, and how many kilometres they have together."""
    runs = DeliveryRun.objects.filter(state=DeliveryRun.State.COMPLETED)
    metres = runs.aggregate(total=Sum("distance_m"))["total"] or 0
    return runs.count(), round(metres / 1000, 1)
