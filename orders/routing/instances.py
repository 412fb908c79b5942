"""Published instances, solved by the same core as a division's days and held against the best that is known."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DomainError
from orders.routing.checks import cost_of, faults
from orders.routing.problem import FOREVER, Delivery, Matrix, Plan, Problem, Round, Vehicle, plan_of
from orders.routing.solver import Tuning, search
from orders.routing.vrplib import Instance, read_instance

# How distances and times become whole numbers: the factor, and whether what is left over is cut off or rounded.
ROUNDINGS = {"nearest": (1, False), "dimacs": (10, True), "exact": (1_000, False)}
# What the best-known costs of each kind of instance are counted by.
USUAL_ROUNDING = {"CVRP": "nearest", "VRPTW": "dimacs", "CVRPTW": "dimacs", "MDVRPTW": "exact"}
BYTES = 50_000_000


@dataclass(frozen=True)
class Solved:
    """``cost`` in the unit of published solutions; ``routes``: customers as in a .sol file, by vehicle."""

    cost: float
    routes: list[list[int]]
    seconds: float
    iterations: int
    seed: int
    rounding: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def solve_instance(
    path: Path | str,
    seconds: float,
    seed: int = 0,
    *,
    rounding: str = "",
    iterations: int | None = None,
    tuning: Tuning = Tuning(),  # noqa: B008  # frozen
    clock: Callable[[], float] = time.monotonic,
) -> Solved:
    """Look for the cheapest plan of a VRPLIB file for so many seconds of ``clock``, or so many iterations. The cost is
    worked out anew from the file, and a plan that breaks a rule is never given. Refuses files that it cannot read."""
    instance = read_file(path)
    rounding = rounding or USUAL_ROUNDING[instance.kind]
    problem = problem_of(instance, rounding)
    began = time.monotonic()
    found = search(
        problem,
        seconds=None if iterations is not None else seconds,
        iterations=iterations,
        seed=seed,
        tuning=tuning,
        clock=clock,
    )
    took = time.monotonic() - began
    if found.plan is None or faults(problem, found.plan):
        raise DomainError("No plan was found that keeps every rule. Give it more seconds.")
    cost = shown_cost(cost_of(problem, found.plan), rounding)
    return Solved(cost, routes_of(instance, problem, found.plan), took, found.iterations, seed, rounding)


def read_file(path: Path | str) -> Instance:
    """The instance in this file."""
    file = Path(path)
    try:
        if file.stat().st_size > BYTES:
            raise DomainError(f"{file.name} has more than {BYTES // 1_000_000} MB: that is no routing problem.")
        return read_instance(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DomainError(f"{file.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise DomainError(f"{file.name} is not a text file.") from None


def shown_cost(cost: int, rounding: str) -> float:
    """A cost as published: tenths for dimacs, whole numbers otherwise."""
    return cost / 10 if rounding == "dimacs" else cost


def problem_of(instance: Instance, rounding: str) -> Problem:
    """The instance in whole numbers. Distances are times too."""
    factor, cuts = ROUNDINGS[rounding]

    def whole(values: Any) -> Matrix:
        scaled = np.asarray(values, dtype=float) * factor
        return np.asarray(scaled if cuts else np.round(scaled)).astype(np.int64)

    distances = whole(_distances(instance))
    first = len(instance.depots)
    windows = _windows(instance, whole)
    service = whole(_service(instance))
    demands = [int(row[0]) for row in instance.rows("DEMAND_SECTION")]
    deliveries = [
        Delivery(node, (demands[node],), int(service[node]), *windows[node]) for node in range(first, instance.size)
    ]
    longest = instance.numbers.get("VEHICLES_MAX_DURATION")
    capacity = int(instance.numbers["CAPACITY"])
    vehicles = [
        Vehicle(
            depot,
            (capacity,),
            *windows[depot],
            count=len(numbers),
            longest=FOREVER if longest is None else int(whole(longest)),
        )
        for depot, numbers in fleet_of(instance).items()
    ]
    return Problem(distances, distances, deliveries, vehicles)


def _distances(instance: Instance) -> "np.typing.NDArray[np.float64]":
    if instance.texts["EDGE_WEIGHT_TYPE"] == "EXPLICIT":
        rows = instance.rows("EDGE_WEIGHT_SECTION")
        values: np.typing.NDArray[np.float64] = np.array([value for row in rows for value in row], dtype=float)
        return values.reshape(instance.size, instance.size)
    x, y = np.array(instance.rows("NODE_COORD_SECTION"), dtype=float).T
    straight: np.typing.NDArray[np.float64] = np.sqrt((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2)
    return straight


def _windows(instance: Instance, whole: Any) -> list[tuple[int, int]]:
    if "TIME_WINDOW_SECTION" not in instance.sections:
        return [(0, FOREVER)] * instance.size
    return [(int(opens), int(closes)) for opens, closes in whole(instance.rows("TIME_WINDOW_SECTION"))]


def _service(instance: Instance) -> list[float]:
    """Of each node; one number for all is for customers only."""
    if "SERVICE_TIME_SECTION" in instance.sections:
        return [row[0] for row in instance.rows("SERVICE_TIME_SECTION")]
    first = len(instance.depots)
    return [0.0] * first + [instance.numbers.get("SERVICE_TIME", 0.0)] * (instance.size - first)


def fleet_of(instance: Instance) -> dict[int, list[int]]:
    """The numbers of the vehicles, from 0, by their depot."""
    count = int(instance.numbers.get("VEHICLES", instance.size - len(instance.depots)))
    homes = [int(row[0]) - 1 for row in instance.sections.get("VEHICLES_DEPOT_SECTION", [[1.0]] * count)]
    by_depot: dict[int, list[int]] = {}
    for number, depot in enumerate(homes):
        by_depot.setdefault(depot, []).append(number)
    return by_depot


def routes_of(instance: Instance, problem: Problem, plan: Plan) -> list[list[int]]:
    """Routes as a .sol file numbers them: one after the other; of several depots, by vehicle, so that the place tells
    the depot."""
    first = len(instance.depots)
    trips = [(one.vehicle, [number + first for number in trip]) for one in plan.rounds for trip in one.trips]
    if first == 1:
        return sorted(trip for _, trip in trips)
    fleet = list(fleet_of(instance).values())
    routes: list[list[int]] = [[] for _ in range(sum(map(len, fleet)))]
    free = [iter(numbers) for numbers in fleet]
    for vehicle, trip in trips:
        routes[next(free[vehicle])] = trip
    return routes


def plan_from(instance: Instance, problem: Problem, routes: Sequence[Sequence[int]]) -> Plan:
    """A published solution's routes as a plan of the problem."""
    first = len(instance.depots)
    vehicle_of = {number: vehicle for vehicle, numbers in enumerate(fleet_of(instance).values()) for number in numbers}
    return plan_of(
        problem,
        [
            Round(vehicle_of.get(number, 0), (tuple(customer - first for customer in route),))
            for number, route in enumerate(routes)
            if route
        ],
    )
