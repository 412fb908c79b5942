"""The calendar by which par levels are scored, day by day: what a par.csv would have cost over a given year's use.

On day t what is due arrives, expired units go, use is taken first-expired-first (what is not there is lost); on the
evening of a review day an order up to par goes out where stock and inbound are at most the reorder point. Lots of one
pair arrive in the order in which they expire, so that first-expired-first is first-in-first-out, and running totals of
what came and what went say all that is to be known of lots.
"""

from dataclasses import dataclass

import numpy as np

PENALTY = {"A": 200.0, "B": 40.0, "C": 5.0}
HOLDING, LINE, DELIVERY = 0.2, 1.5, 12.0
SLOW = 12


@dataclass(frozen=True)
class Stations:
    review: np.ndarray
    offset: np.ndarray
    lead: np.ndarray


@dataclass(frozen=True)
class Items:
    criticality: np.ndarray  # letters
    unit_cost: np.ndarray
    shelf_life: np.ndarray  # days, 0 = none


@dataclass(frozen=True)
class Score:
    """Money a year; ``fill`` by letter, and of the pairs of slow items."""

    holding: float
    expired: float
    lines: float
    deliveries: float
    lost: float
    fill: dict[str, float]
    slow_fill: float

    @property
    def cost(self) -> float:
        return self.holding + self.expired + self.lines + self.deliveries + self.lost

    def __str__(self) -> str:
        fills = " ".join(f"{letter} {share:.5f}" for letter, share in self.fill.items())
        return (
            f"{self.cost:9.1f} = holding {self.holding:7.1f} + expired {self.expired:7.1f} + lines {self.lines:7.1f}"
            f" + deliveries {self.deliveries:7.1f} + lost {self.lost:7.1f}; fill {fills}, slow {self.slow_fill:.5f}"
        )


@dataclass(frozen=True)
class Run:
    """Sums over the days by pair (stations × items, or with leading axes of repetitions before them)."""

    stock_days: np.ndarray
    expired: np.ndarray
    lines: np.ndarray
    lost: np.ndarray
    used: np.ndarray  # asked for
    deliveries: np.ndarray  # … × stations
    days: int


def at_day(rows, days, shape):
    """``{day: (par, reorder point)}`` from rows (from_day, station, item, par, reorder point): only days of change."""
    par, point = np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    changes: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    by_day: dict[int, list[list[int]]] = {}
    for from_day, *row in rows:
        by_day.setdefault(from_day, []).append(row)
    for from_day in sorted(by_day):
        station, item, level, least = np.array(by_day[from_day]).T
        par[station, item], point[station, item] = level, least
        if from_day < days:
            changes[max(from_day, 0)] = (par.copy(), point.copy())
    return changes


def simulate(use, changes, stations, items, *, starts_full=True):
    """A run over ``use`` (days × … × stations × items) with the pars of ``at_day``."""
    days, shape = use.shape[0], use.shape[1:]
    life = np.broadcast_to(np.where(items.shelf_life > 0, items.shelf_life, days + 1), shape)
    lead = np.broadcast_to(stations.lead[:, None], shape)
    par, point = changes[0]
    zero = np.zeros(shape, dtype=np.int64)
    came = np.zeros((days + 1 + int(stations.lead.max()), *shape), dtype=np.int64)  # by day
    total = zero.copy()
    came_by = np.zeros((days, *shape), dtype=np.int64)  # all that came up to the day
    came[0] += par if starts_full else 0
    gone, due = zero.copy(), zero.copy()
    stock_days, expired, lines, lost = (zero.copy() for _ in range(4))
    deliveries = np.zeros(shape[:-1], dtype=np.int64)
    for day in range(days):
        if day in changes:
            par, point = changes[day]
        total += came[day]
        due -= came[day] if day else 0
        came_by[day] = total
        # Whatever came ``life`` days ago or before, and has not gone, goes now.
        last = day - life
        if (last >= 0).any():
            old = np.take_along_axis(came_by, np.maximum(last, 0)[None], 0)[0]
            dead = np.where(last >= 0, np.maximum(old - gone, 0), 0)
            expired += dead
            gone += dead
        taken = np.minimum(use[day], total - gone)
        gone += taken
        lost += use[day] - taken
        stock_days += total - gone
        reviewed = ((day + stations.offset) % stations.review == 0)[:, None]
        position = total - gone + due
        order = np.where(reviewed & (position <= point), np.maximum(par - position, 0), 0)
        if order.any():
            for days_until in np.unique(stations.lead):
                came[day + days_until] += np.where(lead == days_until, order, 0)
            due += order
            lines += order > 0
            deliveries += (order > 0).any(axis=-1)
    return Run(stock_days, expired, lines, lost, use.sum(axis=0), deliveries, days)


def score(run, items, *, slow=None):
    """Means over the leading axes, as a year of the run's length. ``slow``: which items are slow; from the run's
    use."""
    repeats = int(np.prod(run.used.shape[:-2], dtype=np.int64)) if run.used.ndim > 2 else 1
    weight = np.array([PENALTY[letter] for letter in items.criticality])

    def money(per_pair, value):
        return float((per_pair * value).sum()) / repeats

    fill = {}
    for letter in "ABC":
        of = items.criticality == letter
        asked = run.used[..., of].sum()
        fill[letter] = 1 - run.lost[..., of].sum() / asked if asked else 1.0
    few = (run.used < SLOW) & (run.used > 0) if slow is None else np.broadcast_to(slow, run.used.shape)
    asked = run.used[few].sum()
    return Score(
        money(run.stock_days / run.days, items.unit_cost * HOLDING),
        money(run.expired, items.unit_cost),
        money(run.lines, LINE),
        float(run.deliveries.sum()) * DELIVERY / repeats,
        money(run.lost, weight),
        fill,
        1 - run.lost[few].sum() / asked if asked else 1.0,
    )
