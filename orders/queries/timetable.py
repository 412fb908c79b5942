"""A depot's day, read from the database into the pure plan that the planner shows and its moves change."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from core.sayings import again
from inventory.models import Item
from orders.models import DeliveryRun, ResupplyOrder, Shipment, Stop
from orders.queries.parcels import STAT_WITHIN, local_moment, window_on
from orders.queries.travel import place_of, rates, stop_time, travel_among
from orders.queries.vans import loading_time
from orders.routing.timetable import HELD, LOCKED, Delivery, TimedRun, Timetable, VanOnDay
from orders.routing.timing import Visit, route_timing
from orders.routing.travel import Place, Travel
from stations.models import Event, Station, Unit

State = DeliveryRun.State
MOVED_A_STOP, PLANNED_AGAIN = "moved a stop", "planned a day again"
MOST_OTHERS = 300
WAITING_ORDER = ["-urgency", "destination__name", "destination"]
PINNED: Mapping[str, Any] = {
    State.LOADING: pgettext_lazy("the run is", "being loaded"),
    State.OUT: pgettext_lazy("the run is", "on the road"),
    State.COMPLETED: pgettext_lazy("the run is", "completed"),
}


def runs_on(depot: Station, day: date) -> QuerySet[DeliveryRun]:
    """The runs of a depot on a day, without those that were called off."""
    return DeliveryRun.objects.filter(depot=depot, run_on=day).exclude(state=State.CANCELLED)


def timetable_of(
    depot: Station, day: date, *, at: datetime, most_waiting: int | None = None, and_for: Collection[int] = ()
) -> Timetable:
    """What the depot's vans do that day and what waits there for any. A fixed number of questions. Of what waits beyond
    the first ``most_waiting``, if so many are said, only where it goes is read, but for the stations ``and_for``."""
    runs = list(runs_on(depot, day).select_related("van", "driver").order_by("leaves_at", "van__code", "pk"))
    stops = list(Stop.objects.filter(run__in=runs).select_related("station").order_by("run", "position"))
    stations, unread = _first_waiting(depot, most_waiting, and_for)
    unplanned = Q(source=depot, state__in=Shipment.AT_SOURCE, stop=None, destination__in=stations)
    loads = _loads(Q(stop__in=stops) | unplanned, day)
    waiting = [load for load in loads if load["stop"] is None]
    travel = travel_among({depot.pk, *(stop.station_id for stop in stops), *stations})
    on_run: dict[int, list[Delivery]] = defaultdict(list)
    load_of = {load["stop"]: load for load in loads}
    for stop in stops:
        on_run[stop.run_id].append(_of_stop(stop, load_of.get(stop.pk, {})))
    planned = [_planned(run, on_run[run.pk], depot, travel, at) for run in runs]
    taken = {run.van_id for run in runs}
    free = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN, is_in_service=True).exclude(pk__in=taken)
    if day < timezone.localdate(at):
        free = free.none()
    return Timetable(
        depot=place_of(depot),
        travel=travel,
        rates=rates(),
        reload=loading_time(),
        runs=tuple(planned),
        free=tuple(van_on(van, day, at=at) for van in free.order_by("code")),
        waiting=tuple(_waiting(stations[load["destination"]], load, day) for load in waiting),
        unread=tuple(unread),
    )


def _first_waiting(
    depot: Station, most: int | None, and_for: Collection[int]
) -> tuple[dict[int, Station], list[Place]]:
    """The stations whose deliveries are read, by their ids: all, or the first in the order of ``_loads``; and where the
    others lie."""
    found = Station.objects.filter(
        shipments_in__source=depot, shipments_in__state__in=Shipment.AT_SOURCE, shipments_in__stop=None
    ).annotate(urgency=Max("shipments_in__priority"))
    read: dict[int, Station] = {}
    unread: list[Place] = []
    for station in found.order_by("-urgency", "name", "pk"):
        if most is None or len(read) < most or station.pk in and_for:
            read[station.pk] = station
        else:
            unread.append(place_of(station))
    return read, unread


def _loads(which: Q, day: date) -> list[dict[str, Any]]:
    """One row per stop and destination: what the shipments weigh, fill and ask of a van."""
    item = "lines__order_line__item__"
    is_cold = Q(**{f"{item}storage__in": [Item.Storage.COLD, Item.Storage.FROZEN]})
    is_stat = Q(priority=ResupplyOrder.Priority.STAT)
    rows = Shipment.objects.filter(which).order_by().values("stop", "destination")
    return [
        dict(row)
        for row in rows.annotate(
            weight_g=Coalesce(Sum(F("lines__quantity") * F(f"{item}weight_g")), 0),
            volume_ml=Coalesce(Sum(F("lines__quantity") * F(f"{item}volume_ml")), 0),
            cold=Count("lines", filter=is_cold),
            two=Count("lines", filter=Q(**{f"{item}needs_two_people": True})),
            urgency=Max("priority"),
            reason=Max("wait_reason"),
            held_on=Max("held_on", filter=Q(held_on=day)),
            shipments=Count("pk", distinct=True),
            stat_since=Min("created_at", filter=is_stat),
            stat_by=Min("lines__order_line__order__needed_by", filter=is_stat),
        ).order_by(*WAITING_ORDER)
    ]


def _of_stop(stop: Stop, load: Mapping[str, Any]) -> Delivery:
    window = timezone.localtime(stop.window_start), timezone.localtime(stop.window_end)
    came_at = timezone.localtime(stop.arrived_at) if stop.arrived_at else None
    return _delivery(stop.station, window, load, state=stop.state, came_at=came_at)


def _waiting(station: Station, load: Mapping[str, Any], day: date) -> Delivery:
    start, end = window_on(station, day)
    if load["stat_since"]:
        # A stat order comes by its hour, so that a stop that misses it is shown as late.
        hour = load["stat_by"] or load["stat_since"] + STAT_WITHIN
        end = max(start, min(end, timezone.localtime(hour)))
    return _delivery(station, (start, end), load, wait_reason=why_waiting(station, load, day))


def why_waiting(station: Station, load: Mapping[str, Any], day: date) -> str:
    """Why a delivery is on no run of this day: a person took it off, else what the schedule found, else the
    station's own days."""
    if load["held_on"]:
        return _(HELD)
    if load["reason"]:
        return again(load["reason"])
    if not load["stat_since"] and not station.takes_deliveries_on(day.weekday()):
        days = ", ".join(str(WEEKDAYS_ABBR[one]) for one in range(7) if station.takes_deliveries_on(one))
        return _("Takes deliveries on %(days)s.") % {"days": days}
    return _("Came in since the last planning.")


def _delivery(station: Station, window: tuple[datetime, datetime], load: Mapping[str, Any], **more: Any) -> Delivery:
    return Delivery(
        station_id=station.pk,
        name=station.name,
        visit=Visit(place_of(station), *window, stop_time()),
        weight_g=load.get("weight_g", 0),
        volume_ml=load.get("volume_ml", 0),
        is_cold=bool(load.get("cold")),
        needs_two=bool(load.get("two")),
        priority=load.get("urgency", 0),
        shipments=load.get("shipments", 0),
        **more,
    )


def _planned(
    run: DeliveryRun, deliveries: Sequence[Delivery], depot: Station, travel: Travel, at: datetime
) -> TimedRun:
    leaves_at = timezone.localtime(run.left_at or run.leaves_at)
    visits = [delivery.visit for delivery in deliveries]
    return TimedRun(
        pk=run.pk,
        van=van_on(run.van, run.run_on, at=at),
        leaves_at=leaves_at,
        deliveries=tuple(deliveries),
        timing=route_timing(depot=place_of(depot), leaves_at=leaves_at, visits=visits, travel=travel),
        pinned=_pinned(run, at),
        version=run.version,
        number=run.number,
        driver=str(run.driver or ""),
        is_by_hand=run.is_by_hand,
    )


def _pinned(run: DeliveryRun, at: datetime) -> str:
    """Why a run stays as it is, in the words that follow "is"; "" if it may be changed."""
    if run.state in PINNED:
        return str(PINNED[run.state])
    if run.run_on < timezone.localdate(at):
        return pgettext("the run is", "from a day that is past")
    return LOCKED if run.is_locked else ""


def van_on(van: Unit, day: date, *, at: datetime) -> VanOnDay:
    """What a van can do on a day; it is ready when its shift begins and it can be loaded."""
    start = local_moment(day, van.shift_start) if van.shift_start else None
    end = local_moment(day, van.shift_end) if van.shift_end else None
    return VanOnDay(
        pk=van.pk,
        name=van.code,
        ready_at=timezone.localtime(max(at + loading_time(), start or local_moment(day, time()))),
        max_weight_g=van.max_weight_g,
        max_volume_ml=van.max_volume_ml,
        carries_cold=van.carries_cold,
        crew=van.crew,
        shift_start=start,
        shift_end=end,
    )


def other_stations(depot: Station, plan: Timetable) -> list[Station]:
    """Stations that this depot supplies and nothing goes to on this day: where one is on the map."""
    on_runs = [pk for run in plan.runs for pk in run.stations]
    waiting = [*(one.station_id for one in plan.waiting), *(one.station_id for one in plan.unread)]
    return list(
        Station.objects.filter(supplied_by=depot).exclude(pk__in=[*on_runs, *waiting]).order_by("pk")[:MOST_OTHERS]
    )


def last_change(depot: Station, day: date) -> Event | None:
    """The last time that a person changed that day's plan, with ``details`` of its figures before and after."""
    # Named one by one, so that the log's index finds both kinds: it may hold millions of lines.
    runs = list(DeliveryRun.objects.filter(depot=depot, run_on=day).order_by().values_list("pk", flat=True))
    moves = Q(subject_kind="deliveryrun", subject_id__in=runs, verb=MOVED_A_STOP)
    plans = Q(subject_kind="station", subject_id=depot.pk, verb=PLANNED_AGAIN, details__day=day.isoformat())
    return Event.objects.filter(moves | plans).select_related("command__by").order_by("-pk").first()
