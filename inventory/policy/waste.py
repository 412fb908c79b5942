"""What expires on the shelf, oldest used first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
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

    life: Table
    per_day: Floats
    at_once: Floats
    lasts: npt.NDArray[np.bool_]  # does not expire

    @classmethod
    def of(cls, demand: Demand, terms: Terms, top: int) -> "Shelf":
        lasts = np.isinf(terms.life_days)
        per_day = np.maximum(demand.mean_per_day, _SLOWEST)
        mean, vmr = Demand(per_day, demand.vmr, demand.doubt).over(np.where(lasts, 1.0, terms.life_days))
        size, uses = np.arange(top + 1.0)[:, None] / vmr, mean / vmr
        at_once = _hazard(np.maximum(size, 1e-9), uses)
        return cls(Table.of(mean, vmr, top), per_day, at_once, lasts)

    def wasted_from(self, batch: int) -> Floats:
        """Units that expire a year, for every par (rows) that is filled up in batches of so many or more."""
        par = np.arange(float(self.life.left.shape[0]))[:, None]
        return self._wasted(par, batch, self.life.left, self.at_once)

    def wasted_at(self, par: Whole, batch: Whole) -> Floats:
        """Units that expire a year at each pair's own par and batch."""
        pairs = np.arange(par.size)
        return self._wasted(par, batch, self.life.left[par, pairs], self.at_once[par, pairs])

    def _wasted(self, par: Floats | Whole, batch: int | Whole, left: Floats, at_once: Floats) -> Floats:
        when_empty = left / np.maximum(par - left, 1e-12)
        share = np.clip((batch - 1) / np.maximum(par - 1, 1), 0, 1)
        wasted = self.per_day * YEAR * (at_once + share * (when_empty - at_once))
        return np.asarray(np.where(self.lasts | (par == 0), 0.0, wasted))


def _hazard(size: Floats, uses: Floats) -> Floats:
    """x^(n − 1)·e^(−x) / (Γ(n)·P(n, x)): P(N = n − 1) / P(N ≥ n) of a Poisson N of mean x, for any n above 0."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        top = np.exp((size - 1) * np.log(uses) - uses - special.gammaln(size))
        ratio = top / special.gammainc(size, uses)
    # For x far under n the tail is its first term, n / x times the next smaller one.
    return np.where(np.isfinite(ratio), ratio, size / uses)
