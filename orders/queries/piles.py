"""The piles of shipments on the logistics home: to be picked, packed without a run, and without a van."""

from datetime import datetime

from django.db.models import DateTimeField, F, Min, OuterRef, Q, QuerySet, Subquery

from core.counting import count_of
from inventory.models import Item
from orders.models import Shipment, ShipmentLine

State = Shipment.State
TO_PICK = (State.PLANNED, State.PICKING)


def to_pick() -> QuerySet[Shipment]:
    """What waits to be picked, or is being picked: the most urgent first, then what leaves first."""
    waiting = Shipment.objects.filter(state__in=TO_PICK)
    return waiting.order_by("-priority", F("stop__run__leaves_at").asc(nulls_last=True), "created_at", "pk")


def without_run() -> QuerySet[Shipment]:
    """Packed shipments that no run takes yet, the most urgent first; those that wait for a reason are apart."""
    packed = Shipment.objects.filter(state=State.PACKED, stop=None, wait_reason="")
    return packed.order_by("-priority", "packed_at", "pk")


def without_van() -> QuerySet[Shipment]:
    """Shipments that the schedule found no van for within a week, with their ``wait_reason``, the most urgent first."""
    waiting = Shipment.objects.filter(state__in=Shipment.AT_SOURCE, stop=None).exclude(wait_reason="")
    return waiting.order_by("-priority", "created_at", "pk")


def with_names(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """What their cards say, with ``line_count``, ``picked_count``, ``critical_count`` and the earliest time by which
    each is ``needed_by``."""
    lines = ShipmentLine.objects.all()
    needed = lines.filter(shipment=OuterRef("pk")).order_by().values("shipment")
    first = needed.annotate(first=Min("order_line__order__needed_by")).values("first")
    return shipments.select_related("source", "destination", "stop__run__van", "picker").annotate(
        line_count=count_of(lines, "shipment"),
        picked_count=count_of(lines.filter(is_picked=True), "shipment"),
        critical_count=count_of(lines.filter(order_line__item__criticality=Item.Criticality.LIFE_SAVING), "shipment"),
        needed_by=Subquery(first, output_field=DateTimeField()),
    )


def tops(number: int) -> tuple[list[Shipment], list[Shipment], list[Shipment]]:
    """So many of the top of each pile: to pick, without a run, without a van. A shipment may lie on two. One query."""
    is_top = Q()
    for pile in (to_pick(), without_run(), without_van()):
        is_top |= Q(pk__in=pile.values("pk")[:number])
    found = sorted(with_names(Shipment.objects.filter(is_top)), key=lambda one: one.pk)
    packed = [one for one in found if one.state == State.PACKED and not one.stop_id and not one.wait_reason]
    waiting = [one for one in found if one.state in Shipment.AT_SOURCE and not one.stop_id and one.wait_reason]
    return (
        sorted((one for one in found if one.state in TO_PICK), key=_leaving)[:number],
        sorted(packed, key=lambda one: (-one.priority, one.packed_at))[:number],
        sorted(waiting, key=lambda one: (-one.priority, one.created_at))[:number],
    )


def _leaving(one: Shipment) -> tuple[int, bool, datetime, datetime]:
    """As ``to_pick`` orders them: what is on no run comes last."""
    leaves_at = one.stop.run.leaves_at if one.stop else None
    return -one.priority, leaves_at is None, leaves_at or one.created_at, one.created_at
