"""Promising stock: which lots, first expired first, for which order lines, under the locks of both.

Where a source cannot give everybody what they want, its stock is promised by fair share among all who want it, also
those whose request still waits: what they would get stays free (docs/sharing.md).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.rows import write_rows
from inventory.models import StockLevel
from inventory.queries.horizons import Horizons
from orders.actions.choices import Choice, limits, log_choices, log_held_back, refuse_unfounded
from orders.actions.ending import close_complete
from orders.actions.locks import lock_order, lock_orders, lock_shipments
from orders.errors import WrongState
from orders.models import OrderLine, ResupplyOrder, Shipment, ShipmentLine
from orders.queries.shares import Proposal, proposals_for
from orders.sayings import LOT_UNUSABLE, NOTHING_MORE
from stations.access import require_role
from stations.models import Command, Event, Location, User

BATCH = 200
Route = tuple[int, int]


@transaction.atomic
def allocate_order(*, order: ResupplyOrder, by: User, at: datetime, request_id: UUID) -> ResupplyOrder:
    """Promise stock to what an order is still owed, as far as there is any."""
    command, is_new = Command.objects.claim(request_id, "allocate_order", by=by, at=at, facts={"order": order.pk})
    if not is_new:
        return ResupplyOrder.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    locked = lock_order(order)
    if locked.state not in ResupplyOrder.UNDER_WAY:
        raise WrongState(locked, locked.get_state_display(), _("stock is promised to approved orders only."))
    promised = allocate_lines(command, [locked], at=at)
    if not promised:
        command.log("looked for stock", locked, comment=NOTHING_MORE())
    return locked


def allocate_backorders(*, at: datetime, by: User | None = None) -> int:
    """Promise stock to every backorder that it can fill; how many base units. What is short is shared.

    Also takes back promises of lots that have since expired or been held. Works in batches, each its own transaction:
    safe to run twice, beside itself, and to die half-way.
    """
    release_unusable(at=at, by=by)
    owed = OrderLine.objects.owed().order_by("-order__priority", "order__submitted_at", "order_id")
    due = iter(dict.fromkeys(owed.filter(_can_be_filled(at)).values_list("order_id", flat=True)))
    promised = 0
    while batch := list(islice(due, BATCH)):
        promised += allocate_batch(batch, at=at, by=by)
    return promised


def _can_be_filled(at: datetime) -> Q:
    """Some stock of the item is free at the source: the exact lots are judged under the lock."""
    free = StockLevel.objects.usable_until(timezone.localdate(at)).filter(
        lot__item=OuterRef("item"), location__station=OuterRef("order__source"), on_hand__gt=F("allocated")
    )
    return Q(Exists(free))


@transaction.atomic
def allocate_batch(pks: Sequence[int], *, at: datetime, by: User | None) -> int:
    """Promise stock to what these orders, by their ids, are owed, the first of them first; how many base units."""
    position = {pk: number for number, pk in enumerate(pks)}
    orders = [order for order in lock_orders(pks) if order.state in ResupplyOrder.UNDER_WAY]
    orders.sort(key=lambda order: position[order.pk])
    command = Command.objects.begin("allocate_backorders", by=by, at=at)
    return allocate_lines(command, orders, at=at, explain=False)


def allocate_lines(
    command: Command,
    orders: Sequence[ResupplyOrder],
    *,
    at: datetime,
    choices: Mapping[int, Choice] | None = None,
    explain: bool = True,
) -> int:
    """Promise stock to what these locked orders are owed, in their given order; how many base units.

    Lots must last until the horizon of the station that gets them, so that what arrives counts as usable there; a stat
    order takes any lot that has not expired. First expired, first promised, within what is free. What is short is
    promised by fair share, and the rest stays owed; with ``explain`` the log says why. ``choices`` by line id are a
    person's own, instead of the share.
    """
    return promise_lines(command, owed_lines(orders), at=at, choices=choices or {}, explain=explain)


def promise_lines(
    command: Command,
    lines: Sequence[OrderLine],
    *,
    at: datetime,
    choices: Mapping[int, Choice],
    explain: bool,
    check: Callable[[Mapping[Route, Proposal]], None] | None = None,
) -> int:
    """The same for lines of locked orders. ``check`` may refuse what is about to be shared, once it is certain."""
    if not lines:
        return 0
    shipments = _shipments_to_pick({(line.order.source_id, line.order.station_id) for line in lines}, at=at)
    free = _free_levels(lines, at)
    horizons = Horizons(timezone.localdate(at))
    # Read under the locks of the levels: whoever promised of them before has committed, and is counted.
    shared = _proposals(lines, free, horizons, at)
    if check is not None:
        check(shared)
    promises = _promise(lines, free, horizons, limits(lines, shared, choices))
    refuse_unfounded(lines, shared, choices, promised=_by_line(promises))
    write_rows({level.pk: level for _, level, _ in promises}.values(), ["allocated"])
    write_rows({line.pk: line for line, _, _ in promises}.values(), ["allocated"])
    _add_to_shipments(promises, shipments)
    _log_promises(command, promises)
    log_choices(command, lines, shared, choices)
    if explain:
        log_held_back(command, lines, shared)
    return sum(quantity for _, _, quantity in promises)


def _proposals(
    lines: Sequence[OrderLine], free: Mapping[Route, Sequence[StockLevel]], horizons: Horizons, at: datetime
) -> dict[Route, Proposal]:
    """How what is short of these items is shared, by source and item."""
    expiries: dict[Route, dict[date | None, int]] = {}
    for key, levels in free.items():
        days = expiries.setdefault(key, {})
        for level in levels:
            days[level.lot.expires_on] = days.get(level.lot.expires_on, 0) + level.available
    keys = {(line.order.source_id, line.item_id) for line in lines}
    return proposals_for(keys, at=at, horizons=horizons, free=expiries)


def _by_line(promises: "Sequence[Promise]") -> dict[int, int]:
    promised: defaultdict[int, int] = defaultdict(int)
    for line, _level, quantity in promises:
        promised[line.pk] += quantity
    return promised


Promise = tuple[OrderLine, StockLevel, int]


def owed_lines(orders: Sequence[ResupplyOrder]) -> list[OrderLine]:
    """What these locked orders are owed, in their given order."""
    by_pk = {order.pk: order for order in orders}
    position = {order.pk: number for number, order in enumerate(orders)}
    lines = list(OrderLine.objects.owed().select_related("item").filter(order__in=by_pk))
    for line in lines:
        line.order = by_pk[line.order_id]
    return sorted(lines, key=lambda line: (position[line.order_id], line.pk))


def _shipments_to_pick(routes: set[Route], *, at: datetime) -> dict[Route, Shipment]:
    """The one shipment to pick for each source and destination, locked; made where there is none."""
    wanted = Q(pk__in=[])
    for source, destination in routes:
        wanted |= Q(source=source, destination=destination)
    planned = Shipment.objects.filter(wanted, state=Shipment.State.PLANNED)
    locked: dict[Route, Shipment] = {}
    # Again if somebody began to pick one between the look and the lock: its place is free for the next then.
    while missing := sorted(routes - locked.keys()):
        Shipment.objects.bulk_create(
            [Shipment(source_id=source, destination_id=to, created_at=at) for source, to in missing],
            ignore_conflicts=True,
        )
        rows = lock_shipments(planned.values_list("pk", flat=True))
        locked = {(one.source_id, one.destination_id): one for one in rows if one.state == Shipment.State.PLANNED}
    return locked


def _free_levels(lines: Sequence[OrderLine], at: datetime) -> dict[Route, list[StockLevel]]:
    """What is free of these items on the shelves of their sources, locked; by source and item, first expired first."""
    sources = {line.order.source_id for line in lines}
    rows = (
        StockLevel.objects.usable_until(timezone.localdate(at))
        .filter(location__station__in=sources, location__kind__in=Location.SHELVES)
        .filter(lot__item__in={line.item_id for line in lines}, on_hand__gt=F("allocated"))
        .select_related("lot", "location")
        .locked()
    )
    free: dict[Route, list[StockLevel]] = defaultdict(list)
    for level in sorted(rows, key=lambda row: (row.lot.expires_on is None, row.lot.expires_on, row.lot_id, row.pk)):
        free[level.location.station_id or 0, level.lot.item_id].append(level)
    return free


def _promise(
    lines: Sequence[OrderLine], free: Mapping[Route, list[StockLevel]], horizons: Horizons, most: Mapping[int, int]
) -> list[Promise]:
    promises: list[Promise] = []
    for line in lines:
        left = most[line.pk]
        order = line.order
        is_stat = order.priority == ResupplyOrder.Priority.STAT
        until = horizons.today if is_stat else horizons.until(order.station, line.item.kind)
        for level in free.get((order.source_id, line.item_id), ()):
            quantity = min(left, level.available)
            if quantity and (level.lot.expires_on is None or level.lot.expires_on >= until):
                promises.append((line, level, quantity))
                level.allocated += quantity
                line.allocated += quantity
                left -= quantity
    return promises


def _add_to_shipments(promises: Sequence[Promise], shipments: Mapping[Route, Shipment]) -> None:
    """Write the promises as lines of the shipments to pick, raise those to their orders' priority, drop empty ones."""
    there = ShipmentLine.objects.filter(shipment__in=shipments.values())
    existing = {(row.order_line_id, row.level_id): row for row in there}
    fresh: list[ShipmentLine] = []
    for line, level, quantity in promises:
        if row := existing.get((line.pk, level.pk)):
            row.quantity += quantity
        else:
            shipment = shipments[line.order.source_id, line.order.station_id]
            fresh.append(ShipmentLine(shipment=shipment, order_line=line, level=level, quantity=quantity))
            shipment.priority = max(shipment.priority, line.order.priority)
            shipment.version += 1
    write_rows(existing.values(), ["quantity"])
    ShipmentLine.objects.bulk_create(fresh)
    write_rows(shipments.values(), ["priority", "version"])
    Shipment.objects.filter(pk__in=[one.pk for one in shipments.values()], lines=None).delete()


def _log_promises(command: Command, promises: Sequence[Promise]) -> None:
    promised: dict[int, dict[str, int]] = defaultdict(dict)
    orders = {line.order_id: line.order for line, _, _ in promises}
    for line, level, quantity in promises:
        promised[line.order_id][f"{line.item.sku} {level.lot.number}".strip()] = quantity
    Event.objects.bulk_create(
        command.event("promised stock", orders[pk], quantities=quantities) for pk, quantities in promised.items()
    )


@transaction.atomic
def release_unusable(*, at: datetime, by: User | None = None) -> int:
    """Take back what was promised of lots that have since expired or been held, from shipments nobody has begun to
    pick or collect; how many lines. What was asked for is owed again, a transfer is given up."""
    today = timezone.localdate(at)
    untouched = [Shipment.State.PLANNED, Shipment.State.TO_COLLECT]
    bad = ShipmentLine.objects.filter(shipment__state__in=untouched).exclude(
        level__in=StockLevel.objects.usable_until(today)
    )
    orders = lock_orders(bad.values_list("order_line__order_id", flat=True))
    if not orders:
        return 0
    lock_shipments(bad.values_list("shipment_id", flat=True))
    lines = list(bad.filter(order_line__order__in=orders).select_related("order_line__item", "level__lot"))
    release(lines)
    command = Command.objects.begin("release_unusable", by=by, at=at)
    Event.objects.bulk_create(
        command.event("took stock back", line.order_line.order, comment=LOT_UNUSABLE(lot=line.level.lot))
        for line in lines
    )
    close_complete(command, orders, at=at)
    return len(lines)


def release(lines: Sequence[ShipmentLine], quantities: Mapping[int, int] | None = None) -> None:
    """Take promises back, whole or so many base units by line id: they are free again, and owed again; of a transfer
    they are given up, as its stock was named and no other is owed. Orders and shipments must be locked. A shipment
    that is left empty is cancelled."""
    levels = {row.pk: row for row in StockLevel.objects.locked().filter(pk__in={line.level_id for line in lines})}
    owed: dict[int, OrderLine] = {}
    for line in lines:
        back = line.quantity if quantities is None else quantities[line.pk]
        levels[line.level_id].allocated -= back
        order_line = owed.setdefault(line.order_line_id, line.order_line)
        order_line.allocated -= back
        line.quantity -= back
    write_rows(levels.values(), ["allocated"])
    write_rows(owed.values(), ["allocated"])
    write_rows([line for line in lines if line.quantity], ["quantity"])
    ShipmentLine.objects.filter(pk__in=[line.pk for line in lines if not line.quantity]).delete()
    emptied = Shipment.objects.filter(pk__in={line.shipment_id for line in lines}, lines=None)
    emptied.update(state=Shipment.State.CANCELLED, stop=None, pickup=None)
    OrderLine.objects.filter(pk__in=owed, order__kind=ResupplyOrder.Kind.TRANSFER).update(
        cancelled=F("approved") - F("allocated") - F("shipped")
    )
