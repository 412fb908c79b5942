"""Requests as people read them: lists with what needs somebody, and one request with how far each line has come."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import pgettext_lazy

from core.counting import count_of
from core.sayings import again
from orders.models import OrderLine, ResupplyOrder, Shipment, ShipmentLine
from orders.queries.shares import HELD_BACK
from stations.models import Event, Station

State = ResupplyOrder.State
COMING = (*Shipment.NOT_LEFT, *Shipment.IN_TRANSIT)
NOT_THERE_YET = (*Shipment.NOT_LEFT, Shipment.State.DISPATCHED)
OPEN = (State.DRAFT, State.SUBMITTED, *ResupplyOrder.UNDER_WAY)


def filters(at: datetime) -> dict[str, Q]:
    """The filters of the list by name; the first is the usual one."""
    owed = Exists(OrderLine.objects.owed().filter(order=OuterRef("pk")))
    return {
        "": Q(state__in=OPEN),
        "draft": Q(state=State.DRAFT),
        "submitted": Q(state=State.SUBMITTED),
        "under_way": Q(state__in=ResupplyOrder.UNDER_WAY),
        "backorder": Q(state__in=ResupplyOrder.UNDER_WAY) & Q(owed),
        "overdue": Q(state__in=ResupplyOrder.UNDER_WAY, needed_by__lt=at),
        "ended": Q(state__in=ResupplyOrder.ENDED),
    }


FILTER_LABELS: Mapping[str, Any] = {
    "": pgettext_lazy("requests", "Open"),
    "draft": pgettext_lazy("requests", "Drafts"),
    "submitted": pgettext_lazy("requests", "To approve"),
    "under_way": pgettext_lazy("requests", "Under way"),
    "backorder": pgettext_lazy("requests", "Backordered"),
    "overdue": pgettext_lazy("requests", "Late"),
    "ended": pgettext_lazy("requests", "Ended"),
}


def filter_counts(orders: QuerySet[ResupplyOrder], at: datetime) -> dict[str, int]:
    """How many orders each filter shows, in one query. Not the ended ones: that number only grows."""
    counted = {f"n_{name}": Count("pk", filter=rule) for name, rule in filters(at).items() if name != "ended"}
    found = orders.filter(state__in=OPEN).order_by().aggregate(**counted)
    return {name.removeprefix("n_"): number for name, number in found.items()}


def order_rows(orders: QuerySet[ResupplyOrder]) -> QuerySet[ResupplyOrder]:
    """A list of orders with ``line_count``, ``owed_lines`` and the next ``arrives_at``; the most urgent first."""
    arrives = (
        Shipment.objects.filter(lines__order_line__order=OuterRef("pk"), state__in=NOT_THERE_YET, stop__isnull=False)
        .order_by("stop__planned_at")
        .values("stop__planned_at")[:1]
    )
    return (
        orders.select_related("station", "source", "requested_by")
        .annotate(
            line_count=count_of(OrderLine.objects.filter(asked__gt=0), "order"),
            owed_lines=count_of(OrderLine.objects.owed(), "order"),
            arrives_at=Subquery(arrives),
        )
        .order_by("-priority", "-pk")
    )


@dataclass(frozen=True)
class Part:
    """So many base units of a line that are equally far: received, coming, being packed or owed."""

    kind: str
    quantity: int
    shipment: Shipment | None = None

    @property
    def arrives_at(self) -> datetime | None:
        stop = self.shipment.stop if self.shipment else None
        return stop.planned_at if stop else None


@dataclass
class LineRow:
    """A line, and where its units are."""

    line: OrderLine
    parts: list[Part] = field(default_factory=list)
    expected: "Expected | None" = None
    held_back: str = ""

    @property
    def is_less(self) -> bool:
        return self.line.approved is not None and self.line.approved < self.line.asked


@dataclass(frozen=True)
class Expected:
    """What the source itself waits for of an item: how much, and when its next delivery arrives."""

    quantity: int
    arrives_at: datetime | None


def lines_of(order: ResupplyOrder) -> list[OrderLine]:
    """The lines with item and packs, life-saving ones first."""
    lines = order.lines.select_related("item", "location").prefetch_related("item__packs")
    return list(lines.order_by("item__criticality", "item__name", "pk"))


def line_rows(order: ResupplyOrder, lines: Sequence[OrderLine]) -> list[LineRow]:
    """Each line with its parts, and for what is owed, what its source expects and why it was not promised."""
    sent = _shipment_lines(lines)
    expected = _expected_at(order.source, {line.item_id for line in lines if line.owed})
    held_back = reasons_held_back(order)
    rows = []
    for line in lines:
        row = LineRow(line, _parts(line, sent[line.pk]))
        row.expected = expected.get(line.item_id) if line.owed else None
        row.held_back = held_back.get(line.item.sku, "") if line.owed else ""
        rows.append(row)
    return rows


def reasons_held_back(order: ResupplyOrder) -> dict[str, str]:
    """Why lines of an order got less than they asked for when stock was last promised to it, by SKU."""
    events = Event.objects.about(order).filter(verb=HELD_BACK)
    return {sku: again(why) for event in events for sku, why in event.details["reasons"].items()}


def _shipment_lines(lines: Iterable[OrderLine]) -> Mapping[int, list[ShipmentLine]]:
    found: defaultdict[int, list[ShipmentLine]] = defaultdict(list)
    rows = ShipmentLine.objects.filter(order_line__in=[line.pk for line in lines], shipment__state__in=COMING)
    for row in rows.select_related("shipment__stop__run").order_by("shipment_id", "pk"):
        found[row.order_line_id].append(row)
    return found


def _parts(line: OrderLine, coming: Iterable[ShipmentLine]) -> list[Part]:
    if line.approved is None:
        return []
    by_shipment: dict[Shipment, int] = {}
    for row in coming:
        by_shipment[row.shipment] = by_shipment.get(row.shipment, 0) + row.quantity
    parts = [Part("received", line.received)]
    parts += [Part(_kind(shipment), quantity, shipment) for shipment, quantity in by_shipment.items()]
    parts += [
        Part("owed", line.owed if line.order.state in ResupplyOrder.UNDER_WAY else 0),
        Part("damaged", line.damaged),
        Part("missing", line.missing),
        Part("cancelled", line.cancelled),
    ]
    return [part for part in parts if part.quantity]


def _kind(shipment: Shipment) -> str:
    if shipment.state in Shipment.NOT_LEFT:
        return "packing"
    return "coming" if shipment.state == Shipment.State.DISPATCHED else "delivered"


def _expected_at(source: Station, items: set[int]) -> dict[int, Expected]:
    """What is under way to the source of these items. Nothing where a vendor supplies it."""
    if not items or source.supplied_by_id is None:
        return {}
    arrives = (
        ShipmentLine.objects.filter(order_line=OuterRef("pk"), shipment__state__in=COMING)
        .order_by("shipment__stop__planned_at")
        .values("shipment__stop__planned_at")[:1]
    )
    rows = (
        OrderLine.objects.inbound()
        .filter(order__station=source, item__in=items)
        .annotate(
            outstanding_units=F("approved") - F("cancelled") - F("received") - F("damaged") - F("missing"),
            arrives=Subquery(arrives),
        )
        .values("item_id")
        .annotate(total=Sum("outstanding_units"), first=Min("arrives"))
        .order_by()
    )
    return {row["item_id"]: Expected(row["total"], row["first"]) for row in rows}


def shipments_of(order: ResupplyOrder) -> list[Shipment]:
    """What carries something of this order, the newest first."""
    rows = Shipment.objects.filter(lines__order_line__order=order).exclude(state=Shipment.State.CANCELLED)
    return list(rows.select_related("stop__run").distinct().order_by("-pk"))
