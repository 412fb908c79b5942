"""What a plan costs and what it breaks, worked out from the problem alone: no solver is asked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orders.routing.problem import Delivery, Plan, Problem, Round, Trips, Vehicle


@dataclass(frozen=True, slots=True)
class Day:
    """A vehicle's day: when it first leaves and last returns, how far it goes, and by how much it is late or too long
    away in all."""

    leaves: int
    returns: int
    distance: int
    late: int

    @property
    def duration(self) -> int:
        return self.returns - self.leaves


def day_of(problem: Problem, vehicle: Vehicle, trips: Trips) -> Day:
    """Drive these trips, leaving as late as brings the vehicle back no later and makes nothing late."""
    earliest = _drive(problem, vehicle, trips, vehicle.opens)
    waited, room = 0, earliest.room
    leaves = vehicle.opens + min(earliest.waited, room)
    waited = earliest.waited - (leaves - vehicle.opens)
    returns = leaves + earliest.busy + waited
    too_long = max(0, returns - vehicle.closes) + max(0, returns - leaves - vehicle.longest)
    return Day(leaves, returns, earliest.distance, earliest.late + too_long)


@dataclass(slots=True)
class _Drive:
    busy: int = 0
    waited: int = 0
    distance: int = 0
    late: int = 0
    room: int = 1 << 60


def _drive(problem: Problem, vehicle: Vehicle, trips: Trips, leaves: int) -> _Drive:
    """Leaving at once. ``room``: by how much the departure may be put off until a stop comes late."""
    done, here = _Drive(), vehicle.depot
    distances, durations = problem.distances, problem.durations
    for number, trip in enumerate(trips):
        if number:
            done.busy += vehicle.reload_time
        for delivery in (problem.deliveries[one] for one in trip):
            done.distance += int(distances[here, delivery.place])
            done.busy += int(durations[here, delivery.place])
            here = delivery.place
            now = leaves + done.busy + done.waited
            done.waited += max(0, delivery.opens - now)
            begins = max(now, delivery.opens)
            done.late += max(0, begins - delivery.closes)
            done.room = min(done.room, done.waited + max(0, delivery.closes - begins))
            done.busy += delivery.service
        done.distance += int(distances[here, vehicle.depot])
        done.busy += int(durations[here, vehicle.depot])
        here = vehicle.depot
    return done


def round_cost(problem: Problem, one: Round) -> int:
    """Its vehicle, distance and time, in units of cost."""
    vehicle = problem.vehicles[one.vehicle]
    if not one.trips:
        return 0
    day = day_of(problem, vehicle, one.trips)
    return vehicle.fixed_cost + vehicle.distance_cost * day.distance + vehicle.time_cost * day.duration


def cost_of(problem: Problem, plan: Plan) -> int:
    """What the plan is judged by: the cost of its rounds, and the prizes of what it leaves unserved."""
    missed = sum(problem.deliveries[number].prize or 0 for number in plan.unserved)
    return sum(round_cost(problem, one) for one in plan.rounds) + missed


def faults(problem: Problem, plan: Plan) -> list[str]:
    """Everything that the plan breaks, in words; of a good plan, none."""
    served = Counter(number for one in plan.rounds for trip in one.trips for number in trip)
    found = [f"Delivery {number} is made {times} times." for number, times in served.items() if times > 1]
    missing = (number for number in range(len(problem.deliveries)) if number not in served)
    found += [f"Delivery {number} is not made." for number in missing if problem.deliveries[number].prize is None]
    used = Counter(one.vehicle for one in plan.rounds)
    found += [f"Vehicle {n} is used {k} times." for n, k in used.items() if k > problem.vehicles[n].count]
    return found + [fault for one in plan.rounds for fault in round_faults(problem, one)]


def round_faults(problem: Problem, one: Round) -> Iterator[str]:
    """What one vehicle cannot do."""
    vehicle = problem.vehicles[one.vehicle]
    if len(one.trips) - 1 > vehicle.reloads:
        yield f"Vehicle {one.vehicle} makes {len(one.trips)} trips."
    for trip in one.trips:
        deliveries = [problem.deliveries[number] for number in trip]
        if not carries(vehicle, deliveries):
            yield f"Vehicle {one.vehicle} cannot carry {trip}."
        if any(not delivery.needs <= vehicle.skills for delivery in deliveries):
            yield f"Vehicle {one.vehicle} has not what {trip} needs."
    if late := day_of(problem, vehicle, one.trips).late:
        yield f"Vehicle {one.vehicle} is late by {late}."


def carries(vehicle: Vehicle, deliveries: Sequence[Delivery]) -> bool:
    """Whether all this goes into the vehicle at once."""
    loads = zip(*(delivery.load for delivery in deliveries), strict=True)
    return all(sum(load) <= most for load, most in zip(loads, vehicle.capacity, strict=False))
