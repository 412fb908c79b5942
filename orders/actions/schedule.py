"""The delivery schedule: waiting shipments onto runs, depot by depot, each day at the lowest cost. docs/schedule.md."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from core.sayings import again
from orders.actions.depot_days import DepotDays
from orders.actions.locks import OPEN_TO_CHANGE, lock_planned_runs, lock_runs, lock_shipments, lock_stops
from orders.actions.moves import Move
from orders.actions.placing import place_transfers
from orders.actions.run_stops import add_stops, write_plans
from orders.models import DeliveryRun, Shipment
from orders.queries.parcels import parcels, window_on
from orders.queries.plan_changes import figures
from orders.queries.timetable import PLANNED_AGAIN, timetable_of
from orders.queries.travel import place_of, travel_among
from orders.queries.vans import fleet_of
from orders.routing.tours import short_tour
from orders.sayings import PLANNED_AGAIN_ONE, PLANNED_AGAIN_SOME
from stations.access import require_role
from stations.models import Command, Station, Unit, User

__all__ = ["Scheduled", "lock_depot", "plan_run", "replan_day", "schedule_deliveries", "window_on"]

log = structlog.get_logger(__name__)
State = DeliveryRun.State


@dataclass
class Scheduled:
    """What a look at the schedule changed: the runs that got or lost something, the stops that were planned already and
    moved, and the shipments that no run takes, each with the reason."""

    runs: list[DeliveryRun] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    waits: list[tuple[Shipment, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[DeliveryRun]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def add(self, other: "Scheduled") -> None:
        self.runs += other.runs
        self.moves += other.moves
        self.waits += other.waits


def schedule_deliveries(*, at: datetime, by: User | None = None) -> Scheduled:
    """Put every shipment that waits at its source onto a run, on the day and with the van that serve all best.

    Runs that are loaded, out, due to have left, locked or by hand stay as they are; a locked run still takes what
    goes to its own stops and fits. Other planned runs may change, and the answer says what moved. A shipment that no
    run can take within a week keeps the reason, and the rest is scheduled. Works depot by depot, each its own
    transaction; where nothing is new, a second look changes nothing.
    """
    done = Scheduled()
    for depot in _due_depots(at):
        done.add(_schedule_depot(depot, at=at, by=by))
    # Transfers between stations ride on these runs: now that they stand.
    place_transfers(at=at, by=by)
    return done


@transaction.atomic
def replan_day(*, depot: Station, day: date, by: User, at: datetime, request_id: UUID) -> list[str]:
    """Plan a depot's day again from the plan that there is, and say what moved, in words.

    Runs that a person arranged by hand, and what was taken off, are given back to the schedule; those that are
    locked, loaded or out stay as they are. What waits is planned on the way, on this day and the next ones.
    """
    asked = {"depot": depot.pk, "day": day}
    command, is_new = Command.objects.claim(request_id, "replan_day", by=by, at=at, facts=asked)
    if not is_new:
        return list(map(again, command.events.get().details["moves"]))
    require_role(by, User.Role.LOGISTICS)
    lock_depot(depot)
    is_by_hand = OPEN_TO_CHANGE | {"is_by_hand": True}
    by_hand = DeliveryRun.objects.filter(depot=depot, run_on=day, leaves_at__gt=at, **is_by_hand)
    released = lock_runs(by_hand.values_list("pk", flat=True))
    by_hand.filter(pk__in=[run.pk for run in released]).update(is_by_hand=False, version=F("version") + 1)
    before = figures(timetable_of(depot, day, at=at))
    moves = [str(move) for move in _schedule_depot(depot, at=at, by=by, again=[day]).moves]
    after = figures(timetable_of(depot, day, at=at))
    words = PLANNED_AGAIN_ONE() if len(moves) == 1 else PLANNED_AGAIN_SOME(count=len(moves))
    facts = {"day": day.isoformat(), "moves": moves, "before": before, "after": after}
    command.log(PLANNED_AGAIN, depot, comment=words, **facts)
    return list(map(again, moves))


def _due_depots(at: datetime) -> list[Station]:
    """Where something waits, or a run is planned with a van that is no longer in service."""
    waiting = Shipment.objects.filter(source=OuterRef("pk"), state__in=Shipment.AT_SOURCE, stop=None)
    broken = DeliveryRun.objects.filter(
        depot=OuterRef("pk"), leaves_at__gt=at, van__is_in_service=False, **OPEN_TO_CHANGE
    )
    return list(Station.objects.filter(Q(Exists(waiting)) | Q(Exists(broken))).order_by("pk"))


def lock_depot(depot: Station) -> None:
    """Runs of a depot are planned by one hand at a time. Comes before every other lock."""
    Station.objects.select_for_update(no_key=True).get(pk=depot.pk)


@transaction.atomic
def _schedule_depot(depot: Station, *, at: datetime, by: User | None, again: Collection[date] = ()) -> Scheduled:
    lock_depot(depot)
    runs = lock_planned_runs(depot, at=at)
    stops = lock_stops(runs)
    found = _lock_at_source(depot, [stop.pk for stop in stops])
    _release(found, again)
    travel = travel_among([depot.pk, *_stations(depot)])
    fleet = fleet_of(depot, travel, apart_from=runs, at=at)
    days = DepotDays(depot, fleet, runs, stops, parcels(found, at=at), at)
    days.plan(again)
    changed = write_plans(days, by=by, at=at)
    _note_reasons(days)
    return Scheduled(changed, days.moves, [(parcel.shipment, reason) for parcel, reason in days.waiting()])


def _release(found: Sequence[Shipment], again: Collection[date]) -> None:
    """What a person took off on a day that is planned again may go on it after all."""
    held = [one for one in found if one.held_on in again]
    for shipment in held:
        shipment.held_on = None
    write_rows(held, ["held_on"])


def _stations(depot: Station) -> list[int]:
    """Every station that the depot's runs and shipments may go to."""
    waiting = Shipment.objects.filter(source=depot, state__in=Shipment.AT_SOURCE).values_list("destination", flat=True)
    open_runs = DeliveryRun.objects.filter(depot=depot, state__in=[State.PLANNED, State.LOADING, State.OUT])
    return [*waiting.order_by(), *open_runs.order_by().values_list("stops__station", flat=True)]


def _lock_at_source(depot: Station, stops: Sequence[int], stations: Sequence[int] | None = None) -> list[Shipment]:
    """What waits at the depot, and what is on these stops."""
    found = Shipment.objects.filter(Q(stop=None) | Q(stop__in=stops), source=depot, state__in=Shipment.AT_SOURCE)
    if stations is not None:
        found = found.filter(destination__in=stations)
    known = {None, *stops}
    locked = lock_shipments(found.values_list("pk", flat=True))
    return [one for one in locked if one.stop_id in known and one.state in Shipment.AT_SOURCE]


def _note_reasons(days: DepotDays) -> None:
    """Keep with each shipment why it waits, so that its page can say so."""
    fresh: list[Shipment] = []
    for parcel, reason in days.waiting():
        log.warning("delivery_not_planned", shipment=parcel.shipment.number, reason=reason)
        if parcel.shipment.wait_reason != reason:
            parcel.shipment.wait_reason = reason
            fresh.append(parcel.shipment)
    write_rows(fresh, ["wait_reason"])


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
    """Plan a run by hand: this van, leaving then, to these stations with all that waits for them, each where it is the
    least out of the way. The run is by hand: the schedule leaves it until somebody plans the day again.

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
    shipments = _lock_at_source(depot, [], [station.pk for station in stations])
    _check_run(depot, van, leaves_at, stations, shipments, driver, at)
    run = DeliveryRun.objects.create(
        depot=depot, van=van, driver=driver, run_on=timezone.localdate(leaves_at), leaves_at=leaves_at, is_by_hand=True
    )
    add_stops(run, _in_order(depot, shipments), shipments)
    command.log("planned", run, stops=len({one.destination_id for one in shipments}), metres=run.distance_m)
    return run


def _in_order(depot: Station, shipments: Sequence[Shipment]) -> list[Station]:
    """The shipments' stations on a short way round."""
    stations = list({one.destination_id: one.destination for one in shipments}.values())
    travel = travel_among([depot.pk, *(one.pk for one in stations)])
    return [stations[at] for at in short_tour(place_of(depot), [place_of(one) for one in stations], travel)]


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
    problems = [
        _("Nothing waits for %(station)s.") % {"station": station} for station in stations if station.pk not in waiting
    ]
    if not stations:
        problems.append(_("Choose at least one station."))
    if van.kind != Unit.Kind.VAN or van.station_id != depot.pk or not van.is_in_service:
        problems.append(_("%(van)s is not a van in service at %(depot)s.") % {"van": van, "depot": depot})
    if DeliveryRun.objects.filter(van=van, run_on=day, state__in=[State.PLANNED, State.LOADING, State.OUT]).exists():
        problems.append(_("%(van)s already has a run that day: add to that run, or choose another van.") % {"van": van})
    if leaves_at < at:
        problems.append(_("That departure has passed: choose a later one."))
    if driver and driver.role != User.Role.DRIVER:
        problems.append(_("%(driver)s is not a driver.") % {"driver": driver})
    if problems:
        raise DomainError(_("This run cannot be planned like this. Nothing was changed."), problems=problems)
