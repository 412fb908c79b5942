"""The rest of the division beside the chunk being worked on, as a handful of places that stand for all of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from inventory.queries.peers import Peers
from inventory.queries.use_history import Floats, Whole

# Stand-ins per item: two would do for how much the rest differs, a few more say that it is known well.
PLACES = 4
_LEAST_DAYS = 0.5


@dataclass(frozen=True)
class StandIns:
    """Places that stand for others, one row each: the item (a row number of ``Rest``), and sums as of a real place."""

    item: Whole
    used: Floats
    days: Floats
    squares: Floats
    calls_per_day: Floats


@dataclass(frozen=True)
class Rest:
    """``Peers`` in columns, one row per sort and item: the whole division less the chunk."""

    days: Floats
    calls: Floats
    calls_calls: Floats
    used: Floats
    squares: Floats
    used_used: Floats
    used_calls: Floats

    def as_places(self) -> StandIns:
        """Places with the same use per call, the same variance of a day's use and the same variety as the rest.

        Each has an equal part of its days and calls. Half of them use 1 + τ of what their calls say and half 1 − τ,
        with τ² what the places of the rest differ beyond chance, by moments: Σ (U − θC)² − v·θ·ΣC over θ²·ΣC².
        """
        there = np.flatnonzero(self.days > _LEAST_DAYS)
        days, calls, used = self.days[there], self.calls[there], self.used[there]
        spread = self._spread()[there]
        tau = np.sqrt(np.clip(self._variety()[there], 0.0, 1.0))
        sign = np.tile([1.0, -1.0], PLACES // 2)[:, None]
        part = used / PLACES * (1 + sign * tau)
        own = part / (days / PLACES)

        def each(values: Floats) -> Floats:
            return np.broadcast_to(values, part.shape).ravel()

        return StandIns(
            np.tile(there, PLACES).astype(np.int64),
            part.ravel(),
            each(days / PLACES),
            (part * (spread + own)).ravel(),
            each(calls / days),
        )

    def _spread(self) -> Floats:
        """Variance ÷ mean of a day's use at the average place."""
        own = np.divide(self.used, self.days, out=np.zeros_like(self.used), where=self.days > 0)
        size = np.divide(self.squares, self.used, out=np.ones_like(self.used), where=self.used > 0)
        return np.asarray(np.maximum(size - own, 1.0))

    def _variety(self) -> Floats:
        rate = np.divide(self.used, self.calls, out=np.zeros_like(self.used), where=self.calls > 0)
        excess = self.used_used - 2 * rate * self.used_calls + rate**2 * self.calls_calls
        expected = rate**2 * self.calls_calls
        excess -= self._spread() * self.used
        return np.asarray(np.divide(excess, expected, out=np.zeros_like(excess), where=expected > 0))


def rest_of(whole: Sequence[Peers], rows: Whole, **own: Floats) -> Rest:
    """The sums of the whole division less those of the chunk; ``rows`` say to which sort and item each belongs."""
    columns = {}
    for field in fields(Rest):
        total = np.array([getattr(one, field.name) for one in whole], dtype=np.float64)
        columns[field.name] = np.maximum(total - np.bincount(rows, own[field.name], len(whole)), 0.0)
    return Rest(**columns)
