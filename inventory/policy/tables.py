"""Chances and losses of every stock from 0 up, for many pairs at once: what the search for the best par walks over."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole
from inventory.policy.demand import exactly

# Below this logarithm of the chance of no use, the recursion from it would begin at nothing.
_LEAST_LOG = -600.0
_POISSON = 1e-9
_CELLS = 1 << 16


def chances(mean: Floats, vmr: Floats, top: int) -> Floats:
    """P(D = k) for k from 0 to ``top``: one row per k, one column per pair.

    By the recursion P(k + 1) = P(k)·(μ + k(v − 1)) / (v·(k + 1)), from P(0) = v^(−μ/(v − 1)), or e^(−μ) at v = 1;
    where P(0) would underflow, each by itself from logarithms.
    """
    spread = np.maximum(vmr - 1, 0.0)
    regular = spread <= _POISSON
    log_none = np.where(regular, -mean, -mean * np.log(vmr) / np.where(regular, 1.0, spread))
    rows = np.empty((top + 1, mean.size))
    tiny = log_none < _LEAST_LOG
    rows[0] = np.where(tiny, 0.0, np.exp(np.maximum(log_none, _LEAST_LOG)))
    before = np.arange(float(top))[:, None]
    np.multiply(before, spread, out=rows[1:])
    rows[1:] += mean
    rows[1:] /= vmr * (before + 1)
    np.cumprod(rows, axis=0, out=rows)
    if tiny.any():
        stock = np.arange(top + 1.0)[:, None]
        rows[:, tiny] = exactly(stock, mean[None, tiny], vmr[None, tiny])
    return rows


@dataclass(frozen=True)
class Table:
    """One interval's demand. Rows are stocks y from 0 up, columns pairs. ``chance``: P(D = y); ``at_most``: P(D ≤ y);
    ``lost``: E(D − y)⁺; ``left``: E(y − D)⁺."""

    mean: Floats
    chance: Floats
    at_most: Floats
    lost: Floats
    left: Floats

    @classmethod
    def of(cls, mean: Floats, vmr: Floats, top: int) -> "Table":
        chance = chances(mean, vmr, top)
        at_most = np.minimum(np.cumsum(chance, axis=0), 1.0)
        left = np.zeros_like(chance)
        np.cumsum(at_most[:-1], axis=0, out=left[1:])
        lost = np.maximum(mean - np.arange(top + 1.0)[:, None] + left, 0.0)
        return cls(mean, chance, at_most, lost, left)


def renewals(chance: Floats, count: int) -> Floats:
    """Expected visits to each position 0, 1, … ``count`` − 1 below the par before the next order, by row.

    m(0) = 1 / (1 − P(0)) and m(j) = Σ_{k ≥ 1} P(k)·m(j − k) / (1 − P(0)): the renewal function of the demand between
    two reviews (Zheng and Federgruen, Operations Research 39, 1991).
    """
    visits = np.zeros((count, chance.shape[1]))
    some = np.maximum(1 - chance[0], 1e-12)
    visits[0] = 1 / some
    for j in range(1, count):
        reach = min(j, chance.shape[0] - 1)
        steps = chance[1 : reach + 1]
        visits[j] = np.einsum("kp,kp->p", steps, visits[j - 1 :: -1][:reach]) / some
    return visits


def chunks(tops: Whole, *alike: Floats) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """(largest stock, which pairs): pairs of about one size together, in chunks that bound what is held at once.

    ``alike``: what else is better done for like pairs together; they are put beside each other, the first mattering
    most.
    """
    steps = np.ceil(np.log2(np.maximum(tops, 8)) * 4)
    sizes = np.ceil(2 ** (steps / 4)).astype(np.int64)
    order = np.lexsort((*alike[::-1], sizes))
    for group in np.split(order, np.flatnonzero(np.diff(sizes[order])) + 1):
        top = int(sizes[group[0]]) if group.size else 1
        chunk = max(1, _CELLS // (top + 1))
        for start in range(0, group.size, chunk):
            yield top, group[start : start + chunk]
