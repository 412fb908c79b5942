"""The plan of a depot's day: what can be kept is kept, what is new is inserted, and a search looks for better."""

from orders.routing.checks import cost_of
from orders.routing.day import Call, Day, DayPlan
from orders.routing.insertion import can_alone, insert
from orders.routing.merging import merge_idle
from orders.routing.problem import Plan, Problem
from orders.routing.reasons import why_left, why_not_alone
from orders.routing.solver import Tuning, search
from orders.routing.translation import Translation
from orders.routing.trip_order import serve_more

# What a plan that moves promised stops must save, as a share of the day's cost.
WORTH_MOVING = 0.05
SMALL_DAY = 6
TUNING = Tuning(neighbours=20, max_perturbations=10, max_penalty=10_000_000.0)


def plan_day(day: Day, *, iterations: int | None = None, seed: int = 0) -> DayPlan:
    """The cheapest runs that were found for this day. The same input gives the same plan.

    What no van could bring even if it were alone is named with the reason and left out. The present plan, with the new
    calls inserted where they cost the least, is where the search starts and what it has to beat: a plan that moves
    promised stops is taken only if the day becomes cheaper by ``WORTH_MOVING``, what is missed counted in.
    ``iterations`` of None: enough for a day of this size; 0: only insert, without the solver.
    """
    unserved = impossible(day)
    out = {call.station_id for call, _ in unserved}
    doable = Translation(day, [call for call in day.calls if call.station_id not in out])
    plan = stable = insert(doable.problem, doable.present())
    effort = iterations_for(len(doable.calls)) if iterations is None else iterations
    if effort and len(doable.calls) > 1:
        plan = _better(doable, stable, cheapest_plan(doable.problem, stable, iterations=effort, seed=seed))
    left = [doable.calls[number] for number in plan.unserved]
    return DayPlan(doable.runs(plan), unserved + [(call, why_left(call)) for call in left])


def cheapest_plan(problem: Problem, start: Plan, *, iterations: int, seed: int = 0) -> Plan:
    """The cheapest plan that the search finds from ``start``, which must keep every rule. Never a worse one."""
    fewer = merge_idle(problem, start)
    found = search(fewer.problem, iterations=iterations, seed=seed, start=fewer.merge(start), tuning=TUNING)
    return serve_more(problem, fewer.split(found.plan) if found.plan else start)


def impossible(day: Day) -> list[tuple[Call, str]]:
    """The calls that no van could make even if it were the only one, each with the reason."""
    whole = Translation(day, day.calls)
    calls = [call for number, call in enumerate(whole.calls) if not can_alone(whole.problem, number)]
    return [(call, why_not_alone(call, day)) for call in calls]


def iterations_for(calls: int) -> int:
    """Enough to find the best plan of a small day, and about a second's worth for a large one."""
    return 600 if calls <= SMALL_DAY else min(50 + 5 * calls, 400)


def _better(day: Translation, stable: Plan, found: Plan) -> Plan:
    """The plan that was found, unless it moves what was promised for too little."""
    before, after = cost_of(day.problem, stable), cost_of(day.problem, found)
    if after >= before:
        return stable
    is_free = day.moves(found) <= day.moves(stable)
    return found if is_free or after <= before * (1 - WORTH_MOVING) else stable
