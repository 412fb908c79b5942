"""The par and the minimum that are worth keeping, and which rule decided."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from inventory.policy.caps import Limit, within_limits
from inventory.policy.checks import Whole
from inventory.policy.evaluation import evaluate, outlook_of
from inventory.policy.outlook import Demand, Outlook, Terms, Which, rows_in_common
from inventory.policy.periods import Period, every_review
from inventory.policy.search import cheapest, largest_batch
from inventory.policy.tables import chunks
from inventory.policy.waste import Shelf

# So many pairs are sorted into chunks at a time: what is held beside the arguments and the answer is the same for a
# hundred thousand pairs and for millions.
_PAIRS = 1 << 17


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

    @classmethod
    def empty(cls, size: int) -> "Recommendation":
        outlook = Outlook(*(np.zeros(size) for _ in range(8)))
        par, minimum = np.zeros(size, np.int64), np.zeros(size, np.int64)
        return cls(par, minimum, np.zeros(size, np.int8), np.zeros(size, np.bool_), outlook)

    def put(self, of: Which, rows: "Recommendation") -> None:
        """Write ``rows`` into these rows."""
        for mine, theirs in (
            (self.par, rows.par),
            (self.minimum, rows.minimum),
            (self.reason, rows.reason),
            (self.is_below_floor, rows.is_below_floor),
        ):
            mine[of] = theirs
        self.expected.put(of, rows.expected)

    def taken(self, of: Which) -> "Recommendation":
        """These rows only."""
        columns = (self.par[of], self.minimum[of], self.reason[of], self.is_below_floor[of])
        return Recommendation(*columns, self.expected.taken(of))

    @property
    def reorder_point(self) -> Whole:
        return self.minimum - 1


def recommend(
    demand: Demand, terms: Terms, *, limits: tuple[Limit, ...] = (), pack: npt.ArrayLike | None = None
) -> Recommendation:
    """The par and the minimum of every pair, each on its own; then cut until every limit holds.

    Unit after unit and batch after batch is weighed: the lost units that it saves against holding, outdating and order
    lines; the cheapest is raised to the class's fill floor (see ``FLOOR_WORTH``) and to
    the mandated least, and cut to the shelf. Deterministic, and without ``limits`` the same for a pair whatever stands
    beside it. ``pack``: pars become whole packs of so many, up or down, whichever costs less.
    """
    size = rows_in_common(demand.size, terms.size)
    demand, terms = demand.stretched(size), terms.stretched(size)
    found = Recommendation.empty(size)
    for start in range(0, size, _PAIRS):
        rows = slice(start, start + _PAIRS)
        found.put(rows, _alone(demand.taken(rows), terms.taken(rows)))
    par, minimum, reason = found.par.copy(), found.minimum.copy(), found.reason.copy()
    if pack is not None:
        par = in_packs(par, minimum, np.broadcast_to(np.asarray(pack, dtype=np.int64), (size,)), demand, terms)
        reason[par != found.par] = Reason.PACK
    for limit in limits:
        par, minimum, is_cut = within_limits(par, minimum, demand, terms, limit)
        reason[is_cut] = Reason.BUDGET_CAP if limit.is_money else Reason.VOLUME_CAP
    if (par == found.par).all():
        return found
    expected = evaluate(par, minimum, demand, terms)
    return Recommendation(par, minimum, reason, is_below_floor(expected, terms), expected)


def _alone(demand: Demand, terms: Terms) -> Recommendation:
    """What each pair would keep if nothing were shared."""
    found = Recommendation.empty(demand.mean_per_day.size)
    for top, of in chunks(highest_par(demand, terms), np.isinf(terms.life_days), largest_batch(demand, terms)):
        some, deal = demand.taken(of), terms.taken(of)
        found.put(of, chosen(every_review(some, deal, top), some, deal))
    return found


def in_packs(par: Whole, minimum: Whole, pack: Whole, demand: Demand, terms: Terms) -> Whole:
    """Every par as whole packs: the next lower or higher number of them, whichever costs less a year.

    A par stays as it is where neither is possible: below its minimum or the mandated least, or beyond the shelf.
    """
    if (pack < 1).any():
        raise ValueError("pack must be at least 1.")
    low, high = par // pack * pack, -(-par // pack) * pack
    may_fall = (low >= minimum) & (low >= terms.least_par) & (low > 0)
    may_rise = high <= terms.most_par
    fallen, risen = np.where(may_fall, low, par), np.where(may_rise, high, par)
    costs = [evaluate(level, minimum, demand, terms).cost for level in (fallen, risen)]
    return np.where(may_fall & (~may_rise | (costs[0] <= costs[1])), fallen, risen)


def is_below_floor(expected: Outlook, terms: Terms) -> npt.NDArray[np.bool_]:
    """Whether less is there when asked for than the class should have."""
    return np.asarray(expected.fill < terms.fill_floor - 1e-9)


def highest_par(demand: Demand, terms: Terms, reviews: int = 1) -> Whole:
    """A stock beyond which no par is cheapest: almost all that may be asked for until the order after next arrives, and
    a large batch."""
    mean, vmr = demand.over(terms.review_days * reviews + terms.lead_days)
    tail = np.minimum(6 * np.sqrt(mean * vmr) + 3 * vmr, 12 * np.sqrt(mean * vmr)) + 4
    batch = np.maximum(largest_batch(demand, terms) - mean / 2, 0)
    return np.asarray(np.maximum(np.ceil(mean + tail + batch), terms.least_par + 1), dtype=np.int64)


def chosen(period: Period, demand: Demand, terms: Terms) -> Recommendation:
    """The recommendation for pairs whose period is known."""
    shelf = Shelf.where_any_expire(demand, terms, period.top)
    choices = cheapest(period, shelf, demand, terms)
    final = choices.final
    reason = np.select(
        [
            final.par == 0,
            (final.par > choices.floored.par) & (terms.least_par > choices.floored.par),
            final.par < choices.floored.par,
            choices.floored.par > choices.free.par,
            choices.free.par < choices.without_waste.par,
        ],
        [Reason.NOT_WORTH_KEEPING, Reason.MANDATED, Reason.SHELF_CAP, Reason.FILL_FLOOR, Reason.EXPIRY_CAP],
        Reason.PENALTY,
    ).astype(np.int8)
    expected = outlook_of(final.par, final.batch, period, shelf, demand, terms)
    minimum = np.where(final.par > 0, final.par - final.batch + 1, 0)
    return Recommendation(final.par, minimum, reason, is_below_floor(expected, terms), expected)
