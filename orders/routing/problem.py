"""A routing problem in whole numbers, and a plan for it: the one form that days and published instances share."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]
FOREVER = int(np.iinfo(np.int64).max)
NO_SKILLS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to bring to a place. ``place`` is its row in the matrices; times are on the problem's clock.

    It may begin from ``opens`` to ``closes``, and takes ``service``. ``load`` has a number per dimension. ``needs`` are
    skills that the vehicle must have. ``prize`` is what serving it is worth, in units of cost; None: it must be served.
    """

    place: int
    load: tuple[int, ...]
    service: int
    opens: int
    closes: int
    prize: int | None = None
    needs: frozenset[str] = NO_SKILLS


@dataclass(frozen=True, slots=True)
class Vehicle:
    """``count`` vehicles alike. Each leaves its depot not before ``opens``, is back by ``closes``, and may come back to
    load again up to ``reloads`` times, which takes ``reload_time``. It is away no longer than ``longest``.

    Costs: ``fixed_cost`` once if it is used, ``distance_cost`` per unit of distance, ``time_cost`` per unit of time
    from its first departure to its last return. A vehicle leaves as late as makes that shortest.
    """

    depot: int
    capacity: tuple[int, ...]
    opens: int
    closes: int
    count: int = 1
    reloads: int = 0
    reload_time: int = 0
    fixed_cost: int = 0
    distance_cost: int = 1
    time_cost: int = 0
    skills: frozenset[str] = NO_SKILLS
    longest: int = FOREVER


@dataclass(frozen=True)
class Problem:
    """``distances`` and ``durations`` are n × n, from row to column, by place."""

    distances: Matrix
    durations: Matrix
    deliveries: Sequence[Delivery]
    vehicles: Sequence[Vehicle]


Trips = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What one vehicle does: its trips, each the numbers of its deliveries in order. ``vehicle`` is its number among
    the problem's vehicles."""

    vehicle: int
    trips: Trips


@dataclass(frozen=True)
class Plan:
    """Rounds by vehicle, and the deliveries that nobody makes."""

    rounds: tuple[Round, ...]
    unserved: tuple[int, ...] = field(default=())


def plan_of(problem: Problem, rounds: Sequence[Round]) -> Plan:
    """The plan with these rounds, those without a delivery left out, in one order; the rest is unserved."""
    kept = [Round(one.vehicle, tuple(trip for trip in one.trips if trip)) for one in rounds]
    used = tuple(sorted((one for one in kept if one.trips), key=lambda one: (one.vehicle, one.trips)))
    served = {number for one in used for trip in one.trips for number in trip}
    return Plan(used, tuple(number for number in range(len(problem.deliveries)) if number not in served))
