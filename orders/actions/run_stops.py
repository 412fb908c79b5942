"""Writing planned runs: their stops, what goes to each, and what was planned before and is not any more."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from core.rows import write_rows
from orders.actions.depot_days import DayRun, DepotDays
from orders.models import DeliveryRun, Shipment, Stop
from orders.queries.parcels import window_on
from orders.queries.travel import travel_among
from orders.queries.vans import timing_of
from orders.sayings import OTHER_RUNS
from stations.models import Command, Event, Station, User

State = DeliveryRun.State
# Two stops of a run never share a place: while they change places they stand aside, from this number on.
PARKING = 1_000


def add_stops(run: DeliveryRun, stations: Sequence[Station], shipments: Sequence[Shipment]) -> None:
    """Give a new run these stops in this order, with all that goes there."""
    stops = [_new_stop(run, station) for station in stations]
    timing = timing_of(run, travel_among([run.depot_id, *(one.pk for one in stations)]), stops=stops)
    for position, (stop, visit) in enumerate(zip(stops, timing.visits, strict=True), start=1):
        stop.position, stop.planned_at = position, visit.starts_at
    made = {stop.station_id: stop for stop in Stop.objects.bulk_create(stops)}
    for shipment in shipments:
        shipment.stop, shipment.wait_reason = made[shipment.destination_id], ""
    write_rows(shipments, ["stop", "wait_reason"])
    run.distance_m = timing.metres
    run.save(update_fields=["distance_m"])


def _new_stop(run: DeliveryRun, station: Station) -> Stop:
    start, end = window_on(station, run.run_on)
    return Stop(run=run, station=station, window_start=start, window_end=end)


def write_plans(days: DepotDays, *, by: User | None, at: datetime) -> list[DeliveryRun]:
    """Make runs and stops what the days say: the runs that got, lost or moved something. Those that are as they were
    stay untouched; those that have lost all their stops are called off."""
    writer = _Writer(days)
    if not writer.fresh and not writer.changed and not days.joined and not writer.given_up:
        return []
    command = Command.objects.begin("schedule_deliveries", by=by, at=at)
    writer.write()
    joined = {stop.run_id: stop.run for _, stop in days.joined}
    changed = [*writer.fresh, *writer.changed, *joined.values()]
    Event.objects.bulk_create(
        [command.event("planned", run, metres=run.distance_m) for run in writer.fresh]
        + [_replanned(command, run, days) for run in writer.changed]
        + [command.event("got more", run) for run in joined.values()]
        + [command.event("called off", run, comment=OTHER_RUNS()) for run in writer.given_up]
    )
    return changed


def _replanned(command: Command, run: DeliveryRun, days: DepotDays) -> Event:
    """That a run was planned anew, and which stops came from elsewhere, went elsewhere or have another time."""
    moved = [str(move) for move in days.moves if move.concerns(run)]
    return command.event("replanned", run, comment="; ".join(moved), metres=run.distance_m, moved=moved)


class _Writer:
    """Which runs the days make of those that there are, and the rows that differ."""

    def __init__(self, days: DepotDays) -> None:
        self.days = days
        self.fresh: list[DeliveryRun] = []
        self.changed: list[DeliveryRun] = []
        self.given_up: list[DeliveryRun] = []
        self._stops: dict[int, list[Stop]] = defaultdict(list)
        for stop in sorted(days.stops, key=lambda stop: stop.position):
            self._stops[stop.run_id].append(stop)
        self._new: list[tuple[DeliveryRun, DayRun]] = []
        self._match()

    def _match(self) -> None:
        """A van's trips of a day are its runs of that day, in order of time; more are new, fewer leave some over."""
        old: dict[tuple[date, int], list[DeliveryRun]] = defaultdict(list)
        for run in sorted(self.days.runs, key=lambda run: run.leaves_at):
            if run.run_on in self.days.days:
                old[run.run_on, run.van_id].append(run)
        for planned in self.days.planned:
            waiting = old[planned.day, planned.run.van_id]
            if not waiting:
                run = self._run(planned)
                self.fresh.append(run)
            elif self._is_as_it_was(run := waiting.pop(0), planned):
                continue
            else:
                self.changed.append(run)
            self._new.append((run, planned))
        self.given_up = [run for runs in old.values() for run in runs]

    def _run(self, planned: DayRun) -> DeliveryRun:
        return DeliveryRun(depot=self.days.depot, van_id=planned.run.van_id, run_on=planned.day)

    def _is_as_it_was(self, run: DeliveryRun, planned: DayRun) -> bool:
        stops = self._stops[run.pk]
        before = [(stop.station_id, stop.planned_at) for stop in stops]
        visits = zip(planned.run.calls, planned.run.timing.visits, strict=True)
        after = [(call.station_id, visit.starts_at) for call, visit in visits]
        known = {stop.pk for stop in stops}
        has_new = any(one.shipment.stop_id not in known for parcels in planned.parcels.values() for one in parcels)
        return before == after and run.leaves_at == planned.run.timing.leaves_at and not has_new

    def write(self) -> None:
        for run, planned in self._new:
            run.leaves_at, run.distance_m = planned.run.timing.leaves_at, planned.run.timing.metres
        for run in self.changed:
            run.version += 1
        DeliveryRun.objects.bulk_create(self.fresh)
        write_rows(self.changed, ["leaves_at", "distance_m", "version"])
        touched = [stop for run in (*self.changed, *self.given_up) for stop in self._stops[run.pk]]
        self._park(touched)
        self._write_shipments(self._write_stops(touched))
        self._give_up()

    def _park(self, stops: Sequence[Stop]) -> None:
        for number, stop in enumerate(stops):
            stop.position = PARKING + number
        write_rows(stops, ["position"])

    def _write_stops(self, touched: Sequence[Stop]) -> list[tuple[DayRun, dict[int, Stop]]]:
        """Stops that go on existing keep their row, also with another run."""
        old = {(self._day(stop), stop.station_id): stop for stop in reversed(touched)}
        kept: list[Stop] = []
        made: list[Stop] = []
        by_run: list[tuple[DayRun, dict[int, Stop]]] = []
        for run, planned in self._new:
            stops: dict[int, Stop] = {}
            for position, call in enumerate(planned.run.calls, start=1):
                stop = old.pop((planned.day, call.station_id), None)
                (made if stop is None else kept).append(stop := stop or Stop(station_id=call.station_id))
                stop.run, stop.position = run, position
                stop.window_start, stop.window_end = planned.windows[call.station_id]
                stop.planned_at = planned.run.timing.visits[position - 1].starts_at
                stops[call.station_id] = stop
            by_run.append((planned, stops))
        write_rows(kept, ["run", "position", "window_start", "window_end", "planned_at"])
        Stop.objects.bulk_create(made)
        self._left_over = [stop for stop in touched if stop not in kept]
        return by_run

    def _day(self, stop: Stop) -> date:
        return next(run.run_on for run in self.days.runs if run.pk == stop.run_id)

    def _write_shipments(self, by_run: Iterable[tuple[DayRun, dict[int, Stop]]]) -> None:
        moved: list[Shipment] = []
        for planned, stops in by_run:
            for station, parcels in planned.parcels.items():
                moved += [_on_stop(parcel.shipment, stops[station]) for parcel in parcels]
        moved += [_on_stop(parcel.shipment, stop) for parcel, stop in self.days.joined]
        off = [parcel.shipment for parcel, _ in self.days.waiting() if parcel.shipment.stop_id is not None]
        for shipment in off:
            shipment.stop = None
        write_rows([*moved, *off], ["stop", "wait_reason"])

    def _give_up(self) -> None:
        Stop.objects.filter(pk__in=[stop.pk for stop in self._left_over]).delete()
        for run in self.given_up:
            run.state, run.version = State.CANCELLED, run.version + 1
        write_rows(self.given_up, ["state", "version"])


def _on_stop(shipment: Shipment, stop: Stop) -> Shipment:
    shipment.stop, shipment.wait_reason = stop, ""
    return shipment
