"""Units lost at every stock of a range, for many pairs at once: what one exact tail each and a sum give."""

import numpy as np
from scipy import special

from inventory.policy.checks import Floats, Whole
from inventory.policy.demand import above, lost

# As in ``demand``: nearer to 1 than this, a negative binomial is a Poisson.
_POISSON = 1e-9


def lost_table(first: Whole, last: Whole, mean: Floats, vmr: Floats) -> Floats:
    """E(D − s)⁺ for s = first … last of every pair, one pair after the other. ``0 ≤ first ≤ last``; all of one shape.

    P(D > s) = P(D > s + 1) + P(D = s + 1), and E(D − s)⁺ = E(D − s − 1)⁺ + P(D > s): both are summed downwards from the
    exact values at ``last``, so that nothing cancels. A hundredth of the work of asking for each tail.
    """
    ends = (last - first + 1).cumsum()
    starts = ends - (last - first + 1)
    row = np.repeat(np.arange(len(first)), last - first + 1)
    stock = np.arange(len(row)) - starts[row] + first[row]
    table = _chance_of(stock + 1.0, mean[row], vmr[row])
    table[ends - 1] = above(last.astype(np.float64), mean, vmr)
    bottom = lost(last.astype(np.float64), mean, vmr)
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        above_each = table[start:end][::-1].cumsum()
        above_each[0] = bottom[number]
        table[start:end] = above_each.cumsum()[::-1]
    return table


def _chance_of(count: Floats, mean: Floats, vmr: Floats) -> Floats:
    """P(D = count), for counts of 1 or more, by logarithms: nothing underflows before the probability itself does."""
    chance = np.zeros(count.shape)
    poisson = (mean > 0) & (vmr - 1 <= _POISSON)
    spread = (mean > 0) & ~poisson
    k, mu = count[poisson], mean[poisson]
    chance[poisson] = np.exp(k * np.log(mu) - mu - special.gammaln(k + 1))
    k, excess = count[spread], vmr[spread] - 1
    size = mean[spread] / excess
    ways = -np.log(k) - special.betaln(k, size)
    chance[spread] = np.exp(ways - size * np.log1p(excess) + k * (np.log(excess) - np.log1p(excess)))
    return chance
