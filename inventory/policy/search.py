"""The cheapest par and batch of every pair, by looking at all of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inventory.policy.checks import Floats, Whole
from inventory.policy.outlook import YEAR, Demand, Terms
from inventory.policy.periods import Period
from inventory.policy.tables import renewals
from inventory.policy.waste import Shelf

# Every batch up to here is tried, then every twelfth part more.
_EACH = 12
# A unit that is missed below the class's floor is worth so many times what a lost unit costs. The floor holds wherever
# that pays; it does not fill a shelf with what is used once in ten years and expires after one.
FLOOR_WORTH = 10.0


@dataclass(frozen=True)
class Choice:
    """Par and batch (par − reorder point) of each pair, and what they cost a year. ``par`` 0 keeps nothing."""

    par: Whole
    batch: Whole
    cost: Floats

    @classmethod
    def nothing(cls, cost: Floats) -> "Choice":
        return cls(np.zeros(cost.size, np.int64), np.ones(cost.size, np.int64), cost.copy())

    def consider(self, batch: int, cost: Floats) -> None:
        """Take the cheapest par of this batch where it is cheaper; at the same cost, the smaller batch, then par."""
        par = cost.argmin(axis=0)
        cheapest = np.take_along_axis(cost, par[None], axis=0)[0]
        better = cheapest < self.cost
        self.par[better], self.batch[better], self.cost[better] = par[better], batch, cheapest[better]


@dataclass(frozen=True)
class Choices:
    """The answers as one rule after the other joins in: ``without_waste``, ``free`` (waste counts too), ``floored``
    (the class's fill floor as well) and ``final`` (the mandated least and the shelf as well)."""

    without_waste: Choice
    free: Choice
    floored: Choice
    final: Choice


def largest_batch(demand: Demand, terms: Terms) -> Floats:
    """Half more than the economic order quantity √(2·k·λ/h) (Harris 1913), beyond which no batch is cheapest."""
    holding = np.maximum(terms.unit_cost * terms.holding_rate, 1e-9)
    return np.asarray(np.ceil(1.5 * np.sqrt(2 * terms.line_cost * demand.mean_per_day * YEAR / holding)) + 4)


def cheapest(period: Period, demand: Demand, terms: Terms) -> Choices:
    """Every par and batch is weighed; see ``Choices``.

    A year's cost of (S, S − Q) is the renewal reward of Zheng and Federgruen (1991): line cost and the costs of the
    positions S − j, each weighed by its expected visits m(j), over the days that the visits take; and the units that
    expire.
    """
    position = np.arange(period.top + 1.0)[:, None]
    missed = demand.mean_per_day * YEAR * terms.lost_unit_cost
    below_floor = FLOOR_WORTH * missed
    unkept = missed + below_floor * terms.fill_floor
    barred = (position < terms.least_par) | (position > np.maximum(terms.most_par, terms.least_par))
    out = Choices(
        Choice.nothing(missed),
        Choice.nothing(missed),
        Choice.nothing(unkept),
        Choice.nothing(np.where(terms.least_par > 0, np.inf, unkept)),
    )
    shelf = Shelf.of(demand, terms, period.top) if np.isfinite(terms.life_days).any() else None
    for batch, cost, lost_share in _by_batch(period, demand, terms):
        out.without_waste.consider(batch, cost)
        if shelf is not None:
            cost = cost + shelf.wasted_from(batch) * (terms.unit_cost + terms.line_cost / batch)
        out.free.consider(batch, cost)
        cost = cost + below_floor * np.maximum(lost_share - (1 - terms.fill_floor), 0)
        out.floored.consider(batch, cost)
        out.final.consider(batch, np.where(barred, np.inf, cost))
    return out


def _by_batch(period: Period, demand: Demand, terms: Terms) -> Iterator[tuple[int, Floats, Floats]]:
    """(batch, a year's cost without waste, share of units lost) by par, for every batch that is tried."""
    top = period.top
    most = int(min(top, np.maximum(largest_batch(demand, terms) - period.demand.mean / 2, 4).max()))
    visits = renewals(period.demand.chance, most)
    holding = terms.unit_cost * terms.holding_rate / YEAR * period.days
    one = period.lost * terms.lost_unit_cost + period.stock * holding
    one = one + period.rush * period.rush_cost
    money, lost, total = np.zeros_like(one), np.zeros_like(one), np.zeros(demand.size)
    asked = np.maximum(demand.mean_per_day * period.days, 1e-300)
    for batch in range(1, most + 1):
        seen = batch - 1
        money[seen:] += visits[seen] * one[: top + 1 - seen]
        lost[seen:] += visits[seen] * period.lost[: top + 1 - seen]
        total += visits[seen]
        if batch > _EACH and batch % (1 + batch // _EACH):
            continue
        cost = (terms.line_cost + money) * (YEAR / (total * period.days))
        cost[:batch] = np.inf
        yield batch, cost, lost / (total * asked)
