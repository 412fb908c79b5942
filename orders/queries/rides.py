"""Runs that have not left, as the pure functions of ``orders.rides`` know them, and which of them can carry what."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from inventory.models import Item
from orders.models import DeliveryRun, ShipmentLine, Stop
from orders.rides import Halt, Pair, Round, order_for
from orders.ways import Leg, legs, place_of, stop_time

BEFORE_DEPARTURE = (DeliveryRun.State.PLANNED, DeliveryRun.State.LOADING)


def halt_of(stop: Stop) -> Halt:
    """A stop as the pure functions know it; needs ``station``."""
    return Halt(stop.station_id, place_of(stop.station), stop.window_start, stop.window_end, stop.planned_at)


def open_runs() -> QuerySet[DeliveryRun]:
    """Runs that have not left, the next to leave first."""
    return DeliveryRun.objects.filter(state__in=BEFORE_DEPARTURE).order_by("leaves_at", "pk")


def runs_past(stations: Collection[int]) -> QuerySet[DeliveryRun]:
    """Runs that have not left and stop at any of these stations."""
    return open_runs().filter(pk__in=Stop.objects.filter(station__in=stations).values("run"))


def rounds(runs: Sequence[DeliveryRun]) -> list[Round]:
    """These runs in their order, each with its halts and the transfers on it; needs ``depot``. One query."""
    halts: dict[int, dict[int, Halt]] = defaultdict(dict)
    pairs: dict[int, set[Pair]] = defaultdict(set)
    for stop in _stops(runs):
        halts[stop.run_id].setdefault(stop.pk, halt_of(stop))
        if stop.brought_on == stop.run_id:
            pairs[stop.run_id].add((stop.station_id, stop.brought_to))
    return [
        Round(
            run.pk,
            place_of(run.depot),
            run.leaves_at,
            tuple(halts[run.pk].values()),
            frozenset(pairs[run.pk]),
            may_change=run.state == DeliveryRun.State.PLANNED and not (run.is_locked or run.is_by_hand),
        )
        for run in runs
    ]


def _stops(runs: Sequence[DeliveryRun]) -> QuerySet[Any]:
    """Their stops in order, each again for every transfer that is collected there: the station that it is
    ``brought_to`` and the run that it is ``brought_on``."""
    stops = Stop.objects.filter(run__in=runs).select_related("station").order_by("run", "position")
    return stops.annotate(brought_to=F("pickups__stop__station"), brought_on=F("pickups__stop__run"))


def ways_of(found: Iterable[Round]) -> Leg:
    """The ways among the depots and halts of these runs. One query."""
    known = list(found)
    halts = {halt.station_id for one in known for halt in one.halts}
    return legs(halts | {one.depot.station_id for one in known if one.depot.station_id is not None})


@dataclass(frozen=True, slots=True)
class Ride:
    """A run that can take a transfer along, and when it would be at both."""

    run: DeliveryRun
    collected_at: datetime
    delivered_at: datetime
    is_moved: bool


class Rides:
    """All runs that have not left and pass these stations, read once: which is the next to go from one to another."""

    def __init__(self, stations: Collection[int]) -> None:
        runs = list(runs_past(stations).select_related("depot", "van"))
        self.runs = {run.pk: run for run in runs}
        self.rounds = rounds(runs)
        self.leg: Leg = ways_of(self.rounds)

    @property
    def pairs(self) -> set[Pair]:
        """Every (earlier, later) pair of stations on one run, as its stops are now."""
        return {
            (first.station_id, second.station_id)
            for one in self.rounds
            for number, first in enumerate(one.halts)
            for second in one.halts[number + 1 :]
        }

    def find(self, donor: int, receiver: int) -> Ride | None:
        """The first run that goes to both, its stops put in order for it where its windows allow that."""
        for one in self.rounds:
            if order := order_for(one, donor, receiver, self.leg, stop_time()):
                planned = {halt.station_id: halt.planned_at for halt in one.halts}
                is_moved = order != tuple(halt.station_id for halt in one.halts)
                return Ride(self.runs[one.run_id], planned[donor], planned[receiver], is_moved)
        return None


def loads(runs: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """Grams and millilitres of all that is meant for these runs, by run id."""
    return _sums(Q(shipment__stop__run__in=runs), "shipment__stop__run")


def loads_of(shipments: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """Grams and millilitres of these shipments, by their id."""
    return _sums(Q(shipment__in=shipments), "shipment")


def cold_among(shipments: Collection[int]) -> set[int]:
    """Those of these shipments, by id, that carry something refrigerated or frozen."""
    lines = ShipmentLine.objects.filter(shipment__in=shipments).exclude(order_line__item__storage=Item.Storage.ROOM)
    return set(lines.values_list("shipment_id", flat=True))


def _sums(which: Q, key: str) -> dict[int, tuple[int, int]]:
    item = "order_line__item__"
    rows = (
        ShipmentLine.objects.filter(which)
        .order_by()
        .values_list(key)
        .annotate(weight=Sum(F("quantity") * F(f"{item}weight_g")), volume=Sum(F("quantity") * F(f"{item}volume_ml")))
    )
    return {pk: (weight, volume) for pk, weight, volume in rows}
