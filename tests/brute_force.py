"""The best plan of a tiny problem, by trying every plan: what the search is held against."""

from collections.abc import Iterator
from itertools import chain, combinations, pairwise, permutations

from orders.routing.checks import round_cost, round_faults
from orders.routing.problem import Problem, Round, Trips


def least_cost(problem: Problem) -> int:
    """The least that rounds and missed prizes can cost. Needs a prize on every delivery."""
    whole = frozenset(range(len(problem.deliveries)))
    best: Costs = {frozenset(): 0}
    for vehicle in range(len(problem.vehicles)):
        mine = dict(_cheapest_rounds(problem, vehicle, whole))
        best = {
            served: min(
                (
                    best[rest] + mine[served - rest]
                    for rest in _subsets(served)
                    if rest in best and served - rest in mine
                ),
                default=1 << 60,
            )
            for served in _subsets(whole)
        }
    missed = {served: sum(problem.deliveries[one].prize or 0 for one in whole - served) for served in best}
    return min(cost + missed[served] for served, cost in best.items())


Costs = dict[frozenset[int], int]


def _cheapest_share(served: frozenset[int], others: Costs, mine: Costs) -> int:
    shares = (
        others[rest] + mine[served - rest] for rest in _subsets(served) if rest in others and served - rest in mine
    )
    return min(shares, default=1 << 60)


def _cheapest_rounds(problem: Problem, vehicle: int, whole: frozenset[int]) -> Iterator[tuple[frozenset[int], int]]:
    yield frozenset(), 0
    for served in _subsets(whole):
        rounds = (Round(vehicle, trips) for order in permutations(sorted(served)) for trips in _split(order))
        costs = [round_cost(problem, one) for one in rounds if served and not any(round_faults(problem, one))]
        if costs:
            yield served, min(costs)


def _split(order: tuple[int, ...]) -> Iterator[Trips]:
    """Every way to cut a sequence into trips."""
    for cuts in chain.from_iterable(combinations(range(1, len(order)), n) for n in range(len(order) or 1)):
        edges = [0, *cuts, len(order)]
        yield tuple(order[a:b] for a, b in pairwise(edges))


def _subsets(whole: frozenset[int]) -> list[frozenset[int]]:
    return [frozenset(one) for size in range(len(whole) + 1) for one in combinations(sorted(whole), size)]
