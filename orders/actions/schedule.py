"""The delivery schedule: waiting shipments onto runs, each on the next day on which its station takes deliveries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from core.errors import DomainError
from core.rows import write_rows
from orders.actions.locks import lock_shipments
from orders.models import DeliveryRun, ResupplyOrder, Shipment, ShipmentLine, Stop
from orders.routing.nearest import Call, Place, Route, Travel, plan_routes
from stations.access import require_role
from stations.models import Command, Event, Station, Unit, User

log = structlog.get_logger(__name__)

DAYS_AHEAD = 8
LOADING = timedelta(minutes=30)
State = DeliveryRun.State


def schedule_deliveries(*, at: datetime, by: User | None = None) -> list[DeliveryRun]:
    """Put every shipment that waits at its source onto a run; the runs that got one.

    A shipment goes on the next day that its station takes deliveries; a stat one today, if a van can still be there in
    its window. What no van can take that day waits, and the log says why. Runs that are being loaded or are out stay
    as they are; stops of planned runs keep their order and new ones follow. Works depot by depot, each its own
    transaction; a second run finds nothing left to do.
    """
    waiting = Shipment.objects.filter(state__in=Shipment.AT_SOURCE, stop=None)
    depots = Station.objects.filter(pk__in=waiting.values("source")).order_by("pk")
    return [run for depot in depots for run in _schedule_depot(depot, at=at, by=by)]


@transaction.atomic
def plan_run(
    *,
    depot: Station,
    van: Unit,
    leaves_at: datetime,
    stations: Sequence[Station],
    driver: User | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> DeliveryRun:
    """Plan a run by hand: this van, leaving then, to these stations with all that waits for them, nearest next.

    Refuses a van of another depot or one that is taken that day, a time that has passed, and a station for which
    nothing waits. Windows do not bind a person: a stop that comes outside its window is shown as late.
    """
    facts = {
        "van": van.pk,
        "leaves_at": leaves_at,
        "stations": sorted(station.pk for station in stations),
        "driver": driver and driver.pk,
    }
    command, is_new = Command.objects.claim(request_id, "plan_run", by=by, at=at, facts=facts)
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    lock_depot(depot)
    shipments = _lock_waiting(depot, [station.pk for station in stations])
    _check_run(depot, van, leaves_at, stations, shipments, driver, at)
    day = timezone.localdate(leaves_at)
    calls = [_unbound(call, leaves_at) for call in _calls(shipments, day)]
    route = Route(van.pk, _place(depot), leaves_at)
    plan_routes(calls, [route], travel())
    run = DeliveryRun.objects.create(depot=depot, van=van, driver=driver, run_on=day, leaves_at=leaves_at)
    _write_route(run, route, shipments, day)
    command.log("planned", run, stops=len(route.calls), metres=run.distance_m)
    return run


def lock_depot(depot: Station) -> None:
    """Runs of a depot are planned by one hand at a time. Comes before every other lock."""
    Station.objects.select_for_update(no_key=True).get(pk=depot.pk)


def travel() -> Travel:
    """How the division's vans travel, by its settings."""
    return Travel(settings.EMS_TRAVEL_FACTOR, settings.EMS_TRAVEL_SPEED_KMH, settings.EMS_STOP_MINUTES)


def window_on(station: Station, day: date) -> tuple[datetime, datetime]:
    """A station's delivery window on a day, in the division's time zone."""
    zone = timezone.get_current_timezone()
    return datetime.combine(day, station.window_start, zone), datetime.combine(day, station.window_end, zone)


@transaction.atomic
def _schedule_depot(depot: Station, *, at: datetime, by: User | None) -> list[DeliveryRun]:
    lock_depot(depot)
    shipments = _lock_waiting(depot)
    by_day: dict[date, list[Shipment]] = defaultdict(list)
    for shipment in shipments:
        if day := _day_for(shipment, at):
            by_day[day].append(shipment)
        else:
            log.warning("delivery_not_planned", shipment=shipment.number, reason="Too far for a day's drive.")
    changed: dict[int, DeliveryRun] = {}
    for day in sorted(by_day):
        for run in _schedule_day(depot, day, by_day[day], at=at):
            changed[run.pk] = run
    if changed:
        command = Command.objects.begin("schedule_deliveries", by=by, at=at)
        Event.objects.bulk_create(command.event("planned", run, metres=run.distance_m) for run in changed.values())
    return list(changed.values())


def _lock_waiting(depot: Station, stations: Iterable[int] | None = None) -> list[Shipment]:
    waiting = Shipment.objects.filter(source=depot, state__in=Shipment.AT_SOURCE, stop=None)
    if stations is not None:
        waiting = waiting.filter(destination__in=list(stations))
    locked = lock_shipments(waiting.values_list("pk", flat=True))
    return [one for one in locked if one.stop_id is None and one.state in Shipment.AT_SOURCE]


def _day_for(shipment: Shipment, at: datetime) -> date | None:
    """The next day on which its station takes deliveries and a van can be there in time; None within a week."""
    station, today = shipment.destination, timezone.localdate(at)
    is_stat = shipment.priority == ResupplyOrder.Priority.STAT
    trip = travel().time(travel().metres(_place(shipment.source), _place(station)))
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)):
        in_time = at + LOADING + trip <= window_on(station, day)[1]
        if in_time and (is_stat or station.takes_deliveries_on(day.weekday())):
            return day
    return None


def _schedule_day(depot: Station, day: date, shipments: Sequence[Shipment], *, at: datetime) -> Iterable[DeliveryRun]:
    planned = _join_stops(depot, day, shipments)
    runs = {run.van_id: run for run in DeliveryRun.objects.filter(depot=depot, run_on=day, state=State.PLANNED)}
    calls = _calls([one for one in shipments if one.stop_id is None], day)
    if not calls:
        return planned.values()
    routes = [_continued(run, depot) for run in runs.values()] + _free_routes(depot, day, calls, at)
    plan = plan_routes(calls, routes, travel())
    for call, reason in plan.unserved:
        log.warning("delivery_not_planned", station=call.station_id, day=day.isoformat(), reason=reason)
    for route in (one for one in plan.routes if one.calls):
        run = runs.get(route.van_id) or DeliveryRun.objects.create(
            depot=depot, van_id=route.van_id, run_on=day, leaves_at=_departure(route.calls[0].call, depot, at)
        )
        _write_route(run, route, shipments, day)
        planned[run.pk] = run
    return planned.values()


def _join_stops(depot: Station, day: date, shipments: Sequence[Shipment]) -> dict[int, DeliveryRun]:
    """What goes to a station where a planned run stops that day anyway joins that stop."""
    stops = Stop.objects.select_related("run").filter(
        run__depot=depot, run__run_on=day, run__state=State.PLANNED, station__in=[s.destination_id for s in shipments]
    )
    by_station = {stop.station_id: stop for stop in stops}
    joined = [one for one in shipments if one.destination_id in by_station]
    for shipment in joined:
        shipment.stop = by_station[shipment.destination_id]
    write_rows(joined, ["stop"])
    return {stop.run_id: stop.run for stop in by_station.values()}


def _calls(shipments: Sequence[Shipment], day: date) -> list[Call]:
    """One call per station that something waits for, with its weight and volume."""
    loads = _loads(shipments)
    calls: dict[int, Call] = {}
    for shipment in shipments:
        station = shipment.destination
        start, end = window_on(station, day)
        weight, volume = loads.get(station.pk, (0, 0))
        earlier = calls.get(station.pk)
        priority = max(shipment.priority, earlier.priority if earlier else 0)
        calls[station.pk] = Call(station.pk, _place(station), start, end, weight, volume, priority)
    return list(calls.values())


def _loads(shipments: Sequence[Shipment]) -> dict[int, tuple[int, int]]:
    item = "order_line__item__"
    rows = (
        ShipmentLine.objects.filter(shipment__in=[one.pk for one in shipments])
        .values_list("shipment__destination")
        .annotate(weight=Sum(F("quantity") * F(f"{item}weight_g")), volume=Sum(F("quantity") * F(f"{item}volume_ml")))
    )
    return {station: (weight, volume) for station, weight, volume in rows}


def _unbound(call: Call, leaves_at: datetime) -> Call:
    """A call that may be made whenever the van comes, whatever it carries: the planner's own decision."""
    return Call(call.station_id, call.place, leaves_at, leaves_at + timedelta(days=1), priority=0)


def _free_routes(depot: Station, day: date, calls: Sequence[Call], at: datetime) -> list[Route]:
    """The depot's vans that have no run that day, each at the depot, ready when the first window lets it start."""
    taken = DeliveryRun.objects.filter(run_on=day).exclude(state__in=[State.COMPLETED, State.CANCELLED]).values("van")
    vans = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN, is_in_service=True).exclude(pk__in=taken)
    starts = min(_departure(call, depot, at) for call in calls)
    return [Route(van.pk, _place(depot), starts, van.max_weight_g, van.max_volume_ml) for van in vans.order_by("pk")]


def _departure(call: Call, depot: Station, at: datetime) -> datetime:
    """Late enough not to wait at the first door, and never before the van can be loaded."""
    return max(at + LOADING, call.window_start - travel().time(travel().metres(_place(depot), call.place)))


def _continued(run: DeliveryRun, depot: Station) -> Route:
    """A planned run as a route that ends at its last stop, with what it carries so far."""
    route = Route(run.van_id, _place(depot), run.leaves_at)
    van = run.van
    stops = list(run.stops.select_related("station"))
    shipments = Shipment.objects.filter(stop__in=stops)
    carried = _loads(list(shipments))
    if van.max_weight_g is not None:
        route.free_weight_g = van.max_weight_g - sum(weight for weight, _ in carried.values())
    if van.max_volume_ml is not None:
        route.free_volume_ml = van.max_volume_ml - sum(volume for _, volume in carried.values())
    for stop in stops:
        route.metres += travel().metres(route.place, _place(stop.station))
        route.place = _place(stop.station)
        route.time = stop.planned_at + timedelta(minutes=travel().stop_minutes)
    return route


def _write_route(run: DeliveryRun, route: Route, shipments: Sequence[Shipment], day: date) -> None:
    """Add a route's new calls to its run as stops, put their shipments on them, and note the way there and back."""
    first = 1 + run.stops.count()
    by_station: Mapping[int, Station] = {one.destination_id: one.destination for one in shipments}
    stops: list[Stop] = []
    for position, planned in enumerate(route.calls, start=first):
        start, end = window_on(by_station[planned.call.station_id], day)
        stops.append(
            Stop(
                run=run,
                station_id=planned.call.station_id,
                position=position,
                window_start=start,
                window_end=end,
                planned_at=planned.arrives_at,
            )
        )
    made = {stop.station_id: stop for stop in Stop.objects.bulk_create(stops)}
    carried = [one for one in shipments if one.destination_id in made]
    for shipment in carried:
        shipment.stop = made[shipment.destination_id]
    write_rows(carried, ["stop"])
    run.distance_m = round(route.metres + travel().metres(route.place, _place(run.depot)))
    run.version += 1
    run.save(update_fields=["distance_m", "version"])


def _place(station: Station) -> Place:
    return Place(station.latitude, station.longitude)


def _check_run(
    depot: Station,
    van: Unit,
    leaves_at: datetime,
    stations: Sequence[Station],
    shipments: Sequence[Shipment],
    driver: User | None,
    at: datetime,
) -> None:
    waiting = {one.destination_id for one in shipments}
    day = timezone.localdate(leaves_at)
    problems = [f"Nothing waits for {station}." for station in stations if station.pk not in waiting]
    if not stations:
        problems.append("Choose at least one station.")
    if van.kind != Unit.Kind.VAN or van.station_id != depot.pk or not van.is_in_service:
        problems.append(f"{van} is not a van in service at {depot}.")
    if DeliveryRun.objects.filter(van=van, run_on=day, state__in=[State.PLANNED, State.LOADING, State.OUT]).exists():
        problems.append(f"{van} already has a run that day: add to that run, or choose another van.")
    if leaves_at < at:
        problems.append("That departure has passed: choose a later one.")
    if driver and driver.role != User.Role.DRIVER:
        problems.append(f"{driver} is not a driver.")
    if problems:
        raise DomainError("This run cannot be planned like this. Nothing was changed.", problems=problems)
