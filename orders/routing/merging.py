"""Vans that are alike and stay in are one kind of vehicle for the search: it need not try each of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from orders.routing.problem import Plan, Problem, Round, Vehicle, plan_of


@dataclass(frozen=True)
class Merged:
    """``problem`` with fewer vehicles; vehicle n of it stands for these of the whole one: ``members[n]``."""

    whole: Problem
    problem: Problem
    members: Sequence[Sequence[int]]

    def merge(self, plan: Plan) -> Plan:
        """A plan of the whole problem in terms of the merged one."""
        place = {member: number for number, members in enumerate(self.members) for member in members}
        return plan_of(self.problem, [Round(place[one.vehicle], one.trips) for one in plan.rounds])

    def split(self, plan: Plan) -> Plan:
        """The other way: each round gets a vehicle of its own, the first that is free."""
        free = [iter(members) for members in self.members]
        return plan_of(self.whole, [Round(next(free[one.vehicle]), one.trips) for one in plan.rounds])


def merge_idle(problem: Problem, plan: Plan) -> Merged:
    """Those that the plan uses stay themselves, so that what is planned keeps its van."""
    used = {one.vehicle for one in plan.rounds}
    alike: dict[Vehicle, list[int]] = defaultdict(list)
    for number, vehicle in enumerate(problem.vehicles):
        if number not in used:
            alike[vehicle].append(number)
    kinds = [([number], problem.vehicles[number]) for number in sorted(used)]
    kinds += [(numbers, replace(vehicle, count=len(numbers))) for vehicle, numbers in alike.items()]
    merged = Problem(problem.distances, problem.durations, problem.deliveries, [vehicle for _, vehicle in kinds])
    return Merged(problem, merged, [numbers for numbers, _ in kinds])
