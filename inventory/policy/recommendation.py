"""The par and the minimum that are worth keeping, and which rule decided."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from inventory.policy.base_stock import expiry_cap, fill_rate_base_stock
from inventory.policy.caps import Limit, within_limits
from inventory.policy.checks import Whole
from inventory.policy.outlook import YEAR, Demand, Outlook, Terms, outlook

OUTDATING_RISK = 0.5


class Reason(IntEnum):
    """Which rule decided a par. The value is what is stored; the name is what a page explains."""

    PENALTY = 1  # the last unit saves more lost units than it costs to hold and to outdate
    FILL_FLOOR = 2  # raised to the least fill of the criticality class
    MANDATED = 3  # raised to the minimum that somebody prescribed
    EXPIRY_CAP = 4  # lowered, because the last units would expire
    SHELF_CAP = 5  # lowered to what the shelf holds
    VOLUME_CAP = 6  # lowered, because the place has no more room: other items are worth more there
    BUDGET_CAP = 7  # lowered, because the money is worth more elsewhere
    NOT_WORTH_KEEPING = 8  # nothing is kept: it is used too seldom
    PACK = 9  # rounded to whole packs


@dataclass(frozen=True)
class Recommendation:
    """One row per pair. ``par``: fill up to. ``minimum``: act below, 1 to par (0 where par is 0); the reorder point is
    ``minimum`` − 1. ``reason``: ``Reason`` values. ``is_below_floor``: a cap leaves less fill than the class should
    have. ``expected``: what par and minimum lead to."""

    par: Whole
    minimum: Whole
    reason: npt.NDArray[np.int8]
    is_below_floor: npt.NDArray[np.bool_]
    expected: Outlook

    @property
    def reorder_point(self) -> Whole:
        return self.minimum - 1


def recommend(
    demand: Demand, terms: Terms, *, limits: tuple[Limit, ...] = (), pack: npt.ArrayLike | None = None
) -> Recommendation:
    """The par and the minimum of every pair, each on its own; then cut until every limit holds.

    Deterministic; a pair's answer depends on no other pair unless ``limits`` bind. ``pack``: pars are rounded to whole
    packs of so many where given.
    """
    size = max(demand.size, terms.size)
    demand, terms = demand.stretched(size), terms.stretched(size)
    floor = np.clip(terms.fill_floor, 1e-9, 1 - 1e-12)
    _, vmr = demand.over(terms.review_days + terms.lead_days)
    per_day = demand.mean_per_day
    par = fill_rate_base_stock(per_day, vmr, terms.review_days, terms.lead_days, floor)
    reason = np.where(par > 0, Reason.FILL_FLOOR, Reason.NOT_WORTH_KEEPING).astype(np.int8)
    holding = np.maximum(terms.unit_cost * terms.holding_rate, 1e-9)
    batch = np.maximum(np.floor(np.sqrt(2 * terms.line_cost * per_day * YEAR / holding)), 1).astype(np.int64)
    par = np.where(par > 0, par + batch - 1, 0)
    cap = expiry_cap(per_day, vmr, terms.life_days, OUTDATING_RISK)
    reason[par > cap] = Reason.EXPIRY_CAP
    par = np.minimum(par, cap)
    reason[par < terms.least_par] = Reason.MANDATED
    par = np.maximum(par, terms.least_par)
    reason[par > terms.most_par] = Reason.SHELF_CAP
    par = np.minimum(par, terms.most_par).astype(np.int64)
    batch = np.clip(batch, 1, np.maximum(par, 1))
    minimum = np.where(par > 0, par - batch + 1, 0)
    for limit in limits:
        par, minimum, cut = within_limits(par, minimum, demand, terms, limit)
        reason[cut] = Reason.BUDGET_CAP if limit.is_money else Reason.VOLUME_CAP
    expected = outlook(par.astype(float), np.maximum(par - minimum + 1, 1).astype(float), demand, terms)
    return Recommendation(par, minimum, reason, expected.fill < terms.fill_floor, expected)
