"""The cheapest par and batch of every pair, by looking at all of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole
from inventory.policy.outlook import YEAR, Demand, Terms
from inventory.policy.periods import Period
from inventory.policy.tables import renewals
from inventory.policy.waste import Shelf

# Every batch up to here is tried, then every twelfth part more.
_EACH = 12
# Under the class's floor, every lost unit counts so many times more than it costs. So the floor holds wherever that is
# worth it; it does not fill a shelf with what is used once in ten years and expires after one.
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

    def consider(self, batch: int, cost: Floats, open_: npt.NDArray[np.bool_]) -> None:
        """Take the cheapest par of this batch where it is cheaper; at the same cost, the smaller batch, then par.

        The first row of ``cost`` is that of a par of ``batch``. ``open_``: the pairs for which this batch is tried.
        """
        row = cost.argmin(axis=0)
        cheapest = cost[row, np.arange(row.size)]
        better = (cheapest < self.cost) & open_
        self.par[better], self.batch[better], self.cost[better] = row[better] + batch, batch, cheapest[better]


@dataclass(frozen=True)
class Choices:
    """The answers as one rule after the other joins in: ``without_waste``, ``free`` (waste counts too), ``floored``
    (the class's fill floor as well) and ``final`` (the mandated least and the shelf as well)."""

    without_waste: Choice
    free: Choice
    floored: Choice
    final: Choice


def largest_batch(demand: Demand, terms: Terms) -> Floats:
    """A quarter more than the economic order quantity √(2·k·λ/h) (Harris 1913): beyond it a batch is hardly ever
    cheapest, and then by little (see ``batches``)."""
    holding = np.maximum(terms.unit_cost * terms.holding_rate, 1e-9)
    return np.asarray(np.ceil(1.25 * np.sqrt(2 * terms.line_cost * demand.mean_per_day * YEAR / holding)) + 4)


def cheapest(period: Period, shelf: Shelf | None, demand: Demand, terms: Terms) -> Choices:
    """Every par and batch is weighed; see ``Choices``.

    A year's cost of (S, S − Q) is the renewal reward of Zheng and Federgruen (1991): line cost and the costs of the
    positions S − j, each weighed by its expected visits m(j), over the days that the visits take; and the units that
    expire.
    """
    missed = demand.mean_per_day * YEAR * terms.lost_unit_cost
    below_floor = FLOOR_WORTH * missed
    allowed = (1 - terms.fill_floor) * (1 + 1e-9)
    unkept = missed + np.where(allowed < 1, below_floor, 0)
    barred = _barred(period.top, terms)
    out = Choices(
        Choice.nothing(missed),
        Choice.nothing(missed),
        Choice.nothing(unkept),
        Choice.nothing(np.where(terms.least_par > 0, np.inf, unkept)),
    )
    most = batches(period, demand, terms)
    for batch, cost, lost_share in _by_batch(period, demand, terms, int(most.max())):
        open_ = batch <= most
        out.without_waste.consider(batch, cost, open_)
        if shelf is not None:
            cost += shelf.wasted_from(batch) * (terms.unit_cost + terms.line_cost / batch)
            out.free.consider(batch, cost, open_)
        lost_share[lost_share <= allowed] = 0
        lost_share *= below_floor
        cost += lost_share
        out.floored.consider(batch, cost, open_)
        if barred is not None:
            cost[barred[batch:]] = np.inf
            out.final.consider(batch, cost, open_)
    return Choices(
        out.without_waste,
        out.free if shelf is not None else out.without_waste,
        out.floored,
        out.final if barred is not None else out.floored,
    )


def _barred(top: int, terms: Terms) -> npt.NDArray[np.bool_] | None:
    """Which pars are under the mandated least or do not go on the shelf; None where all may be kept."""
    most = np.maximum(terms.most_par, terms.least_par)
    if not terms.least_par.any() and (most >= top).all():
        return None
    par = np.arange(top + 1)[:, None]
    return np.asarray((par < terms.least_par) | (par > most))


def batches(period: Period, demand: Demand, terms: Terms) -> Whole:
    """How far the batches of each pair are tried, by what the pair itself says: its answer is the same whichever pairs
    are worked out beside it.

    Half of what is asked for between two reviews comes off, as the order that goes out is so much larger than the
    batch; not below the first twelve. Of 40,000 pairs of the bench, 13 had a cheaper batch up to twice as far, together
    worth a hundred-thousandth of the cost.
    """
    largest = largest_batch(demand, terms)
    most = np.maximum(largest - period.demand.mean / 2, np.minimum(largest, _EACH))
    return np.asarray(np.minimum(most, period.top), dtype=np.int64)


def _by_batch(period: Period, demand: Demand, terms: Terms, most: int) -> Iterator[tuple[int, Floats, Floats]]:
    """(batch, a year's cost without waste, share of units lost) for every batch that is tried, to be written over.

    Rows are the pars from ``batch`` up.
    """
    top = period.top
    visits = renewals(period.demand.chance, most)
    holding = terms.unit_cost * terms.holding_rate / YEAR * period.days
    one = period.lost * terms.lost_unit_cost + period.stock * holding + period.rush * period.rush_cost
    money, lost, total = np.zeros_like(one), np.zeros_like(one), np.zeros(demand.size)
    asked = np.maximum(demand.mean_per_day * period.days, 1e-300)
    work = np.empty_like(one)
    for batch in range(1, most + 1):
        seen = batch - 1
        rows = work[seen:]
        money[seen:] += np.multiply(one[: top + 1 - seen], visits[seen], out=rows)
        lost[seen:] += np.multiply(period.lost[: top + 1 - seen], visits[seen], out=rows)
        total += visits[seen]
        if batch > _EACH and batch % (1 + batch // _EACH):
            continue
        cost = money[batch:] + terms.line_cost
        cost *= YEAR / (total * period.days)
        yield batch, cost, lost[batch:] / (total * asked)
