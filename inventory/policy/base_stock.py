"""Base stocks: the least that meets a target, and the most that is used before it expires.

Demand per day has mean m and variance v·m; over T days it is negative binomial with mean m·T and variance-to-mean v
(Poisson at v = 1). P = review + lead is the interval that a stock must last, L = lead the part of it that has passed
when a delivery arrives. All arguments broadcast against each other; scalars give a scalar.

**Ties.** A target is met by whatever misses it by no more than a billionth of target or 1 − target, whichever is less:
a stock that meets it exactly, as 3 of 4 for a target of 0.75, counts as meeting it whatever the last binary digit says.
``expiry_cap`` allows the same for ε.

**Refused** with ``ValueError``: NaN; a negative mean, lead or life; a review of no days in ``fill_rate_base_stock``; a
variance-to-mean below 1, which no negative binomial has (take 1: regular demand then gets a little more stock than it
needs); a target or ε that is not between 0 and 1.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from inventory.policy.checks import NO_CAP, Flags, Floats, Whole, numbers, together
from inventory.policy.demand import above, at_most, lost
from inventory.policy.tables import Table, chunks

_TIE = 1e-9
_LONGEST_TABLE = 512
Met = Callable[[Floats, Whole], Flags]  # (stocks, which of the pairs) → whether each stock is enough


def cycle_service_base_stock(
    mean_per_day: npt.ArrayLike,
    vmr: npt.ArrayLike,
    review_days: npt.ArrayLike,
    lead_days: npt.ArrayLike,
    target: npt.ArrayLike,
) -> Whole:
    """The least S with P(D_P ≤ S) ≥ target: the chance that nothing is short before the next delivery.

    ``mean_per_day`` in units a day, ``vmr`` variance ÷ mean, the two intervals in days (fractions allowed), ``target``
    between 0 and 1. A mean of zero needs no stock. Source: Silver, Pyke, Thomas, Inventory and Production Management in
    Supply Chains, 4th ed., 6.9 (P₁ under periodic review).
    """
    shape, [mean, spread, review, lead, wanted] = together(
        numbers("mean_per_day", mean_per_day),
        numbers("vmr", vmr, least=1.0),
        numbers("review_days", review_days),
        numbers("lead_days", lead_days),
        numbers("target", target, above=0.0, below=1.0),
    )
    need = mean * (review + lead)
    hair = _TIE * np.minimum(wanted, 1 - wanted)

    def is_met(stock: Floats, of: Whole) -> Flags:
        return _reaches(stock, need[of], spread[of], wanted[of], -hair[of])

    return _least(is_met, _quantile(need, spread, wanted)).reshape(shape)[()]


def fill_rate_base_stock(
    mean_per_day: npt.ArrayLike,
    vmr: npt.ArrayLike,
    review_days: npt.ArrayLike,
    lead_days: npt.ArrayLike,
    target: npt.ArrayLike,
) -> Whole:
    """The least S whose unit fill rate 1 − [E(D_P − S)⁺ − E(D_L − S)⁺] / (m·review) is at least the target.

    What is short at the end of a cycle, less what was short already when the delivery came, is what the cycle itself
    left unfilled (Hadley and Whitin 1963; Silver and Bischak, Omega 39, 2011, for the exact form). Units as in
    ``cycle_service_base_stock``; ``review_days`` above 0. A mean of zero needs no stock.
    """
    shape, [mean, spread, review, lead, wanted] = together(
        numbers("mean_per_day", mean_per_day),
        numbers("vmr", vmr, least=1.0),
        numbers("review_days", review_days, above=0.0),
        numbers("lead_days", lead_days),
        numbers("target", target, above=0.0, below=1.0),
    )
    whole, part = mean * (review + lead), mean * lead
    allowed = (1 - wanted + _TIE * np.minimum(wanted, 1 - wanted)) * mean * review

    def is_met(stock: Floats, of: Whole) -> Flags:
        missed = lost(stock, whole[of], spread[of]) - lost(stock, part[of], spread[of])
        return missed <= allowed[of]

    return _least(is_met, _filled(whole, part, spread, allowed)).reshape(shape)[()]


def expiry_cap(
    mean_per_day: npt.ArrayLike, vmr: npt.ArrayLike, usable_life_days: npt.ArrayLike, epsilon: npt.ArrayLike
) -> Whole:
    """The largest S with P(D_M ≤ S − 1) ≤ ε: the last of S units outlives its M usable days with a chance of ε at most.

    ``usable_life_days`` infinite for what does not expire, which gives ``NO_CAP`` (the largest 64-bit integer). A mean
    of zero gives 0: whatever is kept will expire. ε between 0 and 1.
    """
    shape, [mean, spread, life, risk] = together(
        numbers("mean_per_day", mean_per_day),
        numbers("vmr", vmr, least=1.0),
        numbers("usable_life_days", usable_life_days, may_be_endless=True),
        numbers("epsilon", epsilon, above=0.0, below=1.0),
    )
    endless = np.isinf(life)
    need = mean * np.where(endless, 0.0, life)
    hair = _TIE * np.minimum(risk, 1 - risk)

    def is_met(stock: Floats, of: Whole) -> Flags:
        return _reaches(stock, need[of], spread[of], risk[of], hair[of])

    # The largest S with P(D ≤ S − 1) ≤ ε is the least k with P(D ≤ k) > ε; of no use at all, that is 0.
    found = _least(is_met, _quantile(need, spread, risk))
    found[endless] = NO_CAP
    return found.reshape(shape)[()]


def _reaches(stock: Floats, mean: Floats, vmr: Floats, chance: Floats, hair: Floats) -> Flags:
    """Whether P(D ≤ stock) ≥ chance + hair, by whichever tail is the smaller number and so the more exact."""
    low = chance < 0.5
    high = ~low
    met = np.empty(stock.shape, dtype=np.bool_)
    met[low] = at_most(stock[low], mean[low], vmr[low]) >= (chance + hair)[low]
    met[high] = above(stock[high], mean[high], vmr[high]) <= ((1 - chance) - hair)[high]
    return met


def _quantile(mean: Floats, vmr: Floats, chance: Floats) -> Floats:
    """Where the quantile about is (Cornish and Fisher's first two terms): a start for the exact search."""
    z = special.ndtri(np.clip(chance, 1e-300, 1 - 1e-16))
    return np.asarray(np.maximum(np.floor(mean + z * np.sqrt(mean * vmr) + (2 * vmr - 1) * (z * z - 1) / 6), 0.0))


def _filled(whole: Floats, part: Floats, vmr: Floats, allowed: Floats) -> Floats:
    """The least stock that misses no more than is allowed, to rounding: from tables, where they are not too long."""
    reach = whole + 5 * np.sqrt(whole * vmr) + 5 * vmr + 5
    start = np.ceil(np.where(reach < _LONGEST_TABLE, reach, whole))
    short = np.flatnonzero(reach < _LONGEST_TABLE)
    for top, among in chunks(start[short].astype(np.int64)):
        of = short[among]
        missed = Table.of(whole[of], vmr[of], top).lost
        if part[of].any():
            missed = missed - Table.of(part[of], vmr[of], top).lost
        is_met = missed <= allowed[of]
        start[of] = np.where(is_met.any(axis=0), is_met.argmax(axis=0), top)
    return start


def _least(is_met: Met, start: Floats) -> Whole:
    """The least whole stock of 0 or more that is enough, for every pair at once, found from ``start``.

    Walks in doubling steps to a stock that is enough and one that is not, then halves the way between them.
    """
    short = np.full(start.shape, -1.0)  # known to be too little; nothing at all always is
    enough = np.full(start.shape, np.inf)
    step, probe = np.ones(start.shape), start.copy()
    open_ = np.arange(start.size)
    while open_.size:
        met = is_met(probe[open_], open_)
        enough[open_[met]] = probe[open_[met]]
        short[open_[~met]] = probe[open_[~met]]
        open_ = open_[enough[open_] - short[open_] > 1]
        low, high = short[open_], enough[open_]
        bounded = np.isfinite(high) & (low >= 0)
        down = np.isfinite(high) & ~bounded
        probe[open_] = np.where(bounded, np.floor((low + np.where(bounded, high, 0)) / 2), low + step[open_])
        probe[open_[down]] = np.maximum(high[down] - step[open_[down]], 0)
        step[open_] *= 2
    return enough.astype(np.int64)
