"""When there is not enough money or room for every par: what is worth least per cent or millilitre goes first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole
from inventory.policy.evaluation import evaluate
from inventory.policy.outlook import Demand, Terms

_HAIR = 1e-9


@dataclass(frozen=True)
class Limit:
    """What the pars of a group may take up together.

    ``group``: a number from 0 per pair: its station for a volume, zeros for one budget of all. ``size``: what one unit
    takes, in millilitres or currency. ``most``: what each group has. ``is_money``: says which reason is given.
    """

    group: Whole
    size: Floats
    most: Floats
    is_money: bool


def within_limits(
    par: Whole, minimum: Whole, demand: Demand, terms: Terms, limit: Limit
) -> tuple[Whole, Whole, npt.NDArray[np.bool_]]:
    """(par, minimum, whether it was cut). Never below the mandated least, even where that alone is over the limit.

    Unit by unit from the top of every par of a group that is over its limit, the one that is missed least per size goes
    first, until the rest fits: marginal analysis (Fox, Management Science 13, 1966), by one sort instead of a heap. A
    unit counts as missed at least as much as those above it on its shelf, so that it never goes before them. The batch
    stays while it fits under the par.
    """
    excess = np.bincount(limit.group, par * limit.size, limit.most.size) - limit.most
    cut = np.maximum(par - terms.least_par, 0) * (excess > _HAIR)[limit.group] * (limit.size > 0)
    pair = np.repeat(np.arange(par.size), cut)
    if not pair.size:
        return par, minimum, np.zeros(par.shape, dtype=np.bool_)
    depth = np.arange(pair.size) - np.repeat(np.cumsum(cut) - cut, cut) + 1
    missed = _missed(par[pair], depth, minimum[pair], demand.taken(pair), terms.taken(pair))
    missed = _at_least_those_above(missed, depth) / limit.size[pair]
    group = limit.group[pair]
    order = np.lexsort((depth, missed, group))
    freed = np.cumsum(limit.size[pair[order]])
    before = freed - limit.size[pair[order]]
    starts = np.searchsorted(group[order], np.arange(limit.most.size))
    goes = before - before[np.minimum(starts, before.size - 1)][group[order]] < excess[group[order]] - _HAIR
    gone = np.bincount(pair[order][goes], minlength=par.size)
    lower = par - gone
    return lower, _minimum(par, minimum, lower), gone > 0


def _missed(par: Whole, depth: Whole, minimum: Whole, demand: Demand, terms: Terms) -> Floats:
    """What a year costs more when a par is ``depth`` lower than when it is one less deep."""
    lower, upper = (
        evaluate(level, _minimum(par, minimum, level), demand, terms).cost for level in (par - depth, par - depth + 1)
    )
    return lower - upper


def _minimum(par: Whole, minimum: Whole, lower: Whole) -> Whole:
    """The minimum under a lower par, with the batch as it was where it fits."""
    return np.where(lower < par, np.clip(minimum - (par - lower), np.minimum(lower, 1), lower), minimum)


def _at_least_those_above(missed: Floats, depth: Whole) -> Floats:
    """The largest so far along each run of depths 1, 2, 3, …"""
    run = np.cumsum(depth == 1)
    low, high = float(missed.min()), float(missed.max())
    step = (high - low) * 2 + 1
    return np.maximum.accumulate(missed + run * step) - run * step
