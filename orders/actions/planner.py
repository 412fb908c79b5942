"""The planner's hand: move a delivery to another place in the plan, and lock a run so that the schedule leaves it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from orders.actions.locks import lock_runs, lock_shipments
from orders.actions.schedule import lock_depot
from orders.errors import WrongState
from orders.models import DeliveryRun, Shipment, Stop
from orders.queries.plan_changes import figures
from orders.queries.timetable import MOVED_A_STOP, timetable_of
from orders.routing.moves import Move, moved
from orders.routing.timetable import Delivery, TimedRun, Timetable
from orders.sayings import FROM_TO, NO_STOP_LEFT, OTHER_PLACE, WAITING_LIST
from stations.access import require_role
from stations.actions.versions import check_version
from stations.models import Command, Event, Station, User

State = DeliveryRun.State
PARKING = 1_000


@transaction.atomic
def move_stop(
    *,
    depot: Station,
    day: date,
    move: Move,
    versions: Mapping[int, int | None] | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> DeliveryRun:
    """Move what goes to a station: along its run, to another run, to a van that has none, or to and from what waits.

    Both runs are timed anew, and are by hand from then on: the schedule leaves them until the day is planned again. A
    run that keeps no stop is called off. ``versions`` are those of the runs as the person
    saw them; if one has changed since, nothing is done and what changed is said. Answers with the run that the
    delivery is on now, or that it was taken off.
    """
    facts = {"depot": depot.pk, "day": day, **asdict(move)}
    command, is_new = Command.objects.claim(request_id, "move_stop", by=by, at=at, facts=facts)
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    lock_depot(depot)
    runs = {run.pk: run for run in lock_runs(pk for pk in (move.source, move.run) if pk is not None)}
    for pk, run in runs.items():
        check_version(run, (versions or {}).get(pk))
    shipments = _lock_moved(depot, move)
    before = timetable_of(depot, day, at=at)
    change = _Change(move, before, moved(before, move), runs, shipments)
    written = change.write(depot, day)
    _log(command, change, written)
    return written[0]


@transaction.atomic
def lock_run(*, run: DeliveryRun, version: int | None, by: User, at: datetime, request_id: UUID) -> DeliveryRun:
    """Decide a planned run: the schedule and the planner leave its stops as they are until it is unlocked."""
    return _set_lock(run, version, "lock_run", is_locked=True, by=by, at=at, request_id=request_id)


@transaction.atomic
def unlock_run(*, run: DeliveryRun, version: int | None, by: User, at: datetime, request_id: UUID) -> DeliveryRun:
    """Let the schedule and the planner change a run again."""
    return _set_lock(run, version, "unlock_run", is_locked=False, by=by, at=at, request_id=request_id)


def _set_lock(
    run: DeliveryRun, version: int | None, verb: str, *, is_locked: bool, by: User, at: datetime, request_id: UUID
) -> DeliveryRun:
    command, is_new = Command.objects.claim(request_id, verb, by=by, at=at, facts={"run": run.pk})
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    [locked] = lock_runs([run.pk])
    check_version(locked, version)
    if locked.state != State.PLANNED:
        raise WrongState(locked, locked.get_state_display(), _("only a planned run is locked or unlocked."))
    if locked.is_locked == is_locked:
        said = _("%(run)s is locked already.") if is_locked else _("%(run)s is open already.")
        raise DomainError(said % {"run": locked})
    locked.is_locked = is_locked
    locked.version += 1
    locked.save(update_fields=["is_locked", "version"])
    command.log("locked" if is_locked else "unlocked", locked)
    return locked


def _lock_moved(depot: Station, move: Move) -> list[Shipment]:
    """What changes between a run and the lane of what waits; nothing when it stays on runs."""
    rows = Shipment.objects.filter(source=depot, destination=move.station_id, state__in=Shipment.AT_SOURCE)
    if move.source is None:
        locked = lock_shipments(rows.filter(stop=None).values_list("pk", flat=True))
        return [one for one in locked if one.stop_id is None and one.state in Shipment.AT_SOURCE]
    if move.is_off:
        return lock_shipments(rows.filter(stop__run=move.source).values_list("pk", flat=True))
    return []


@dataclass(frozen=True)
class _Change:
    """What a move makes of the day, and the locked rows that it is written to."""

    move: Move
    before: Timetable
    after: Timetable
    runs: Mapping[int, DeliveryRun]
    shipments: Sequence[Shipment]

    def write(self, depot: Station, day: date) -> list[DeliveryRun]:
        """The runs that are not as they were, the one with the delivery first."""
        stops = {(one.run_id, one.station_id): one for one in Stop.objects.filter(run__in=self.runs)}
        moving = stops.pop((self.move.source or 0, self.move.station_id), None)
        # Two stops never share a place: they go aside first.
        Stop.objects.filter(run__in=self.runs).update(position=F("position") + PARKING)
        written = []
        for planned in sorted(self._changed(), key=lambda run: self.move.station_id not in run.stations):
            run = self.runs[planned.pk] if planned.pk else _begin(depot, day, planned)
            for delivery in planned.deliveries:
                if delivery.station_id == self.move.station_id:
                    stops[run.pk, delivery.station_id] = moving or self._new_stop(run, delivery)
            _write_run(run, planned, [stops[run.pk, delivery.station_id] for delivery in planned.deliveries])
            written.append(run)
        if self.move.is_off and moving:
            Shipment.objects.filter(pk__in=[one.pk for one in self.shipments]).update(stop=None, held_on=day)
            moving.delete()
        emptied = [run for pk, run in self.runs.items() if self.after.run(pk) is None]
        return written + [_call_off(run) for run in emptied]

    def _changed(self) -> list[TimedRun]:
        return [run for run in self.after.runs if all(run is not one for one in self.before.runs)]

    def _new_stop(self, run: DeliveryRun, delivery: Delivery) -> Stop:
        """The stop of what waited until now."""
        window = {"window_start": delivery.visit.window_start, "window_end": delivery.visit.window_end}
        aside = run.stops.count() + 2 * PARKING
        stop = Stop.objects.create(
            run=run, station_id=delivery.station_id, position=aside, planned_at=delivery.visit.window_start, **window
        )
        Shipment.objects.filter(pk__in=[one.pk for one in self.shipments]).update(
            stop=stop, wait_reason="", held_on=None
        )
        return stop


def _begin(depot: Station, day: date, planned: TimedRun) -> DeliveryRun:
    return DeliveryRun.objects.create(depot=depot, van_id=planned.van.pk, run_on=day, leaves_at=planned.leaves_at)


def _write_run(run: DeliveryRun, planned: TimedRun, stops: Sequence[Stop]) -> None:
    for position, (stop, times) in enumerate(zip(stops, planned.timing.visits, strict=True), start=1):
        stop.run, stop.position, stop.planned_at = run, position, times.starts_at
    write_rows(stops, ["run", "position", "planned_at"])
    run.leaves_at, run.distance_m = planned.leaves_at, planned.timing.metres
    run.is_by_hand = True
    run.version += 1
    run.save(update_fields=["leaves_at", "distance_m", "is_by_hand", "version"])


def _call_off(run: DeliveryRun) -> DeliveryRun:
    """Nothing is left for it to deliver."""
    run.state = State.CANCELLED
    run.distance_m = 0
    run.version += 1
    run.save(update_fields=["state", "distance_m", "version"])
    return run


def _log(command: Command, change: _Change, written: Sequence[DeliveryRun]) -> None:
    """One line for each run, with the day's figures before and after."""
    name = Station.objects.values_list("name", flat=True).get(pk=change.move.station_id)
    sides = {"before": figures(change.before), "after": figures(change.after)}
    vans = {run.pk: run.van.name for day in (change.before, change.after) for run in day.runs}
    source = vans.get(change.move.source, WAITING_LIST())
    target = WAITING_LIST() if change.move.is_off else written[0].van.code
    moved_on = FROM_TO(station=name, source=source, target=target)
    comment = moved_on if source != target else OTHER_PLACE(station=name, van=target)
    Event.objects.bulk_create(
        command.event(
            MOVED_A_STOP,
            run,
            comment=f"{comment}; {NO_STOP_LEFT()}" if run.state == State.CANCELLED else comment,
            **sides,
        )
        for run in written
    )
