"""How much may be used in so many days: the negative binomial distribution, exactly.

Use over an interval has mean μ and variance v·μ. For v above 1 it is negative binomial with size r = μ / (v − 1) and
success probability p = 1 / v; at v = 1 it is Poisson (Johnson, Kemp, Kotz: Univariate Discrete Distributions, 5.1).
A negative binomial is also what calls that come at random and use a few units each add up to, and, with a rate that is
known only to a gamma distribution, what a Poisson becomes; so one family serves both noise and doubt.

Tails come from the regularized incomplete beta and gamma functions, which neither underflow where the probability of
no use at all does (μ = 30,000) nor lose the upper tail against 1.
"""

import numpy as np
from scipy import special

from inventory.policy.checks import Floats

# Nearer to 1 than this, a negative binomial differs from a Poisson by less than a double can tell.
_POISSON = 1e-9


def at_most(stock: Floats, mean: Floats, vmr: Floats) -> Floats:
    """P(D ≤ stock). ``stock`` whole, −1 or more; ``mean`` 0 or more; ``vmr`` 1 or more; all of one shape."""
    return np.asarray(_tail(stock, mean, vmr, upper=False))


def above(stock: Floats, mean: Floats, vmr: Floats) -> Floats:
    """P(D > stock), to the full precision of a small number."""
    return np.asarray(_tail(stock, mean, vmr, upper=True))


def lost(stock: Floats, mean: Floats, vmr: Floats) -> Floats:
    """E(D − stock)⁺: the units that are asked for and not there, in expectation. ``stock`` whole, 0 or more.

    E(D − S)⁺ = μ·P(D' ≥ S) − S·P(D > S), where D' is D weighted by its own size, less one: k·P(D = k) =
    μ·P(D' = k − 1). D' is Poisson with the same mean, or negative binomial with r + 1 and the same p (the loss function
    in Axsäter, Inventory Control, and in Zipkin, Foundations of Inventory Management, C.2.3).
    """
    biased = above(stock - 1, mean + (vmr - 1), vmr)
    return np.maximum(mean * biased - stock * above(stock, mean, vmr), 0.0)


def _tail(stock: Floats, mean: Floats, vmr: Floats, *, upper: bool) -> Floats:
    stock, mean, vmr = np.broadcast_arrays(stock, mean, vmr)
    result = np.full(stock.shape, 0.0 if upper else 1.0)
    below_all = stock < 0
    result[below_all] = 1.0 if upper else 0.0
    used = ~below_all & (mean > 0)
    poisson = used & (vmr - 1 <= _POISSON)
    spread = used & ~poisson
    gamma = special.gammainc if upper else special.gammaincc
    result[poisson] = gamma(stock[poisson] + 1, mean[poisson])
    size, chance = mean[spread] / (vmr[spread] - 1), 1 / vmr[spread]
    beta = special.betaincc if upper else special.betainc
    result[spread] = beta(size, stock[spread] + 1, chance)
    return result


def exactly(stock: Floats, mean: Floats, vmr: Floats) -> Floats:
    """P(D = stock). ``stock`` whole, 0 or more."""
    stock, mean, vmr = np.broadcast_arrays(stock, mean, vmr)
    size = mean / np.maximum(vmr - 1, _POISSON)
    with np.errstate(divide="ignore", invalid="ignore"):
        poisson = special.xlogy(stock, mean) - mean - special.gammaln(stock + 1)
        spread = (
            special.gammaln(stock + size)
            - special.gammaln(size)
            - special.gammaln(stock + 1)
            - size * np.log(vmr)
            + special.xlogy(stock, (vmr - 1) / vmr)
        )
    chance = np.exp(np.where(vmr - 1 <= _POISSON, poisson, spread))
    return np.asarray(np.where(mean > 0, chance, (stock == 0).astype(np.float64)))
