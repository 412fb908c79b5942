"""A depot's week as the schedule sees it: what may go when, day by day, and what moves by it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from orders.actions.moves import Move
from orders.models import DeliveryRun, Stop
from orders.queries.parcels import DAYS_AHEAD, Parcel, window_on
from orders.queries.travel import place_of, rates, stop_time
from orders.queries.vans import Fleet, loading_time
from orders.routing.day import Call, Day, PlannedRun, Present, Rank, Van, is_same
from orders.routing.planning import impossible, plan_day
from orders.routing.reasons import NO_DAY, NOT_TOGETHER, takes, why_not_alone
from stations.models import Station

# How late a stat order may come that cannot be there by its hour: as soon as a van can, and this.
AS_SOON = timedelta(minutes=15)


@dataclass(frozen=True)
class DayRun:
    """A planned trip with what it carries, by station id, and the window that each stop is judged by."""

    day: date
    run: PlannedRun
    parcels: dict[int, list[Parcel]]
    windows: dict[int, tuple[datetime, datetime]]


class DepotDays:
    """Plans day after day: what a day leaves waits for the station's next one. ``runs`` and ``stops`` may change,
    ``found`` is what waits and what is on those stops. Nothing is written."""

    def __init__(
        self,
        depot: Station,
        fleet: Fleet,
        runs: Sequence[DeliveryRun],
        stops: Sequence[Stop],
        found: Sequence[Parcel],
        at: datetime,
    ) -> None:
        self.depot, self.fleet, self.runs, self.stops, self.at = depot, fleet, runs, stops, at
        self.today = timezone.localdate(at)
        self.planned: list[DayRun] = []
        self.joined: list[tuple[Parcel, Stop]] = []
        # Days that were planned anew: their runs become what ``planned`` says.
        self.days: set[date] = set()
        self.moves: list[Move] = []
        self._on_stop: dict[int, list[Parcel]] = defaultdict(list)
        self._waiting: dict[int, Parcel] = {}
        self._reasons: dict[int, str] = {}
        for parcel in found:
            if parcel.shipment.stop_id is None:
                self._waiting[parcel.shipment.pk] = parcel
            else:
                self._on_stop[parcel.shipment.stop_id].append(parcel)

    def plan(self, again: Collection[date] = ()) -> None:
        """Days with something new, with a van that is out of service, or that are to be planned ``again``."""
        for day in (self.today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)):
            self._join(day)
            fresh = [one for one in self._waiting.values() if one.may_come_on(day)]
            runs = [run for run in self.runs if run.run_on == day]
            is_due = bool(runs) and (day in again or any(not run.van.is_in_service for run in runs))
            if fresh or is_due:
                self._plan_day(day, fresh, runs, is_due=is_due)
        self.moves = self._moves()

    def waiting(self) -> Iterator[tuple[Parcel, str]]:
        """What no run takes, with the reason of the last day that was tried."""
        for pk, parcel in self._waiting.items():
            yield parcel, self._reasons.get(pk, NO_DAY())

    def _moves(self) -> list[Move]:
        """Stops of the present plan that have another van, another day, or a time that differs by more than the
        margin."""
        runs = {run.pk: run for run in self.runs}
        vans = {van.pk: van for van in self.fleet.vans}
        after = {
            parcel.shipment.pk: (one.run.van_id, visit.starts_at)
            for one in self.planned
            for call, visit in zip(one.run.calls, one.run.timing.visits, strict=True)
            for parcel in one.parcels[call.station_id]
        }
        found: list[Move] = []
        for stop in self._moved_from():
            run, first = runs[stop.run_id], self._on_stop[stop.pk][0].shipment.pk
            now = after.get(first)
            if not is_same((run.van_id, stop.planned_at), now):
                place = (vans[now[0]], now[1]) if now else (None, None)
                found.append(Move(stop.station, (run, stop.planned_at), *place))
        return found

    def _moved_from(self) -> Iterator[Stop]:
        days = {run.pk: run.run_on for run in self.runs}
        return (one for one in self.stops if days[one.run_id] in self.days and self._on_stop[one.pk])

    def _join(self, day: date) -> None:
        """What goes to a stop of a run that a person has locked goes with it, if the van has room and what it needs."""
        for run in self.fleet.pinned:
            if run.run_on != day or run.state != DeliveryRun.State.PLANNED or run.leaves_at <= self.at:
                continue
            stops = {stop.station_id: stop for stop in run.stops.all()}
            fresh = [one for one in self._waiting.values() if one.shipment.destination_id in stops]
            for parcel in fresh:
                if parcel.may_come_on(day) and self.fleet.rooms[run.pk].takes(parcel):
                    self.joined.append((self._waiting.pop(parcel.shipment.pk), stops[parcel.shipment.destination_id]))

    def _plan_day(self, day: date, fresh: Sequence[Parcel], runs: Sequence[DeliveryRun], *, is_due: bool) -> None:
        """Plan a day for which there is something new that a van could bring, or that ``is_due`` whatever is new."""
        stops = [stop for stop in self.stops if stop.run_id in {run.pk for run in runs}]
        vans = self.fleet.on(day, runs)
        by_station = self._loads(day, stops, fresh, vans)
        promised = {parcel.shipment.pk for stop in stops for parcel in self._on_stop[stop.pk]}
        calls = [self._call(day, parcels, promised, vans) for parcels in by_station.values()]
        whole = self._day(calls, vans, runs, stops)
        hopeless = impossible(whole)
        out = {call.station_id for call, _ in hopeless}
        is_new = any(one.shipment.pk not in promised for pk in by_station.keys() - out for one in by_station[pk])
        if not is_new and not is_due:
            left = {pk: [one for one in by_station[pk] if one.shipment.pk not in promised] for pk in out}
            self._keep_waiting(left, hopeless)
            return
        plan = plan_day(whole)
        self.days.add(day)
        for run in plan.runs:
            carried = {call.station_id: by_station[call.station_id] for call in run.calls}
            windows = {pk: self._shown_window(day, carried[pk]) for pk in carried}
            self.planned.append(DayRun(day, run, carried, windows))
        self._keep_waiting(by_station, plan.unserved)

    def _loads(
        self, day: date, stops: Sequence[Stop], fresh: Sequence[Parcel], vans: Sequence[Van]
    ) -> dict[int, list[Parcel]]:
        """What goes to each station that day: what was promised, and of the rest, the most urgent first, as much as
        one van takes together. Others wait, so that none holds up what could go."""
        loads: dict[int, list[Parcel]] = defaultdict(list)
        for stop in stops:
            loads[stop.station_id] += self._on_stop[stop.pk]
        for parcel in sorted(fresh, key=lambda one: (-one.rank(day), one.shipment.pk)):
            load = loads[parcel.shipment.destination_id]
            together = self._call(day, [*load, parcel], set(), vans)
            if any(takes(van, together) for van in vans):
                load.append(parcel)
            else:
                self._reasons[parcel.shipment.pk] = self._why_not_together(day, parcel, vans)
        return {pk: load for pk, load in loads.items() if load}

    def _why_not_together(self, day: date, parcel: Parcel, vans: Sequence[Van]) -> str:
        alone = self._call(day, [parcel], set(), vans)
        if any(takes(van, alone) for van in vans):
            return NOT_TOGETHER()
        return why_not_alone(alone, self._day([alone], list(vans), (), ()))

    def _keep_waiting(self, by_station: dict[int, list[Parcel]], unserved: Iterable[tuple[Call, str]]) -> None:
        left = {call.station_id: reason for call, reason in unserved}
        for station, parcels in by_station.items():
            for parcel in parcels:
                if station in left:
                    self._waiting[parcel.shipment.pk] = parcel
                    self._reasons[parcel.shipment.pk] = left[station]
                else:
                    self._waiting.pop(parcel.shipment.pk, None)

    def _day(self, calls: list[Call], vans: list[Van], runs: Sequence[DeliveryRun], stops: Sequence[Stop]) -> Day:
        ordered = sorted(stops, key=lambda stop: stop.position)
        present = [
            Present(
                run.van_id,
                run.leaves_at,
                tuple((stop.station_id, stop.planned_at) for stop in ordered if stop.run_id == run.pk),
            )
            for run in runs
        ]
        return Day(
            depot=place_of(self.depot),
            vans=vans,
            calls=calls,
            travel=self.fleet.travel,
            rates=rates(),
            service=stop_time(),
            reload=loading_time(),
            present=present,
            zone=timezone.get_current_timezone(),
        )

    def _call(self, day: date, parcels: Sequence[Parcel], promised: set[int], vans: Sequence[Van]) -> Call:
        station = parcels[0].shipment.destination
        start, end = (moment.astimezone(UTC) for moment in window_on(station, day))
        rank = max(one.rank(day) for one in parcels)
        if any(one.shipment.pk in promised for one in parcels):
            rank = max(rank, Rank.PROMISED)
        call = Call(
            station_id=station.pk,
            place=place_of(station),
            window_start=start,
            window_end=end,
            weight_g=sum(one.weight_g for one in parcels),
            volume_ml=sum(one.volume_ml for one in parcels),
            needs=frozenset().union(*(one.needs for one in parcels)),
            rank=rank,
            worth_cents=sum(one.worth(day, today=self.today) for one in parcels if one.rank(day) == Rank.ROUTINE),
        )
        hours = [one.deadline for one in parcels if one.deadline is not None]
        return self._in_time(call, min(hours), vans) if hours else call

    def _in_time(self, call: Call, hour: datetime, vans: Sequence[Van]) -> Call:
        """A stat order comes before its hour; where no van can be there by then, as soon as one can."""
        drive = self.fleet.travel.time(place_of(self.depot), call.place)
        able = (van for van in vans if call.needs <= van.skills)
        soonest = min((start + drive for van in able for start, _ in van.free), default=call.window_start)
        soonest = max(soonest, call.window_start)
        latest = hour if hour >= soonest else soonest + AS_SOON
        return replace(call, window_end=min(call.window_end, latest)) if latest >= call.window_start else call

    def _shown_window(self, day: date, parcels: Sequence[Parcel]) -> tuple[datetime, datetime]:
        """The station's window; of a stat order only until its hour, so that a stop that misses it is shown as late."""
        start, end = window_on(parcels[0].shipment.destination, day)
        hours = [one.deadline for one in parcels if one.deadline is not None]
        return start, max(min([end, *hours]), start)
