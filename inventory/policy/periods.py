"""What happens between two regular orders, from every position that stock and inbound may have after the first."""

from dataclasses import dataclass

import numpy as np

from inventory.policy.checks import Floats
from inventory.policy.outlook import Demand, Terms
from inventory.policy.tables import Table


@dataclass(frozen=True)
class Period:
    """Rows are positions y from 0 up, columns pairs. ``days`` from one regular order to the next; ``demand`` over them.

    ``lost``: units asked for and not there; ``stock``: on the shelf on average; ``rush``: orders that could not wait
    for the next regular one. ``rush_at``: at a review between, stock and inbound of so much or less do not wait (−1:
    they always do).
    """

    days: Floats
    demand: Table
    lost: Floats
    stock: Floats
    rush: Floats
    rush_at: Floats
    rush_cost: Floats | float = 0.0

    @property
    def top(self) -> int:
        """The largest position."""
        return int(self.lost.shape[0]) - 1


def every_review(demand: Demand, terms: Terms, top: int) -> Period:
    """Orders may go out at every review.

    Demand up to the arrival of what is ordered now is at its predecessors' charge, demand up to the arrival of what is
    ordered next at its own: lost(y) = E(D_P − y)⁺ − E(D_L − y)⁺; the mean stock is half way between both arrivals'.
    """
    over_review = Table.of(*demand.over(terms.review_days), top)
    if not terms.lead_days.any():
        full = np.arange(top + 1.0)[:, None]
        stock = (full + over_review.left) / 2
        none = np.zeros((1, 1))
        return Period(terms.review_days, over_review, over_review.lost, stock, none, np.full(demand.size, -1.0))
    before = Table.of(*demand.over(terms.lead_days), top)
    until = Table.of(*demand.over(terms.lead_days + terms.review_days), top)
    lost = np.maximum(until.lost - before.lost, 0)
    stock = (before.left + until.left) / 2
    return Period(terms.review_days, over_review, lost, stock, np.zeros((1, 1)), np.full(demand.size, -1.0))


def several_reviews(demand: Demand, terms: Terms, top: int, reviews: int, rush_cost: Floats) -> Period:
    """Regular orders go out at every ``reviews``-th review only, so that deliveries carry more lines; at the reviews
    between, a rush order of ``rush_cost`` (of each pair) goes out where waiting for one more review would lose more.

    What is used since the regular order only grows, so a rush order goes out at some review between if and only if the
    last of them finds the position at ``rush_at`` or below. Each window between two reviews loses what the positions
    above ``rush_at`` at its beginning let it lose. Where use outruns the shelf, rush orders follow each other.
    """
    once = every_review(demand, terms, top)
    rush_at = (once.lost * terms.lost_unit_cost > rush_cost).sum(axis=0) - 1.0
    position = np.arange(top + 1)[:, None]
    exposed = np.where((position > rush_at) & (once.lost > 1e-9), once.lost, 0)
    reach = int(np.flatnonzero(exposed.any(axis=1)).max(initial=0)) + 1
    lost = once.lost.copy()
    used = once.demand
    for count in range(1, reviews):
        used = once.demand if count == 1 else Table.of(*demand.over(terms.review_days * count), top)
        for stock in range(reach):
            lost[stock:] += used.chance[: top + 1 - stock] * exposed[stock]
    spare = (position - rush_at - 1).astype(np.int64)
    calm = np.where(spare >= 0, np.take_along_axis(used.at_most, np.clip(spare, 0, top), axis=0), 0)
    often = np.maximum(used.mean / np.maximum(spare, 1), 1)
    rush = np.where(rush_at >= 0, (1 - calm) * often, 0)
    days = terms.review_days * reviews
    before = Table.of(*demand.over(terms.lead_days), top)
    until = Table.of(*demand.over(terms.lead_days + days), top)
    return Period(
        days, Table.of(*demand.over(days), top), lost, (before.left + until.left) / 2, rush, rush_at, rush_cost
    )
