"""A vehicle's trips in another order. The search moves deliveries and never a whole trip, so it can miss that the
trips, driven the other way round, leave time for one more."""

from itertools import permutations

from orders.routing.checks import cost_of
from orders.routing.insertion import insert
from orders.routing.problem import Plan, Problem, Round

MOST_TRIPS = 4


def serve_more(problem: Problem, plan: Plan) -> Plan:
    """The plan, or a cheaper one in which a vehicle drives up to ``MOST_TRIPS`` trips in another order and what nobody
    made is inserted again. The same plan gives the same answer; ``count`` of every vehicle must be 1."""
    best, least = plan, cost_of(problem, plan)
    for vehicle in [one.vehicle for one in plan.rounds if 1 < len(one.trips) <= MOST_TRIPS]:
        if not best.unserved:
            break
        others = [one for one in best.rounds if one.vehicle != vehicle]
        [trips] = [one.trips for one in best.rounds if one.vehicle == vehicle]
        for order in permutations(trips[:MOST_TRIPS]):
            other = insert(problem, [*others, Round(vehicle, (*order, *trips[MOST_TRIPS:]))])
            if (cost := cost_of(problem, other)) < least:
                best, least = other, cost
    return best
