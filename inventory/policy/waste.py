"""What expires on the shelf, oldest used first."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from inventory.policy.checks import Floats, Whole
from inventory.policy.outlook import YEAR, Demand, Terms
from inventory.policy.tables import Table

# Slower than this, in units a day, a shelf simply turns over once in a life.
_SLOWEST = 1e-9


@dataclass(frozen=True)
class Shelf:
    """Demand over the life of a fresh unit: rows are stocks from 0 up, columns pairs.

    A shelf S that is filled when it is empty loses E(S − D_M)⁺ of every S units, D_M being the use in a life: by
    renewal, exactly. One that is refilled after every use loses λ·P(D_M = S − 1) / P(D_M ≥ S) for Poisson use, exactly:
    the ages on it have a density of e^(−λ·oldest) (Schmidt and Nahmias, Operations Research 33, 1985, at no lead time);
    uses of several units, and doubt, count as a Poisson of as many units together. Between the two it is an
    interpolation.
    """

    per_day: Floats
    at_once: Floats
    when_empty: Floats

    @classmethod
    def where_any_expire(cls, demand: Demand, terms: Terms, top: int) -> "Shelf | None":
        """The shelf, or None where every unit lasts for ever."""
        return cls.of(demand, terms, top) if np.isfinite(terms.life_days).any() else None

    @classmethod
    def of(cls, demand: Demand, terms: Terms, top: int) -> "Shelf":
        """``at_once`` and ``when_empty``: units that expire a year, where every use is refilled and where none is."""
        lasts = np.isinf(terms.life_days)
        per_day = np.maximum(demand.mean_per_day, _SLOWEST)
        mean, vmr = Demand(per_day, demand.vmr, demand.doubt).over(np.where(lasts, 1.0, terms.life_days))
        par = np.arange(top + 1.0)[:, None]
        left = Table.of(mean, vmr, top).left
        per_year = np.where(lasts, 0.0, per_day * YEAR)
        at_once = _hazard(np.maximum(par, 1e-9) / vmr, mean / vmr) * per_year
        when_empty = left / np.maximum(par - left, 1e-12) * per_year
        at_once[0] = when_empty[0] = 0
        return cls(per_day, at_once, when_empty)

    def wasted_from(self, batch: int) -> Floats:
        """Units that expire a year, for every par from ``batch`` up (rows) that is filled in batches of so many."""
        par = np.arange(float(batch), self.at_once.shape[0])[:, None]
        share = np.clip((batch - 1) / np.maximum(par - 1, 1), 0, 1)
        return np.asarray(self.at_once[batch:] * (1 - share) + self.when_empty[batch:] * share)

    def wasted_at(self, par: Whole, batch: Whole) -> Floats:
        """Units that expire a year at each pair's own par and batch."""
        pairs = np.arange(par.size)
        share = np.clip((batch - 1) / np.maximum(par - 1, 1), 0, 1)
        return np.asarray(self.at_once[par, pairs] * (1 - share) + self.when_empty[par, pairs] * share)


def _hazard(size: Floats, uses: Floats) -> Floats:
    """x^(n − 1)·e^(−x) / (Γ(n)·P(n, x)): P(N = n − 1) / P(N ≥ n) of a Poisson N of mean x, for any n above 0."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        top = np.exp((size - 1) * np.log(uses) - uses - special.gammaln(size))
        ratio = top / special.gammainc(size, uses)
    # For x far under n the tail is its first term, n / x times the next smaller one.
    return np.where(np.isfinite(ratio), ratio, size / uses)
