"""Transfers onto runs: each on the first that goes to its donor and afterwards to its receiver."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from core.rows import write_rows
from orders.actions.locks import lock_runs, lock_shipments
from orders.actions.stop_order import put_in_order
from orders.models import DeliveryRun, Shipment, Stop
from orders.queries.rides import BEFORE_DEPARTURE, cold_among, loads, loads_of, rounds, runs_past, ways_of
from orders.rides import Round, keeps_pairs, order_for
from orders.sayings import COLLECTED_FIRST, PASSES_NOT_BOTH
from orders.ways import Leg, stop_time
from stations.models import Command, Event, User

ON_ITS_WAY = (*BEFORE_DEPARTURE, DeliveryRun.State.OUT)
NOT_THERE = (Stop.State.PLANNED, Stop.State.ARRIVED)


@transaction.atomic
def place_transfers(*, at: datetime, by: User | None = None) -> int:
    """Put every transfer that waits at its donor onto the first run that has not left and goes to both; how many.

    First takes off those whose run no longer does: called off, its stops put elsewhere, a stop missed. The stops of a
    planned run are put in another order for a transfer where all windows allow that, and a van carries it beside all
    else that it has; what must stay cold only in a van that keeps it so. Runs that are being loaded, and those that a
    person has locked, keep their order. A second run finds nothing left to do.
    """
    found = list(_to_collect())
    waiting = [one for one in found if one.stop_id is None and one.pickup_id is None]
    lost = [one.pk for one in found if one not in waiting and not _rides_well(one)]
    stations = {pk for one in waiting for pk in (one.source_id, one.destination_id)}
    if not lost and not waiting:
        return 0
    runs = lock_runs(runs_past(stations).values_list("pk", flat=True))
    runs = sorted((run for run in runs if run.state in BEFORE_DEPARTURE), key=lambda run: (run.leaves_at, run.pk))
    command = Command.objects.begin("place_transfers", by=by, at=at)
    shipments = lock_shipments([*lost, *(one.pk for one in waiting)])
    still = [one for one in shipments if one.state == Shipment.State.TO_COLLECT]
    take_off(command, [one for one in still if one.pk in lost], comment=PASSES_NOT_BOTH())
    return _place(command, runs, [one for one in still if one.stop_id is None or one.pk in lost])


def take_off(command: Command, shipments: Iterable[Shipment], *, comment: str) -> None:
    """These transfers wait at their donor again. Their run and they themselves must be locked."""
    taken = list(shipments)
    if not taken:
        return
    Shipment.objects.filter(pk__in=[one.pk for one in taken]).update(stop=None, pickup=None, version=F("version") + 1)
    for one in taken:
        one.stop = one.pickup = None
    Event.objects.bulk_create(command.event("waits for another run", one, comment=comment) for one in taken)


def uncollected_at(stop: Stop) -> list[Shipment]:
    """What was to be collected or delivered at a stop and lies at its donor still, locked."""
    rows = _to_collect().filter(Q(stop=stop) | Q(pickup=stop))
    return lock_shipments(rows.values_list("pk", flat=True))


def write_ride(
    command: Command, run: DeliveryRun, order: Sequence[int], shipments: Sequence[Shipment], *, has_new: bool = False
) -> None:
    """Put these locked transfers on a locked run whose stops come in this order of stations. Every station is one of
    its stops already; ``has_new``: some were added for this ride, and have no place and time yet."""
    stops = {stop.station_id: stop for stop in run.stops.select_related("station")}
    if has_new or list(order) != list(stops):
        put_in_order(run, [stops[station] for station in order])
        command.log("reordered", run, comment=COLLECTED_FIRST())
    for one in shipments:
        one.pickup, one.stop = stops[one.source_id], stops[one.destination_id]
        one.version += 1
    write_rows(shipments, ["pickup", "stop", "version"])
    run.version += 1
    run.save(update_fields=["distance_m", "version"])
    Event.objects.bulk_create(command.event("put on a run", one, run=run.number) for one in shipments)


def _to_collect() -> QuerySet[Shipment]:
    return Shipment.objects.filter(state=Shipment.State.TO_COLLECT).select_related("stop__run", "pickup").order_by("pk")


def _rides_well(shipment: Shipment) -> bool:
    """Whether both stops are on one run that still comes, the donor's first, and neither is done."""
    pickup, stop = shipment.pickup, shipment.stop
    if pickup is None or stop is None or pickup.run_id != stop.run_id or stop.run.state not in ON_ITS_WAY:
        return False
    return pickup.position < stop.position and pickup.state in NOT_THERE and stop.state in NOT_THERE


def _place(command: Command, runs: Sequence[DeliveryRun], waiting: Sequence[Shipment]) -> int:
    load = _Load(runs, waiting)
    open_rounds = {one.run_id: one for one in rounds(runs)}
    leg = ways_of(open_rounds.values())
    orders: dict[int, tuple[int, ...]] = {}
    taken: dict[int, list[Shipment]] = defaultdict(list)
    for shipment in sorted(waiting, key=lambda one: (-one.priority, one.pk)):
        for run in runs:
            order = _order(open_rounds[run.pk], shipment, leg)
            if order is None or not load.takes(run, shipment):
                continue
            pair = (shipment.source_id, shipment.destination_id)
            open_rounds[run.pk] = _with(open_rounds[run.pk], order, pair)
            orders[run.pk] = order
            taken[run.pk].append(shipment)
            break
    for run in runs:
        if run.pk in taken:
            write_ride(command, run, orders[run.pk], taken[run.pk])
    return sum(len(shipments) for shipments in taken.values())


def _order(one: Round, shipment: Shipment, leg: Leg) -> tuple[int, ...] | None:
    return order_for(one, shipment.source_id, shipment.destination_id, leg, stop_time())


def _with(one: Round, order: tuple[int, ...], pair: tuple[int, int]) -> Round:
    halts = {halt.station_id: halt for halt in one.halts}
    pairs = one.pairs | {pair}
    if not keeps_pairs(order, pairs):
        raise AssertionError("the order was found for this pair, and keeps all others")
    return Round(one.run_id, one.depot, one.leaves_at, tuple(halts[pk] for pk in order), pairs, one.may_change)


class _Load:
    """What the vans may still carry, counted as if all of it were aboard at once."""

    def __init__(self, runs: Sequence[DeliveryRun], waiting: Sequence[Shipment]) -> None:
        self.aboard: dict[int, tuple[int, int]] = dict(loads([run.pk for run in runs]))
        self.each: Mapping[int, tuple[int, int]] = loads_of([one.pk for one in waiting])
        self.cold = cold_among([one.pk for one in waiting])

    def takes(self, run: DeliveryRun, shipment: Shipment) -> bool:
        """Whether the van has room, and keeps cold what must be; if so, the room is taken."""
        if shipment.pk in self.cold and not run.van.carries_cold:
            return False
        weight, volume = self.aboard.get(run.pk, (0, 0))
        more_weight, more_volume = self.each.get(shipment.pk, (0, 0))
        weight, volume = weight + more_weight, volume + more_volume
        fits = weight <= (run.van.max_weight_g or weight) and volume <= (run.van.max_volume_ml or volume)
        if fits:
            self.aboard[run.pk] = (weight, volume)
        return fits
