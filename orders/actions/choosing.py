"""A transfer onto a run that a person chose, also one that did not go to both its stations until now."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from orders.actions.locks import lock_runs, lock_shipments
from orders.actions.placing import take_off, write_ride
from orders.actions.schedule import window_on
from orders.errors import WrongState
from orders.models import DeliveryRun, Shipment, Stop
from orders.queries.rides import BEFORE_DEPARTURE, cold_among, rounds
from orders.rides import Halt, Round, joined, keeps_pairs, order_for
from orders.sayings import CHOSE_ANOTHER
from orders.ways import legs, place_of, stop_time
from stations.access import require_role
from stations.actions.versions import check_version
from stations.models import Command, Station, User

PARKING = 2_000


@transaction.atomic
def choose_run(
    *, shipment: Shipment, run: DeliveryRun, version: int | None, by: User, at: datetime, request_id: UUID
) -> Shipment:
    """Let a transfer ride on this run. A stop that it lacks at either station is added where the way grows least.

    The person decides: windows do not bind them, a stop that comes late is shown as late. Refuses a run that has left,
    a transfer that was collected, and a run on which another transfer would be delivered before it is collected.
    """
    command, is_new = Command.objects.claim(
        request_id, "choose_run", by=by, at=at, facts={"shipment": shipment.pk, "run": run.pk}
    )
    if not is_new:
        return Shipment.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    now = shipment.stop.run_id if shipment.stop else run.pk
    found = {one.pk: one for one in lock_runs({run.pk, now})}
    locked = found[run.pk]
    if locked.state not in BEFORE_DEPARTURE:
        raise WrongState(locked, locked.get_state_display(), _("choose a run that has not left."))
    [waiting] = lock_shipments([shipment.pk])
    check_version(waiting, version)
    if waiting.state != Shipment.State.TO_COLLECT:
        raise WrongState(waiting, waiting.get_state_display(), _("only what waits at its donor can change its run."))
    if cold_among([waiting.pk]) and not locked.van.carries_cold:
        raise DomainError(
            _("%(transfer)s must stay cold, and %(van)s keeps nothing cold: choose another run.")
            % {"transfer": waiting, "van": locked.van}
        )
    take_off(command, [waiting] if waiting.stop_id else [], comment=CHOSE_ANOTHER(person=by, run=locked))
    [one] = rounds([locked])
    order = _order(locked, one, waiting)
    has_new = _add_stops(locked, (waiting.source, waiting.destination))
    locked.is_by_hand = True
    locked.save(update_fields=["is_by_hand"])
    write_ride(command, locked, order, [waiting], has_new=has_new)
    return waiting


def _order(run: DeliveryRun, one: Round, shipment: Shipment) -> tuple[int, ...]:
    ends = (shipment.source, shipment.destination)
    pair = (ends[0].pk, ends[1].pk)
    leg = legs([run.depot_id, *pair, *(halt.station_id for halt in one.halts)])
    if order := order_for(one, *pair, leg, stop_time()):
        return order
    there = {halt.station_id for halt in one.halts}
    missing = [station for station in ends if station.pk not in there] or [ends[0]]
    kept = tuple(halt for halt in one.halts if halt.station_id not in {station.pk for station in missing})
    rest = Round(one.run_id, one.depot, one.leaves_at, kept, one.pairs)
    order = joined(rest, [_halt(run, station) for station in missing], *pair, leg, stop_time())
    if not keeps_pairs(order, one.pairs | {pair}):
        raise DomainError(
            _("%(run)s carries other transfers that would then come before they are collected.") % {"run": run}
        )
    return order


def _halt(run: DeliveryRun, station: Station) -> Halt:
    start, end = window_on(station, run.run_on)
    return Halt(station.pk, place_of(station), start, end, start)


def _add_stops(run: DeliveryRun, stations: Iterable[Station]) -> bool:
    """Stops for those of these stations that the run has none at, and whether there are any; they get their place and
    time with all others."""
    there = set(run.stops.values_list("station_id", flat=True))
    missing = [_halt(run, station) for station in stations if station.pk not in there]
    Stop.objects.bulk_create(
        Stop(
            run=run,
            station_id=halt.station_id,
            position=PARKING + number,
            window_start=halt.window_start,
            window_end=halt.window_end,
            planned_at=halt.planned_at,
        )
        for number, halt in enumerate(missing)
    )
    return bool(missing)
