"""A run's day: planned, loaded, out, its stops one by one, and home again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from inventory.actions.ledger import Move, lock_levels_of, post_movements
from inventory.models import StockLevel, StockMovement
from orders.actions.locks import lock_orders_of, lock_run, lock_shipments, lock_stop
from orders.actions.placing import take_off, uncollected_at
from orders.actions.stop_order import PARKING, put_in_order
from orders.actions.taking import item_and_lot, unusable
from orders.errors import WrongState
from orders.models import DeliveryRun, OrderLine, ResupplyOrder, Shipment, ShipmentLine, Stop
from orders.sayings import BEEN_THERE, PASSES_IN_OTHER_ORDER
from stations.access import require_role
from stations.models import Command, Event, Location, User

State = DeliveryRun.State
BEFORE_DEPARTURE = (State.PLANNED, State.LOADING)


@transaction.atomic
def reorder_stops(
    *, run: DeliveryRun, version: int | None, station_ids: Sequence[int], by: User, at: datetime, request_id: UUID
) -> DeliveryRun:
    """Put the stops of a run that has not left into this order, and work out its arrivals and its way anew. The run is
    by hand from then on: the schedule leaves it as the person ordered it. Refuses a locked run."""
    command, is_new = Command.objects.claim(
        request_id, "reorder_stops", by=by, at=at, facts={"run": run.pk, "stations": list(station_ids)}
    )
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    locked = _lock_before_departure(run, version, by)
    if locked.is_locked:
        raise DomainError(
            _("%(run)s is locked: its stops stay as they are. Unlock it in the planner first.") % {"run": locked}
        )
    stops = {stop.station_id: stop for stop in locked.stops.select_related("station")}
    if sorted(station_ids) != sorted(stops):
        raise DomainError(_("The stops of this run are others now. Reload it and order them again."))
    before = [stop.station.code for stop in stops.values()]
    ordered = [stops[pk] for pk in station_ids]
    _check_pickups(locked, ordered)
    put_in_order(locked, ordered)
    locked.is_by_hand = True
    _changed(locked, "distance_m", "is_by_hand")
    command.log("reordered", locked, before=before, after=[stop.station.code for stop in ordered])
    return locked


@transaction.atomic
def assign_driver(
    *, run: DeliveryRun, version: int | None, driver: User, by: User, at: datetime, request_id: UUID
) -> DeliveryRun:
    """Say who drives a run that has not left."""
    command, is_new = Command.objects.claim(
        request_id, "assign_driver", by=by, at=at, facts={"run": run.pk, "driver": driver.pk}
    )
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    locked = _lock_before_departure(run, version, by)
    locked.driver = _driver(driver)
    _changed(locked, "driver")
    command.log("gave to driver", locked, driver=str(driver))
    return locked


@transaction.atomic
def load_run(*, run: DeliveryRun, version: int | None, by: User, at: datetime, request_id: UUID) -> DeliveryRun:
    """Begin to load: from now on the schedule leaves this run as it is."""
    command, is_new = Command.objects.claim(request_id, "load_run", by=by, at=at, facts={"run": run.pk})
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    locked = _lock_before_departure(run, version, by, roles=(User.Role.LOGISTICS, User.Role.DRIVER))
    if locked.state != State.PLANNED:
        raise WrongState(locked, locked.get_state_display(), _("it is being loaded already."))
    locked.state = State.LOADING
    _changed(locked, "state")
    command.log("began loading", locked)
    return locked


@transaction.atomic
def cancel_run(
    *, run: DeliveryRun, version: int | None, reason: str, by: User, at: datetime, request_id: UUID
) -> DeliveryRun:
    """Call off a run that has not left. Its shipments wait for the next one."""
    command, is_new = Command.objects.claim(
        request_id, "cancel_run", by=by, at=at, facts={"run": run.pk, "reason": reason}
    )
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    locked = _lock_before_departure(run, version, by)
    if not reason.strip():
        raise DomainError(_("Say why this run is called off."))
    lock_shipments(Shipment.objects.filter(stop__run=locked).values_list("pk", flat=True))
    Shipment.objects.filter(stop__run=locked).update(stop=None, pickup=None)
    locked.stops.all().delete()
    locked.state = State.CANCELLED
    _changed(locked, "state")
    command.log("called off", locked, comment=reason)
    return locked


@transaction.atomic
def dispatch_run(
    *,
    run: DeliveryRun,
    version: int | None,
    driver: User | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> DeliveryRun:
    """Send the van: what is packed moves from the shelves into the van, in the ledger too. What is not packed stays and
    waits for the next run. Refuses an empty van, a run without a driver, and lots that have expired or are held."""
    facts = {"run": run.pk, "driver": driver and driver.pk}
    command, is_new = Command.objects.claim(request_id, "dispatch_run", by=by, at=at, facts=facts)
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    locked = _lock_before_departure(run, version, by)
    locked.driver = _driver(driver or locked.driver)
    if other := DeliveryRun.objects.filter(van=locked.van, state=State.OUT).first():
        raise DomainError(
            _("%(van)s is still out on %(run)s: complete that run first.") % {"van": locked.van, "run": other}
        )
    on_board = Shipment.objects.filter(Q(stop__run=locked) | Q(pickup__run=locked))
    orders = lock_orders_of(on_board)
    shipments = lock_shipments(on_board.values_list("pk", flat=True))
    # What is collected on the way is not here: it leaves its donor when the driver takes it there.
    at_depot = [one for one in shipments if one.state != Shipment.State.TO_COLLECT]
    collects = _leave_at_donors(command, locked, [one for one in shipments if one.state == Shipment.State.TO_COLLECT])
    packed = [one for one in at_depot if one.state == Shipment.State.PACKED]
    left = [one for one in at_depot if one.state != Shipment.State.PACKED]
    lines = list(_lines(packed))
    _check_load(packed, lines, at, collects=collects)
    _leave_behind(locked, left)
    _ship(command, locked, lines, by=by, at=at)
    Shipment.objects.filter(pk__in=[one.pk for one in packed]).update(
        state=Shipment.State.DISPATCHED, dispatched_at=at, version=F("version") + 1
    )
    shipped = {line.order_line.order_id for line in lines}
    ResupplyOrder.objects.filter(pk__in=shipped).update(
        state=ResupplyOrder.State.IN_FULFILMENT, version=F("version") + 1
    )
    locked.state, locked.left_at = State.OUT, at
    _changed(locked, "state", "left_at", "driver")
    command.log("left", locked, shipments=len(packed), stayed=[one.number for one in left])
    going = [order for order in orders if order.pk in shipped]
    Event.objects.bulk_create(
        [command.event("left", one, run=locked.number) for one in packed]
        + [command.event("shipped", order, run=locked.number) for order in going]
    )
    return locked


@transaction.atomic
def arrive_at_stop(*, stop: Stop, by: User, at: datetime, request_id: UUID) -> Stop:
    """The van stands at the station."""
    command, is_new = Command.objects.claim(request_id, "arrive_at_stop", by=by, at=at, facts={"stop": stop.pk})
    if not is_new:
        return Stop.objects.get(pk=command.answer())
    locked = lock_stop_on_the_road(stop, by)
    if locked.state != Stop.State.PLANNED:
        raise WrongState(_("This stop"), locked.get_state_display(), _("it was reached before."))
    locked.state, locked.arrived_at = Stop.State.ARRIVED, at
    locked.save(update_fields=["state", "arrived_at"])
    command.log("arrived", locked, station=locked.station.code)
    return locked


@transaction.atomic
def deliver_stop(*, stop: Stop, handed_to: str, by: User, at: datetime, request_id: UUID) -> Stop:
    """Hand everything over, with the proof: who took it, or where it was left. The station still has to receive it."""
    command, is_new = Command.objects.claim(
        request_id, "deliver_stop", by=by, at=at, facts={"stop": stop.pk, "handed_to": handed_to}
    )
    if not is_new:
        return Stop.objects.get(pk=command.answer())
    locked = lock_stop_on_the_road(stop, by)
    if locked.state not in (Stop.State.PLANNED, Stop.State.ARRIVED):
        raise WrongState(_("This stop"), locked.get_state_display(), _("nothing is left to hand over."))
    if not handed_to.strip():
        raise DomainError(_("Say who took the delivery, or where it was left."))
    if waiting := list(locked.pickups.filter(state=Shipment.State.TO_COLLECT, stop__run=locked.run)):
        numbers = ", ".join(str(one) for one in waiting)
        raise DomainError(
            _("Something is to be collected here first (%(numbers)s): say what you took, 0 for nothing.")
            % {"numbers": numbers}
        )
    locked.state, locked.handed_to = Stop.State.DELIVERED, handed_to.strip()
    locked.arrived_at, locked.left_at = locked.arrived_at or at, at
    locked.save(update_fields=["state", "handed_to", "arrived_at", "left_at"])
    shipments = [
        one
        for one in lock_shipments(locked.shipments.values_list("pk", flat=True))
        if one.state == Shipment.State.DISPATCHED
    ]
    Shipment.objects.filter(pk__in=[one.pk for one in shipments]).update(
        state=Shipment.State.DELIVERED, delivered_at=at, version=F("version") + 1
    )
    command.log("delivered", locked, station=locked.station.code, handed_to=locked.handed_to)
    Event.objects.bulk_create(command.event("delivered", one, handed_to=locked.handed_to) for one in shipments)
    take_off(command, uncollected_at(locked), comment=BEEN_THERE(station=locked.station))
    return locked


@transaction.atomic
def miss_stop(*, stop: Stop, reason: str, by: User, at: datetime, request_id: UUID) -> Stop:
    """Say why a delivery could not be made. What was for it comes back with the van."""
    command, is_new = Command.objects.claim(
        request_id, "miss_stop", by=by, at=at, facts={"stop": stop.pk, "reason": reason}
    )
    if not is_new:
        return Stop.objects.get(pk=command.answer())
    locked = lock_stop_on_the_road(stop, by)
    if locked.state not in (Stop.State.PLANNED, Stop.State.ARRIVED):
        raise WrongState(_("This stop"), locked.get_state_display(), _("it is done already."))
    if not reason.strip():
        raise DomainError(_("Say why the delivery was not made."))
    locked.state, locked.missed_reason, locked.left_at = Stop.State.MISSED, reason.strip(), at
    locked.save(update_fields=["state", "missed_reason", "left_at"])
    command.log("missed", locked, comment=reason, station=locked.station.code)
    take_off(command, uncollected_at(locked), comment=f"{locked.station}: {locked.missed_reason}")
    return locked


@transaction.atomic
def complete_run(
    *, run: DeliveryRun, version: int | None = None, by: User, at: datetime, request_id: UUID
) -> DeliveryRun:
    """The van is back. What could not be delivered goes back to its shelf, still promised, and waits for a run."""
    command, is_new = Command.objects.claim(request_id, "complete_run", by=by, at=at, facts={"run": run.pk})
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    locked = lock_run(run, version=version)
    _require_crew(locked, by)
    if locked.state != State.OUT:
        raise WrongState(locked, locked.get_state_display(), _("only a run that is out can be completed."))
    stops = list(locked.stops.select_related("station"))
    if open_stops := [stop for stop in stops if stop.state in (Stop.State.PLANNED, Stop.State.ARRIVED)]:
        raise DomainError(
            _("Some stops are not done: deliver them, or say why not."),
            problems=[stop.station.name for stop in open_stops],
        )
    lock_orders_of(Shipment.objects.filter(stop__in=stops))
    shipments = lock_shipments(Shipment.objects.filter(stop__in=stops).values_list("pk", flat=True))
    back = [one for one in shipments if one.state == Shipment.State.DISPATCHED]
    _bring_back(command, locked, back, by=by, at=at)
    locked.state, locked.completed_at = State.COMPLETED, at
    _changed(locked, "state", "completed_at")
    command.log("completed", locked, came_back=[one.number for one in back])
    Event.objects.bulk_create(command.event("came back", one) for one in back)
    return locked


def _lock_before_departure(
    run: DeliveryRun, version: int | None, by: User, *, roles: Sequence[str] = (User.Role.LOGISTICS,)
) -> DeliveryRun:
    require_role(by, *roles)
    locked = lock_run(run, version=version)
    if by.role == User.Role.DRIVER and locked.driver_id != by.pk:
        raise PermissionDenied
    if locked.state not in BEFORE_DEPARTURE:
        raise WrongState(locked, locked.get_state_display(), _("only a run that has not left can be changed."))
    return locked


def _require_crew(run: DeliveryRun, by: User) -> None:
    if by.role != User.Role.LOGISTICS and run.driver_id != by.pk:
        raise PermissionDenied


def lock_stop_on_the_road(stop: Stop, by: User) -> Stop:
    locked = lock_stop(stop)
    _require_crew(locked.run, by)
    if locked.run.state != State.OUT:
        raise WrongState(locked.run, locked.run.get_state_display(), _("its stops are done while it is out."))
    return locked


def _driver(driver: User | None) -> User:
    if driver is None:
        raise DomainError(_("Say who drives."))
    if driver.role != User.Role.DRIVER or not driver.is_active:
        raise DomainError(_("%(driver)s is not a driver.") % {"driver": driver})
    return driver


def _changed(run: DeliveryRun, *fields: str) -> None:
    run.version += 1
    run.save(update_fields=[*fields, "version"])


def _check_pickups(run: DeliveryRun, ordered: Sequence[Stop]) -> None:
    """Refuse an order in which a transfer would be delivered before it is collected."""
    position = {stop.pk: number for number, stop in enumerate(ordered)}
    carried = Shipment.objects.filter(stop__run=run, pickup__run=run).select_related("source", "destination")
    problems = [
        _("%(source)s must come before %(destination)s: %(transfer)s is collected there.")
        % {"source": one.source, "destination": one.destination, "transfer": one}
        for one in carried
        if position[one.pickup_id or 0] >= position[one.stop_id or 0]
    ]
    if problems:
        raise DomainError(_("A transfer is collected before it is delivered. Nothing was changed."), problems=problems)


def _lines(shipments: Sequence[Shipment]) -> QuerySet[ShipmentLine]:
    rows = ShipmentLine.objects.filter(shipment__in=shipments).order_by("pk")
    return rows.select_related("shipment", "order_line__item", "level__lot", "level__location")


def _check_load(packed: Sequence[Shipment], lines: Sequence[ShipmentLine], at: datetime, *, collects: bool) -> None:
    if not packed and not collects:
        raise DomainError(_("Nothing on this run is packed. Pack a shipment, or call the run off."))
    bad = [(line, why) for line in lines if (why := unusable(item_and_lot(line), line.level.lot, at))]
    if bad:
        raise DomainError(
            _("Some lots may not leave. Open their shipments again and take other lots."),
            problems=[_("%(shipment)s: %(why)s.") % {"shipment": line.shipment, "why": why} for line, why in bad],
        )


def _leave_at_donors(command: Command, run: DeliveryRun, transfers: Sequence[Shipment]) -> bool:
    """Take off the transfers that the run would not collect before it delivers them, as its stops were moved since;
    whether any is left."""
    position = dict(run.stops.values_list("pk", "position")) if transfers else {}
    lost = [
        one for one in transfers if not position.get(one.pickup_id or 0, PARKING) < position.get(one.stop_id or 0, 0)
    ]
    take_off(command, lost, comment=PASSES_IN_OTHER_ORDER(run=run))
    return len(lost) < len(transfers)


def _leave_behind(run: DeliveryRun, shipments: Sequence[Shipment]) -> None:
    Shipment.objects.filter(pk__in=[one.pk for one in shipments]).update(stop=None)
    run.stops.filter(shipments=None, pickups=None).delete()


def _ship(command: Command, run: DeliveryRun, lines: Sequence[ShipmentLine], *, by: User, at: datetime) -> None:
    """Turn the promises into stock in the van: off the shelf, on the road, counted as shipped."""
    van = run.van.location.pk
    moves = [
        Move(
            line.level.lot_id,
            line.level.location_id,
            van,
            line.quantity,
            StockMovement.Reason.DISPATCHED,
            reference=line.shipment.number,
        )
        for line in lines
    ]
    levels = lock_levels_of(moves, {move.source_id for move in moves} | {van})
    add_up(lines, levels.values(), allocated=-1, shipped=1)
    post_movements(command, moves, by=by, at=at, locked=levels.values())


def _bring_back(command: Command, run: DeliveryRun, shipments: Sequence[Shipment], *, by: User, at: datetime) -> None:
    """Undo a dispatch: back on the shelf, promised as before. A transfer does not go back to its donor: the van is at
    the depot, so it lies there, packed, until a run takes it to its station."""
    lines = list(_lines(shipments))
    shelves = dict(Location.objects.shelves().filter(station=run.depot_id).values_list("kind", "pk"))
    back: dict[int, int] = {}
    for line in lines:
        home = line.level.location
        is_here = line.shipment.pickup_id is None
        back[line.pk] = home.pk if is_here else shelves.get(home.kind, shelves[Location.Kind.SUPPLY_ROOM])
    moves = [
        Move(
            line.level.lot_id,
            run.van.location.pk,
            back[line.pk],
            line.quantity,
            StockMovement.Reason.RETURNED,
            reference=line.shipment.number,
        )
        for line in lines
    ]
    post_movements(command, moves, by=by, at=at)
    _point_to_depot([line for line in lines if line.shipment.pickup_id is not None], back)
    levels = StockLevel.objects.locked().filter(pk__in={line.level_id for line in lines})
    add_up(lines, levels, allocated=1, shipped=-1)
    returned = Shipment.objects.filter(pk__in=[one.pk for one in shipments])
    returned.exclude(pickup=None).update(source=run.depot_id)
    returned.update(state=Shipment.State.PACKED, stop=None, pickup=None, dispatched_at=None, version=F("version") + 1)


def _point_to_depot(lines: Sequence[ShipmentLine], back: Mapping[int, int]) -> None:
    """The lines of transfers are from now on promises of the depot's shelves."""
    found = StockLevel.objects.filter(
        location__in={back[line.pk] for line in lines}, lot__in={line.level.lot_id for line in lines}
    )
    levels = {(level.location_id, level.lot_id): level for level in found}
    for line in lines:
        line.level = levels[back[line.pk], line.level.lot_id]
    write_rows(lines, ["level"])


def add_up(lines: Sequence[ShipmentLine], locked: Iterable[StockLevel], *, allocated: int, shipped: int) -> None:
    """Count the lines' quantities into or out of what is allocated and shipped, on locked shelves and order lines."""
    wanted = {line.level_id for line in lines}
    levels = {level.pk: level for level in locked if level.pk in wanted}
    order_lines: dict[int, OrderLine] = {}
    for line in lines:
        levels[line.level_id].allocated += allocated * line.quantity
        order_line = order_lines.setdefault(line.order_line_id, line.order_line)
        order_line.allocated += allocated * line.quantity
        order_line.shipped += shipped * line.quantity
    write_rows(levels.values(), ["allocated"])
    write_rows(order_lines.values(), ["allocated", "shipped"])
