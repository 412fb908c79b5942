"""A depot's vans on a day: when each can be away, what it may carry, and which runs hold it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Prefetch

from orders.models import DeliveryRun, ShipmentLine, Stop
from orders.queries.parcels import Parcel, loads_by, local_moment
from orders.queries.travel import place_of, stop_time
from orders.routing.day import COLD, TWO_PEOPLE, Van
from orders.routing.timing import RouteTiming, Visit, route_timing
from orders.routing.travel import Travel
from stations.models import Station, Unit

# A van without a shift may come home after midnight.
LONGEST_DAY = timedelta(hours=30)
State = DeliveryRun.State
Stretch = tuple[datetime, datetime]


def loading_time() -> timedelta:
    """Before a van leaves, and between two trips."""
    return timedelta(minutes=settings.EMS_LOADING_MINUTES)


def with_stops() -> "Prefetch[str]":
    """The stops of runs in order, each with its station."""
    return Prefetch("stops", Stop.objects.select_related("station").order_by("position"))


def timing_of(run: DeliveryRun, travel: Travel, *, stops: Sequence[Stop] | None = None) -> RouteTiming:
    """A run's times by its planned departure. ``stops``: in this order, else in the run's own. Needs the depot, and
    each stop's station, loaded."""
    ordered = list(run.stops.all()) if stops is None else stops
    visits = [Visit(place_of(one.station), one.window_start, one.window_end, stop_time()) for one in ordered]
    return route_timing(depot=place_of(run.depot), leaves_at=run.leaves_at, visits=visits, travel=travel)


@dataclass(frozen=True)
class Fleet:
    """The vans in service at a depot, and the runs that the schedule leaves as they are."""

    vans: Sequence[Unit]
    pinned: Sequence[DeliveryRun]
    rooms: Mapping[int, "Room"]
    travel: Travel
    at: datetime

    def on(self, day: date, planned: Iterable[DeliveryRun]) -> list[Van]:
        """The vans as they are free that day. Not before they can be loaded, counted from now; but a van of
        ``planned`` may leave when it was to leave anyway."""
        first = {run.van_id: run.leaves_at for run in sorted(planned, key=lambda run: run.leaves_at, reverse=True)}
        return [self._van(van, day, first.get(van.pk)) for van in self.vans]

    def _van(self, van: Unit, day: date, planned: datetime | None) -> Van:
        start, end = shift_on(van, day)
        ready = _whole_second(self.at + loading_time())
        start = max(start, min(ready, planned) if planned else ready)
        busy = [self._busy(run) for run in self.pinned if run.van_id == van.pk]
        return Van(
            van.pk,
            tuple(free_stretches(start, end, busy)),
            van.max_weight_g,
            van.max_volume_ml,
            skills_of(van),
            is_used=any(run.van_id == van.pk and run.run_on == day for run in self.pinned),
        )

    def _busy(self, run: DeliveryRun) -> Stretch:
        """From loading until it is back and loaded again; a van that is out is back in its planned time, or any
        moment."""
        timing = timing_of(run, self.travel)
        late = (run.left_at - run.leaves_at) if run.left_at else timedelta()
        back = max(timing.back_at + late, self.at) if run.state == State.OUT else timing.back_at
        return run.leaves_at - loading_time(), _whole_second(back + loading_time())


def fleet_of(depot: Station, travel: Travel, *, apart_from: Iterable[DeliveryRun], at: datetime) -> Fleet:
    """The depot's vans, and all its unfinished runs but these."""
    vans = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN, is_in_service=True).order_by("pk")
    open_runs = DeliveryRun.objects.filter(depot=depot, state__in=[State.PLANNED, State.LOADING, State.OUT])
    rest = open_runs.exclude(pk__in=[run.pk for run in apart_from])
    pinned = list(rest.select_related("depot").prefetch_related(with_stops()).order_by("pk"))
    return Fleet(list(vans), pinned, _rooms(list(vans), pinned), travel, at)


def _rooms(vans: Sequence[Unit], runs: Sequence[DeliveryRun]) -> dict[int, "Room"]:
    """What each of these runs has left to carry, by its id. One query."""
    known = {van.pk: van for van in vans}
    loads = loads_by("shipment__stop__run", ShipmentLine.objects.filter(shipment__stop__run__in=runs))
    return {run.pk: Room(known.get(run.van_id), *loads.get(run.pk, (0, 0))) for run in runs}


@dataclass
class Room:
    """A planned run's van, and what is on board."""

    van: Unit | None
    weight_g: int = 0
    volume_ml: int = 0

    def takes(self, parcel: Parcel) -> bool:
        """Whether the parcel fits, and gets what it needs; then it counts as on board."""
        if self.van is None or not parcel.needs <= skills_of(self.van):
            return False
        weight, volume = self.weight_g + parcel.weight_g, self.volume_ml + parcel.volume_ml
        most_weight, most_volume = self.van.max_weight_g, self.van.max_volume_ml
        if (most_weight is not None and weight > most_weight) or (most_volume is not None and volume > most_volume):
            return False
        self.weight_g, self.volume_ml = weight, volume
        return True


def skills_of(van: Unit) -> frozenset[str]:
    """What the van can do that others cannot."""
    skills = {COLD: van.carries_cold, TWO_PEOPLE: van.crew > 1}
    return frozenset(skill for skill, has in skills.items() if has)


def shift_on(van: Unit, day: date) -> Stretch:
    """When the van may be away on this day: in its shift, or at any time."""
    if van.shift_start is None or van.shift_end is None:
        start = local_moment(day, time())
        return start.astimezone(UTC), start.astimezone(UTC) + LONGEST_DAY
    return local_moment(day, van.shift_start).astimezone(UTC), local_moment(day, van.shift_end).astimezone(UTC)


def free_stretches(start: datetime, end: datetime, busy: Iterable[Stretch]) -> list[Stretch]:
    """What is left of the time from ``start`` to ``end`` without these."""
    free: list[Stretch] = []
    for taken, given_back in sorted(busy):
        if taken > start:
            free.append((start, min(taken, end)))
        start = max(start, given_back)
    free.append((start, end))
    return [(since, until) for since, until in free if since < until]


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) + timedelta(seconds=bool(moment.microsecond))
