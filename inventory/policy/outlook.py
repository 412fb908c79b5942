"""What a par and its minimum lead to: fill, stock, waste, order lines and their cost a year."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from inventory.policy.checks import Floats, Whole, numbers
from inventory.policy.demand import above, at_most, exactly, lost, lost_beyond

YEAR = 365.0
_NEVER = 36_500.0  # a hundred years stand in for what does not expire


@dataclass(frozen=True)
class Rows:
    """Columns of one length, one row per pair. Scalars are stretched by ``stretched``."""

    def taken(self, of: npt.NDArray[np.intp] | slice) -> Self:
        """These rows only."""
        return type(self)(**{field.name: getattr(self, field.name)[of] for field in fields(self)})

    def stretched(self, size: int) -> Self:
        """Every column as an array of ``size`` rows."""
        columns = {field.name: np.broadcast_to(getattr(self, field.name), (size,)) for field in fields(self)}
        return type(self)(**columns)

    @property
    def size(self) -> int:
        return max(np.size(getattr(self, field.name)) for field in fields(self))


@dataclass(frozen=True)
class Demand(Rows):
    """What each pair is expected to use.

    ``mean_per_day``: units a day, 0 or more. ``vmr``: variance ÷ mean of a day's use, 1 or more. ``doubt``: the squared
    coefficient of variation of the mean itself, 0 where it is known; over T days the variance is then
    vmr·m·T + doubt·(m·T)², which is again negative binomial (a gamma mixture, as in Silver and Rahnama 1986).
    """

    mean_per_day: Floats
    vmr: Floats
    doubt: Floats

    def over(self, days: Floats) -> tuple[Floats, Floats]:
        """Mean and variance-to-mean of what is used in so many days."""
        mean = self.mean_per_day * days
        return mean, self.vmr + self.doubt * mean


@dataclass(frozen=True)
class Terms(Rows):
    """What keeping a pair means. All arrays of one row per pair, or scalars for all of them.

    ``review_days``: between two chances to order, above 0. ``lead_days``: days of use between an order and its
    arrival. ``life_days``: usable days of a fresh unit at the place; infinite where it does not expire. ``unit_cost``,
    ``lost_unit_cost`` (what one unit asked for and not there costs) and ``line_cost`` (to ask for, pick and put away
    one line): in one currency, whatever it is. ``holding_rate``: of the unit cost a year (0.2 = 20 %). ``fill_floor``:
    the least share of units that must be there, from 0 to below 1. ``least_par``: mandated, 0 where nothing is.
    ``most_par``: what the shelf holds; ``NO_CAP`` where it is no limit.
    """

    review_days: Floats
    lead_days: Floats
    life_days: Floats
    unit_cost: Floats
    lost_unit_cost: Floats
    fill_floor: Floats
    least_par: Whole
    most_par: Whole
    holding_rate: Floats
    line_cost: Floats


@dataclass(frozen=True)
class Outlook(Rows):
    """What is to be expected of each pair, on average over the years.

    ``fill``: share of units there when asked for (1 where nothing is asked for). ``stock_units`` and ``stock_value``:
    on the shelf. ``lost_units``, ``waste_units``, ``waste_value``, ``lines`` and ``cost`` (holding + waste + lines +
    lost units): a year.
    """

    fill: Floats
    stock_units: Floats
    stock_value: Floats
    lost_units: Floats
    waste_units: Floats
    waste_value: Floats
    lines: Floats
    cost: Floats


def evaluate(par: npt.ArrayLike, minimum: npt.ArrayLike, demand: Demand, terms: Terms) -> Outlook:
    """What each pair's par and minimum would lead to: today's, or proposed ones, to be held side by side.

    An order up to ``par`` goes out at a review when stock and inbound are below ``minimum``. ``minimum`` 0 never
    orders; it counts as 1 here. Refused: a par below 0, a minimum above its par where the par is not 0.
    """
    fill_up, act_below = numbers("par", par), numbers("minimum", minimum)
    size = max(fill_up.size, act_below.size, demand.size, terms.size)
    fill_up, act_below = np.broadcast_to(fill_up, (size,)), np.broadcast_to(act_below, (size,))
    if (act_below > fill_up).any():
        raise ValueError("minimum must not be above par.")
    batch = fill_up - np.clip(act_below, 1, np.maximum(fill_up, 1)) + 1
    return outlook(fill_up, np.maximum(np.minimum(batch, fill_up), 1), demand.stretched(size), terms.stretched(size))


def outlook(par: Floats, batch: Floats, demand: Demand, terms: Terms) -> Outlook:
    """``evaluate`` for checked columns. ``batch`` = par − reorder point: the least that is ordered, 1 or more."""
    review = terms.review_days
    mean_review, vmr_review = demand.over(review)
    top, rest = _time_at(batch, mean_review, vmr_review)
    missed, stock = _over_positions(par, batch, top, rest, demand, terms)
    lost_units = missed / review * YEAR
    used = np.maximum(demand.mean_per_day * YEAR - lost_units, 0)
    waste = np.where(par > 0, waste_share(par, batch, demand, terms.life_days) * used, 0)
    turnover = np.maximum(par - batch / 2, 0.5) / terms.life_days * YEAR
    waste = np.where(par > 0, np.where(used > 0, waste, turnover), 0)
    cycle = (top + rest) * review
    lines = np.where(par > 0, np.where(mean_review > 0, YEAR / cycle, 0) + waste / batch, 0)
    value = stock * terms.unit_cost
    cost = (
        value * terms.holding_rate
        + waste * terms.unit_cost
        + lines * terms.line_cost
        + lost_units * terms.lost_unit_cost
    )
    asked = demand.mean_per_day * YEAR
    fill = np.where(asked > 0, 1 - lost_units / np.where(asked > 0, asked, 1), 1.0)
    return Outlook(fill, stock, value, lost_units, waste, waste * terms.unit_cost, lines, cost)


def _time_at(batch: Floats, mean: Floats, vmr: Floats) -> tuple[Floats, Floats]:
    """Of the reviews between two orders, those at the par itself, and those spread over the positions below it.

    The renewal function of demand per review: the first term 1 ÷ P(D > 0) exactly, the rest by its asymptote
    Δ/μ + (σ²/μ + μ − 1)/(2μ) (Tijms, A First Course in Stochastic Models, 8.1, on the lattice).
    """
    some = np.where(mean > 0, above(np.zeros_like(mean), mean, vmr), 1.0)
    top = 1 / np.maximum(some, 1e-300)
    safe = np.where(mean > 0, mean, 1.0)
    reviews = batch / safe + (vmr + safe - 1) / (2 * safe)
    rest = np.where((mean > 0) & (batch > 1), np.clip(reviews - top, 0, (batch - 1) / safe), 0.0)
    return top, rest


def _over_positions(
    par: Floats, batch: Floats, top: Floats, rest: Floats, demand: Demand, terms: Terms
) -> tuple[Floats, Floats]:
    """(units missed per review, mean stock), averaged over where the stock position is after each review."""
    share = top / (top + rest)
    others = np.maximum(batch - 1, 1)
    ends = []
    for days in (terms.lead_days, terms.lead_days + terms.review_days):
        mean, vmr = demand.over(days)
        below = lost_beyond(par - batch, mean, vmr) - lost_beyond(par - 1, mean, vmr)
        short = share * lost(par, mean, vmr) + (1 - share) * np.maximum(below, 0) / others
        position = share * par + (1 - share) * (par - batch / 2)
        ends.append((short, np.maximum(position - mean + short, 0)))
    (early, first), (late, last) = ends
    return np.maximum(late - early, 0), (first + last) / 2


def waste_share(par: Floats, batch: Floats, demand: Demand, life_days: Floats) -> Floats:
    """Units that expire per unit that is used, oldest first.

    Of a batch Q that fills the shelf up to S, A = E[(S − D_M)⁺ | D_M ≥ S − Q] units are left after their M days, and
    A ÷ (Q − A) expire per unit used. For Q = 1 and Poisson use this is the exact outdating of (S − 1, S)
    (Schmidt and Nahmias 1985 without lead time); for Q = S it is the exact renewal of a shelf filled when empty.
    """
    life = np.minimum(life_days, _NEVER)
    mean, vmr = demand.over(life)
    low = par - batch
    reached = above(low - 1, mean, vmr)
    left_all = par - mean + lost(par, mean, vmr)
    left_old = np.where(low > 0, low - mean + lost(np.maximum(low, 0), mean, vmr), 0.0)
    left = np.maximum(left_all - left_old - batch * at_most(low - 1, mean, vmr), 0.0)
    one = exactly(np.maximum(par - 1, 0), mean, vmr)
    left = np.where(batch == 1, one, left) / np.maximum(reached, 1e-12)
    # Where hardly anything is used, the shelf turns over once in a life.
    most = batch * (par / np.maximum(mean, 1e-300)) / (1 + par / np.maximum(mean, 1e-300))
    left = np.minimum(left, np.minimum(most, batch * (1 - 1e-12)))
    return np.where(np.isinf(life_days), 0.0, left / (batch - left))
