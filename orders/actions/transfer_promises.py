"""What a transfer moves is promised on its donor's shelf, lot by lot, and waits there for the van."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from inventory.models import StockLevel
from orders.actions.ending import close_complete
from orders.actions.locks import lock_orders, lock_shipments
from orders.matching import Want, fulfil
from orders.models import OrderLine, OrderLineQuerySet, ResupplyOrder, Shipment, ShipmentLine
from orders.queries.surplus import spare_lots
from orders.queries.transfers import Division, donors
from orders.sayings import INSTEAD
from stations.models import Command, Event, Location

Parts = Mapping[int, int]


def promise_transfer(
    command: Command,
    order: ResupplyOrder,
    lines: Sequence[OrderLine],
    *,
    at: datetime,
    wants: Mapping[int, Want] | None = None,
) -> None:
    """Promise the lots of a locked, approved transfer; refuse it whole if the donor cannot spare that much any more.

    ``wants`` by item id, where it is to be checked that the receiver still has use for it; else its lines say so.
    What the receiver was owed of the same items by others is given up, as this comes instead.
    """
    shipment = _shipment(order, at=at)
    levels = _lock_levels(order, lines)
    parts = lots_for(order, lines, at=at, wants=wants)
    rows: list[ShipmentLine] = []
    for line in lines:
        for level, quantity in parts[line.item_id].items():
            rows.append(ShipmentLine(shipment=shipment, order_line=line, level_id=level, quantity=quantity))
            levels[level].allocated += quantity
            line.allocated += quantity
    write_rows([levels[row.level_id] for row in rows], ["allocated"])
    write_rows(lines, ["allocated"])
    ShipmentLine.objects.bulk_create(rows)
    promised = {f"{row.order_line.item.sku} {levels[row.level_id].lot.number}".strip(): row.quantity for row in rows}
    command.log("promised stock", order, quantities=promised, at=order.source.code)
    _cover_owed(command, order, lines, at=at)


def lots_for(
    order: ResupplyOrder, lines: Sequence[OrderLine], *, at: datetime, wants: Mapping[int, Want] | None = None
) -> dict[int, Parts]:
    """Which lots each line takes: base units by level id, by item id. Refuses, line by line, what cannot be spared."""
    items = {line.item_id for line in lines}
    division = Division(at, items)
    giving = donors(division, spare_lots(at=at, stations=[order.source_id], items=items))
    found: dict[int, Parts] = {}
    problems: list[str] = []
    for line in lines:
        wanted = line.approved or 0
        want = _as_told(division, order, line) if wants is None else wants.get(line.item_id)
        best = max(giving.get(line.item_id, []), key=lambda donor: donor.spare, default=None)
        found[line.item_id] = fulfil(best, want, wanted, today=division.today) if best and want else {}
        can = sum(found[line.item_id].values())
        if can < wanted:
            problems.append(
                _("%(item)s: %(wanted)s to move, %(can)s can be now.")
                % {"item": line.item, "wanted": wanted, "can": can}
            )
    if problems:
        raise DomainError(
            _("Things have changed at %(source)s or %(station)s since this was proposed. Nothing was changed.")
            % {"source": order.source, "station": order.station},
            problems=problems,
        )
    return found


def _as_told(division: Division, order: ResupplyOrder, line: OrderLine) -> Want:
    """The receiver lacks what the line says."""
    until = division.until(order.station_id, line.item_id)
    return Want(line.location_id, order.station_id, line.item_id, until, lacks=line.approved or 0)


def _shipment(order: ResupplyOrder, *, at: datetime) -> Shipment:
    """The one shipment that waits to be collected there for this station, locked; made where there is none."""
    ends = {"source": order.source, "destination": order.station}
    waiting = Shipment.objects.filter(**ends, state=Shipment.State.TO_COLLECT)
    while True:
        Shipment.objects.bulk_create(
            [Shipment(**ends, state=Shipment.State.TO_COLLECT, totes=1, created_at=at)], ignore_conflicts=True
        )
        for shipment in lock_shipments(waiting.values_list("pk", flat=True)):
            # Again if the driver took it between the look and the lock: the next one has its own.
            if shipment.state == Shipment.State.TO_COLLECT:
                return shipment


def _lock_levels(order: ResupplyOrder, lines: Sequence[OrderLine]) -> dict[int, StockLevel]:
    rows = StockLevel.objects.filter(
        location__station=order.source,
        location__kind__in=Location.SHELVES,
        lot__item__in=[line.item_id for line in lines],
    )
    return {level.pk: level for level in rows.select_related("lot").locked()}


def _cover_owed(command: Command, transfer: ResupplyOrder, lines: Sequence[OrderLine], *, at: datetime) -> None:
    """Give up what the receiver is owed of the same items, the oldest first, as far as the transfer brings it."""
    owed = owed_lines(transfer.station_id, [line.item_id for line in lines])
    orders = {order.pk: order for order in lock_orders(owed.values_list("order_id", flat=True))}
    covered: list[OrderLine] = []
    events: list[Event] = []
    left = {(line.location_id, line.item_id): line.approved or 0 for line in lines}
    for line in owed.filter(order__in=orders).select_related("item").order_by("order__submitted_at", "pk"):
        quantity = min(line.owed, left.get((line.location_id, line.item_id), 0))
        if quantity:
            left[line.location_id, line.item_id] -= quantity
            line.cancelled += quantity
            covered.append(line)
            comment = INSTEAD(quantity=quantity, item=line.item, station=transfer.source, transfer=transfer)
            events.append(command.event("covered by a transfer", orders[line.order_id], comment=comment))
    write_rows(covered, ["cancelled"])
    Event.objects.bulk_create(events)
    close_complete(command, list(orders.values()), at=at)


def owed_lines(station: int, items: Sequence[int]) -> OrderLineQuerySet:
    """What requests of a station are still owed of these items."""
    return OrderLine.objects.owed().filter(
        order__station=station, order__kind=ResupplyOrder.Kind.REQUEST, item__in=items
    )
