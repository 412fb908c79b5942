"""A recommendation as rows with the day from which each holds."""

from collections.abc import Iterator
from typing import NamedTuple

from inventory.policy.checks import Whole
from inventory.policy.cycles import Cycles


class Level(NamedTuple):
    """From ``from_day`` on (0 = at once), orders up to ``par`` go out at ``reorder_point`` or below (−1: none do)."""

    pair: int
    par: int
    reorder_point: int
    from_day: int


def scheduled(cycles: Cycles, station: Whole, review_days: Whole, days: int) -> Iterator[Level]:
    """Every level of every pair, pair by pair, in the order of the days.

    ``station``: of each pair; ``review_days``: of each station; ``days``: how far to plan. A window of ``review_days``
    holds exactly one review, on whichever of its days that falls. In the windows in which the place is filled up, the
    pair's reorder point holds; in those between, the lower one of rush orders. After ``days`` the pair's own holds for
    good.
    """
    points, rush = cycles.levels.reorder_point.tolist(), cycles.rush_at.tolist()
    for pair, par in enumerate(cycles.levels.par.tolist()):
        place = int(station[pair])
        window, count = int(review_days[place]), int(cycles.reviews[place])
        open_, between = points[pair], min(rush[pair], points[pair])
        yield Level(pair, par, open_, 0)
        if count == 1 or between == open_:
            continue
        for begins in range(0, days, window * count):
            if begins:
                yield Level(pair, par, open_, begins)
            yield Level(pair, par, between, begins + window)
        yield Level(pair, par, open_, begins + window * count)
