"""Search for a plan with PyVRP: iterated local search, the same for a division's day and a published instance."""

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orders.routing.problem import Delivery, Plan, Problem, Round, Vehicle, plan_of

if TYPE_CHECKING:
    import pyvrp


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was measured to help; docs/schedule.md has the figures. Defaults are PyVRP's."""

    neighbours: int = 50
    history: int = 300
    max_perturbations: int = 25
    max_penalty: float = 100_000.0
    target_feasible: float = 0.65


@dataclass(frozen=True)
class Search:
    """The best plan that was found, and after how many iterations; None if none keeps every rule."""

    plan: Plan | None
    iterations: int


def search(
    problem: Problem,
    *,
    iterations: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    start: Plan | None = None,
    tuning: Tuning = Tuning(),  # frozen
    clock: Callable[[], float] = time.monotonic,
) -> Search:
    """Look for the cheapest plan, by ``iterations`` (the same seed gives the same plan) or by ``seconds`` of
    ``clock``.

    Starts from ``start``, which must keep every rule, and never ends with a worse one.
    """
    if not problem.vehicles or not problem.deliveries:
        nothing = plan_of(problem, ())
        is_allowed = all(delivery.prize is not None for delivery in problem.deliveries)
        return Search(nothing if is_allowed else None, 0)
    # Half a second and 20 MB: only those who plan pay for it.
    import pyvrp
    from pyvrp.exceptions import PenaltyBoundWarning
    from pyvrp.stop import MaxIterations

    data = _data(problem)
    stop = _Until(seconds or 0, clock) if iterations is None else MaxIterations(iterations)
    first = None if start is None else pyvrp.Solution(data, [_route(data, one) for one in start.rounds])
    with warnings.catch_warnings():
        # That a rule is hard to keep is no news: without a plan that keeps them all, the answer is ``start``.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = pyvrp.solve(
            data, stop, seed=seed, collect_stats=False, display=False, params=_params(tuning), initial_solution=first
        )
    if not result.is_feasible():
        return Search(start, result.num_iterations)
    return Search(plan_of(problem, [_round(route) for route in result.best.routes()]), result.num_iterations)


class _Until:
    """Stops after so many seconds, counted from when it is first asked."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._end: float | None = None

    def __call__(self, best_cost: int) -> bool:
        if self._end is None:
            self._end = self._clock() + self._seconds
        return self._clock() > self._end


def _params(tuning: Tuning) -> "pyvrp.SolveParams":
    import pyvrp
    from pyvrp.search import NeighbourhoodParams, PerturbationParams

    return pyvrp.SolveParams(
        ils=pyvrp.IteratedLocalSearchParams(history_length=tuning.history),
        penalty=pyvrp.PenaltyParams(max_penalty=tuning.max_penalty, target_feasible=tuning.target_feasible),
        neighbourhood=NeighbourhoodParams(num_neighbours=tuning.neighbours),
        perturbation=PerturbationParams(max_perturbations=tuning.max_perturbations),
    )


def _data(problem: Problem) -> "pyvrp.ProblemData":
    """Places become locations, depots come twice: to start from at once, and to load at again."""
    import pyvrp

    skills = sorted({skill for delivery in problem.deliveries for skill in delivery.needs})
    depots: dict[tuple[int, int], int] = {}
    for vehicle in problem.vehicles:
        depots.setdefault((vehicle.depot, 0), len(depots))
        if vehicle.reloads:
            depots.setdefault((vehicle.depot, vehicle.reload_time), len(depots))
    matrices: list[Any] = [problem.distances, problem.durations]  # pyvrp's own types name no shape
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(problem.distances))],
        clients=[_client(delivery, skills) for delivery in problem.deliveries],
        depots=[pyvrp.Depot(place, service_duration=time) for place, time in depots],
        vehicle_types=[_vehicle_type(problem, vehicle, depots, skills) for vehicle in problem.vehicles],
        distance_matrices=matrices[:1],
        duration_matrices=matrices[1:],
    )


def _client(delivery: Delivery, skills: Sequence[str]) -> "pyvrp.Client":
    """A skill is a load of one, which only a vehicle with that skill has room for."""
    import pyvrp

    return pyvrp.Client(
        delivery.place,
        delivery=[*delivery.load, *(int(skill in delivery.needs) for skill in skills)],
        service_duration=delivery.service,
        tw_early=delivery.opens,
        tw_late=delivery.closes,
        prize=delivery.prize or 0,
        required=delivery.prize is None,
    )


def _vehicle_type(
    problem: Problem, vehicle: Vehicle, depots: dict[tuple[int, int], int], skills: Sequence[str]
) -> "pyvrp.VehicleType":
    import pyvrp

    everything, home = len(problem.deliveries), depots[vehicle.depot, 0]
    return pyvrp.VehicleType(
        vehicle.count,
        [*vehicle.capacity, *(everything if skill in vehicle.skills else 0 for skill in skills)],
        home,
        home,
        fixed_cost=vehicle.fixed_cost,
        tw_early=vehicle.opens,
        tw_late=vehicle.closes,
        shift_duration=vehicle.longest,
        unit_distance_cost=vehicle.distance_cost,
        unit_duration_cost=vehicle.time_cost,
        reload_depots=[depots[vehicle.depot, vehicle.reload_time]] if vehicle.reloads else [],
        max_reloads=vehicle.reloads,
    )


def _route(data: "pyvrp.ProblemData", one: Round) -> "pyvrp.Route":
    import pyvrp

    depots = data.vehicle_type(one.vehicle).reload_depots
    activities: list[pyvrp.Activity] = []
    for number, trip in enumerate(one.trips):
        if number:
            activities.append(pyvrp.Activity(pyvrp.ActivityType.DEPOT, depots[0]))
        activities += [pyvrp.Activity(pyvrp.ActivityType.CLIENT, delivery) for delivery in trip]
    return pyvrp.Route(data, activities, one.vehicle)


def _round(route: "pyvrp.Route") -> Round:
    trips: dict[int, list[int]] = {}
    for activity in route.schedule():
        if activity.is_client():
            trips.setdefault(activity.trip, []).append(activity.idx)
    return Round(route.vehicle_type(), tuple(tuple(trip) for trip in trips.values()))
