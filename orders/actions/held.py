"""Lots that were quarantined or recalled: what was promised of them is taken back at once, and promised from others."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.db.models import F

from inventory.models import Lot, StockLevel
from orders.actions.allocation import allocate_batch, release
from orders.actions.ending import close_complete
from orders.actions.locks import lock_orders, lock_shipments
from orders.models import ResupplyOrder, Shipment, ShipmentLine
from orders.sayings import LOT_TAKEN_BACK, OF_LOT, TAKE_OUT
from stations.models import Command, Event, User

State = Shipment.State


def release_held(*, lots: Collection[int], why: str, at: datetime, by: User | None = None) -> int:
    """Take back what is promised of those of these lots, by their ids, that are held; how many base units.

    From every shipment that has not left: what is planned and what is being picked loses these lines, what is packed is
    opened again, as the lot lies in its totes. What was asked for is owed again and promised from other lots at once;
    a transfer is given up. Looks for what is due, so it may run twice; each part is its own transaction.
    """
    if not lots:
        return 0
    _wait_for_promises(lots)
    released, orders = _take_back(lots, why, at=at, by=by)
    if orders:
        allocate_batch(orders, at=at, by=by)
    return released


@transaction.atomic
def _wait_for_promises(lots: Collection[int]) -> None:
    """Let whoever was promising these lots when they were held finish first: he holds their levels until then, and
    read them as usable before. Nobody who comes later does."""
    list(StockLevel.objects.locked().filter(lot__in=lots).values_list("pk", flat=True))


@transaction.atomic
def _take_back(lots: Collection[int], why: str, *, at: datetime, by: User | None) -> tuple[int, list[int]]:
    """How much was taken back, and the orders that are owed it, the most urgent first."""
    promised = ShipmentLine.objects.filter(level__lot__in=lots, shipment__state__in=Shipment.NOT_LEFT)
    held = promised.exclude(level__lot__status=Lot.Status.USABLE)
    orders = lock_orders(held.values_list("order_line__order_id", flat=True))
    if not orders:
        return 0, []
    shipments = {one.pk: one for one in lock_shipments(held.values_list("shipment_id", flat=True))}
    lines = list(
        held.filter(order_line__order__in=orders, shipment__in=shipments)
        .select_related("order_line__item", "level__lot__item")
        .order_by("shipment_id", "pk")
    )
    quantities = {line.pk: line.quantity for line in lines}
    by_pk = {order.pk: order for order in orders}
    release(lines)
    Shipment.objects.filter(pk__in=shipments, state=State.PACKED).update(state=State.PICKING, packed_at=None)
    Shipment.objects.filter(pk__in={line.shipment_id for line in lines}).update(version=F("version") + 1)
    command = Command.objects.begin("release_held", by=by, at=at)
    Event.objects.bulk_create(
        [
            *_said_of_shipments(command, lines, quantities, shipments, why),
            *_said_of_orders(command, lines, by_pk, why),
        ]
    )
    close_complete(command, orders, at=at)
    owed = [order for order in orders if not order.is_transfer and order.state in ResupplyOrder.UNDER_WAY]
    owed.sort(key=lambda order: (-order.priority, order.pk))
    return sum(quantities.values()), [order.pk for order in owed]


def _said_of_shipments(
    command: Command,
    lines: Sequence[ShipmentLine],
    quantities: Mapping[int, int],
    shipments: Mapping[int, Shipment],
    why: str,
) -> Iterator[Event]:
    """What the picker must take out of the totes; of what nobody has begun to pick there is nothing to take out."""
    for pk, group in groupby(lines, key=lambda line: line.shipment_id):
        shipment = shipments[pk]
        if shipment.state in (State.PICKING, State.PACKED):
            what = "; ".join(
                OF_LOT(quantity=quantities[line.pk], lot=line.level.lot, item=line.level.lot.item) for line in group
            )
            verb = "opened again" if shipment.state == State.PACKED else "took stock back"
            yield command.event(verb, shipment, comment=f"{why}. {TAKE_OUT(lots=what)}")


def _said_of_orders(
    command: Command, lines: Iterable[ShipmentLine], orders: Mapping[int, ResupplyOrder], why: str
) -> Iterator[Event]:
    for line in lines:
        order = orders[line.order_line.order_id]
        yield command.event("took stock back", order, comment=LOT_TAKEN_BACK(why=why, lot=line.level.lot))
