"""What is known of each pair's demand from its history, and from that of its like.

A pair is one item at one place. Its history comes as sums, which a database gives for millions of pairs in one
statement, or ``sum_history`` from an array of days.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole
from inventory.policy.outlook import Demand

HALF_LIFE_DAYS = 365.0
_LEAST_CALLS = 1e-6


@dataclass(frozen=True)
class UseSums:
    """The history of each pair as sums over its days with stock; one row per pair.

    ``station`` and ``item``: numbers from 0 of the pair's place and item. With w = ½^(age in days ÷ half-life) and u
    the units used on a day: ``used`` = Σ w·u, ``days`` = Σ w, ``squares`` = Σ w·u². Only days on which something was in
    stock count, because an empty shelf shows no demand; a day without use but with stock counts in ``days``. A pair
    without history has zeros. Every pair that gets an estimate needs a row.
    """

    station: Whole
    item: Whole
    used: Floats
    days: Floats
    squares: Floats


@dataclass(frozen=True)
class Estimate:
    """The demand of each pair, and where it comes from.

    ``own_per_day``: what its own history alone says (0 without any). ``own_share``: how much of the estimate is its own
    history, 0 to 1; the rest is the item's use per call over all places × the calls here.
    ``per_call``: the item's use per call, one row per item.
    """

    demand: Demand
    own_per_day: Floats
    own_share: Floats
    per_call: Floats


def sum_history(
    used: npt.ArrayLike,
    station: npt.ArrayLike,
    item: npt.ArrayLike,
    in_stock: npt.ArrayLike | None = None,
    half_life_days: float = HALF_LIFE_DAYS,
) -> UseSums:
    """The sums of a history of ``used`` units, days × pairs, the last day last.

    ``in_stock``: where false, the day is censored: its use, if any, and the day itself are left out. ``station`` and
    ``item``: one number per pair.
    """
    units = np.asarray(used, dtype=np.float64)
    age = np.arange(units.shape[0])[::-1, None]
    weight = np.broadcast_to(0.5 ** (age / half_life_days), units.shape)
    if in_stock is not None:
        weight = weight * np.asarray(in_stock, dtype=np.float64)
    return UseSums(
        np.asarray(station, dtype=np.int64),
        np.asarray(item, dtype=np.int64),
        (weight * units).sum(axis=0),
        weight.sum(axis=0),
        (weight * units * units).sum(axis=0),
    )


def activity_per_day(sums: UseSums) -> Floats:
    """How busy each place is where nobody counts calls: its use against that of the average place, one row per station.

    Three rounds of use ÷ expected use, item by item.
    """
    stations, items = int(sums.station.max(initial=-1)) + 1, int(sums.item.max(initial=-1)) + 1
    activity = np.ones(stations)
    for _ in range(3):
        exposure = np.bincount(sums.item, sums.days * activity[sums.station], items)
        rate = np.bincount(sums.item, sums.used, items) / np.maximum(exposure, _LEAST_CALLS)
        expected = np.bincount(sums.station, sums.days * rate[sums.item], stations)
        seen = np.bincount(sums.station, sums.used, stations)
        activity = np.where(expected > 0, (seen + 1) / (expected + 1), 1.0)
    return activity


def estimate(sums: UseSums, calls_per_day: npt.ArrayLike) -> Estimate:
    """The demand of every pair.

    ``calls_per_day``: of each station, one row per station number, as they are expected to be from now on; or its
    ``activity_per_day``.
    """
    calls = np.maximum(np.asarray(calls_per_day, dtype=np.float64), _LEAST_CALLS)[sums.station]
    items = int(sums.item.max(initial=-1)) + 1
    exposure = np.bincount(sums.item, sums.days * calls, items)
    used = np.bincount(sums.item, sums.used, items)
    per_call = (used + 0.3) / np.maximum(exposure + 0.3 * calls.mean() * 100, _LEAST_CALLS)
    prior = per_call[sums.item] * calls
    alpha = 4.0
    shape = alpha + sums.used
    rate = alpha + prior * sums.days
    mean = prior * shape / rate
    own = np.divide(sums.used, sums.days, out=np.zeros_like(mean), where=sums.days > 0)
    spread = np.divide(sums.squares, sums.used, out=np.ones_like(mean), where=sums.used > 0) - own
    vmr = np.maximum(1.0, (spread * sums.used + 1.5 * 5) / (sums.used + 5))
    return Estimate(Demand(mean, vmr, 1 / shape), own, (rate - alpha) / rate, per_call)
