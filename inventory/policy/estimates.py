"""What is known of each pair's demand from its history, and from that of its like.

A pair is one item at one place. Its history comes as sums, which a database gives for millions of pairs in one
statement, or ``sum_history`` from an array of days.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole
from inventory.policy.outlook import Demand

HALF_LIFE_DAYS = 730.0
_LEAST_CALLS = 1e-6
# What is assumed before any history, worth so many uses, places or days with use of real history.
_FEW_USES = 0.3
_NO_KNOWLEDGE = 0.01  # uses per call
_USUAL_VARIETY = 0.1
_PRIOR_PLACES = 3.0
_LEAST_VARIETY = 0.0005
_USUAL_VMR = 1.5
_ITEM_EVENTS = 10.0
_PAIR_EVENTS = 60.0
_MOST_EVENTS = 100.0


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

    Use per call of item i at station s is θ_i·g_is, with g gamma of mean 1 and variance τ_i². Given use n over d days
    with c calls a day, e = θ·c·d is what the item's like would have used, and the mean is e/d·(α + n/v) / (α + e/v),
    the gamma-Poisson posterior (Bühlmann credibility; Efron and Morris 1973), where v discounts uses that come several
    at a time and 1/α = τ² + the doubt about θ. Its squared coefficient of variation is 1 / (α + n/v).
    """
    calls = np.maximum(np.asarray(calls_per_day, dtype=np.float64), _LEAST_CALLS)[sums.station]
    own = np.divide(sums.used, sums.days, out=np.zeros_like(calls), where=sums.days > 0)
    vmr = variance_to_mean(sums, own)
    uses = sums.used / vmr
    like = Like.of(sums, calls, vmr)
    expected = like.per_call[sums.item] * calls * sums.days / vmr
    doubt_of_like = 1 / (like.events[sums.item] + _FEW_USES)
    alpha = 1 / (like.variety[sums.item] + doubt_of_like)
    mean = like.per_call[sums.item] * calls * (alpha + uses) / (alpha + expected)
    return Estimate(Demand(mean, vmr, 1 / (alpha + uses)), own, expected / (alpha + expected), like.per_call)


@dataclass(frozen=True)
class Like:
    """What the places have in common, one row per item: use ``per_call``, ``variety`` τ² between places, ``events``: in
    how many independent uses that was seen."""

    per_call: Floats
    variety: Floats
    events: Floats

    @classmethod
    def of(cls, sums: UseSums, calls: Floats, vmr: Floats) -> "Like":
        items = int(sums.item.max(initial=-1)) + 1
        exposure = _by_item(sums, sums.days * calls, items)
        used, events = _by_item(sums, sums.used, items), _by_item(sums, sums.used / vmr, items)
        seen = used[(used > 0) & (exposure > 0)] / exposure[(used > 0) & (exposure > 0)]
        usual = float(np.median(seen)) if seen.size else _NO_KNOWLEDGE
        worth = np.divide(used, events, out=np.ones_like(used), where=events > 0)
        per_call = (used + _FEW_USES * worth) / (exposure + _FEW_USES * worth / usual)
        return cls(per_call, _variety(sums, per_call[sums.item] * calls * sums.days, vmr, items), events)


def _variety(sums: UseSums, expected: Floats, vmr: Floats, items: int) -> Floats:
    """τ² of each item: what use differs between places beyond chance, by moments, shrunk to all items' common value."""
    chance = vmr * expected
    excess = _by_item(sums, (sums.used - expected) ** 2 - chance, items)
    squares = _by_item(sums, expected**2, items)
    raw = np.divide(excess, squares, out=np.zeros(items), where=squares > 0)
    weight = np.maximum(_by_item(sums, expected / (expected + vmr), items) - 0.5, 0)
    common = float((weight * np.clip(raw, 0, 2)).sum() / weight.sum()) if weight.sum() > 0 else _USUAL_VARIETY
    common = (common * weight.sum() + _USUAL_VARIETY * _PRIOR_PLACES) / (weight.sum() + _PRIOR_PLACES)
    return np.asarray(np.maximum((weight * raw + _PRIOR_PLACES * common) / (weight + _PRIOR_PLACES), _LEAST_VARIETY))


def variance_to_mean(sums: UseSums, own: Floats) -> Floats:
    """Variance ÷ mean of a day's use of each pair, 1 or more.

    A pair's own is shrunk toward its item's, and that toward the line v = a + b·m fitted over all items, by the number
    of days with use that stand behind it ((Σu)² / Σu²: as many uses of one size).
    """
    items = int(sums.item.max(initial=-1)) + 1
    shown = sums.used > 0
    raw = np.divide(sums.squares, sums.used, out=np.ones_like(own), where=shown) - own
    events = np.divide(sums.used**2, sums.squares, out=np.zeros_like(own), where=shown)
    item_events = _by_item(sums, events, items)
    weight = np.maximum(item_events, 1e-12)
    item_raw = _by_item(sums, events * raw, items) / weight
    item_mean = _by_item(sums, events * own, items) / weight
    level, slope = _line(item_mean, item_raw, np.minimum(item_events, _MOST_EVENTS))
    item_level = (item_events * (item_raw - slope * item_mean) + _ITEM_EVENTS * level) / (item_events + _ITEM_EVENTS)
    line = item_level[sums.item] + slope * own
    return np.maximum((events * raw + _PAIR_EVENTS * line) / (events + _PAIR_EVENTS), 1.0)


def _line(mean: Floats, vmr: Floats, weight: Floats) -> tuple[float, float]:
    """Level and slope (0 or more) of the weighted least squares line, with one item's worth of a usual level."""
    weight, mean, vmr = np.append(weight, _ITEM_EVENTS), np.append(mean, 0.0), np.append(vmr, _USUAL_VMR)
    middle_x, middle_y = np.average(mean, weights=weight), np.average(vmr, weights=weight)
    across = float((weight * (mean - middle_x) ** 2).sum())
    slope = max(float((weight * (mean - middle_x) * (vmr - middle_y)).sum()) / across, 0.0) if across > 0 else 0.0
    return float(max(middle_y - slope * middle_x, 1.0)), slope


def _by_item(sums: UseSums, values: Floats, items: int) -> Floats:
    return np.bincount(sums.item, values, items).astype(np.float64)
