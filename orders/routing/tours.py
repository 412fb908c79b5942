"""The order of stops for a person who has chosen van and stations: a short way round."""

from collections.abc import Sequence
from itertools import pairwise

from orders.routing.travel import Place, Travel


def short_tour(depot: Place, places: Sequence[Place], travel: Travel) -> list[int]:
    """The numbers of the places in an order that makes a short way from the depot and back: each is inserted where it
    adds the least, then stretches are turned round as long as that makes the way shorter. Windows are not looked at.
    """
    here = [depot, *places]
    metres = [[travel.metres(a, b) for b in here] for a in here]
    tour = [0, 0]
    for number in range(1, len(here)):
        at = min(range(1, len(tour)), key=lambda at: _detour(metres, tour[at - 1], number, tour[at]))
        tour.insert(at, number)
    _turn_round(tour, metres)
    return [number - 1 for number in tour[1:-1]]


def _detour(metres: list[list[int]], a: int, new: int, b: int) -> int:
    return metres[a][new] + metres[new][b] - metres[a][b]


def _turn_round(tour: list[int], metres: list[list[int]]) -> None:
    """2-opt, with the length of the whole way, as a way back may be longer than the way there."""

    def length(stops: list[int]) -> int:
        return sum(metres[a][b] for a, b in pairwise(stops))

    best, is_better = length(tour), True
    while is_better:
        is_better = False
        for start in range(1, len(tour) - 2):
            for end in range(start + 1, len(tour) - 1):
                turned = tour[:start] + tour[start : end + 1][::-1] + tour[end + 1 :]
                if (now := length(turned)) < best:
                    tour[:], best, is_better = turned, now, True
