"""What given pars and minimums lead to."""

import numpy as np
import numpy.typing as npt

from inventory.policy.base_stock import cycle_service_base_stock
from inventory.policy.checks import Floats, Whole, numbers
from inventory.policy.outlook import YEAR, Demand, Outlook, Terms, rows_in_common
from inventory.policy.periods import Period, every_review
from inventory.policy.tables import chunks, renewals
from inventory.policy.waste import Shelf

_SURE = 1e-12  # a floor of nothing, or of all, is taken for as near to it as a chance can be


def short_below(minimum: npt.ArrayLike, demand: Demand, terms: Terms) -> Whole:
    """Less than this may not last until an order sent now arrives: the least s with P(D_L ≤ s) ≥ the class's fill
    floor, D_L the use over the lead time; at least one, the mandated least where more, and never above ``minimum``.

    Below the *minimum* a place orders; for what is dear and quick to come that is one unit under its par, and says
    nothing of danger. This level does: ``cycle_service_base_stock`` over the lead time alone (Silver, Pyke, Thomas,
    6.9). One row per pair; refused: a minimum below 0.
    """
    acts_below = numbers("minimum", minimum).astype(np.int64)
    mean, vmr = demand.over(terms.lead_days)
    lasts = cycle_service_base_stock(mean, vmr, 0.0, 1.0, np.clip(terms.fill_floor, _SURE, 1 - _SURE))
    least: Whole = np.maximum(np.maximum(lasts, 1), terms.least_par)
    return np.minimum(least, acts_below)


def evaluate(par: npt.ArrayLike, minimum: npt.ArrayLike, demand: Demand, terms: Terms) -> Outlook:
    """What each pair's par and minimum would lead to: today's, or proposed ones, to be held side by side.

    An order up to ``par`` goes out at a review when stock and inbound are below ``minimum``. ``minimum`` 0 never
    orders; it counts as 1 here. Refused: a par below 0, a minimum above its par.
    """
    fill_up, act_below = numbers("par", par), numbers("minimum", minimum)
    size = rows_in_common(fill_up.size, act_below.size, demand.size, terms.size)
    level = np.broadcast_to(fill_up, (size,)).astype(np.int64)
    least = np.broadcast_to(act_below, (size,)).astype(np.int64)
    if (least > level).any():
        raise ValueError("minimum must not be above par.")
    batch = np.where(level > 0, level - np.maximum(least, 1) + 1, 1)
    demand, terms = demand.stretched(size), terms.stretched(size)
    rows = Outlook(*(np.empty(size) for _ in range(8)))
    for top, of in chunks(level):
        some, deal = demand.taken(of), terms.taken(of)
        period, shelf = every_review(some, deal, top), Shelf.where_any_expire(some, deal, top)
        rows.put(of, outlook_of(level[of], batch[of], period, shelf, some, deal))
    return rows


def outlook_of(par: Whole, batch: Whole, period: Period, shelf: Shelf | None, demand: Demand, terms: Terms) -> Outlook:
    """``evaluate`` for pairs whose period and shelf are known. ``batch``: par − reorder point, 1 or more."""
    visits, lost, stock, rush = _averages(par, batch, period)
    days = visits * period.days
    asked = demand.mean_per_day * YEAR
    lost_units = np.minimum(lost / days * YEAR, asked)
    stock_units = stock / visits
    wasted = np.zeros(par.size) if shelf is None else shelf.wasted_at(par, batch)
    lines = np.where((par > 0) & (asked > 0), YEAR / days, 0) + wasted / batch
    value = stock_units * terms.unit_cost
    cost = (
        value * terms.holding_rate
        + wasted * terms.unit_cost
        + lines * terms.line_cost
        + rush / days * YEAR * period.rush_cost
        + lost_units * terms.lost_unit_cost
    )
    fill = np.where(asked > 0, 1 - lost_units / np.where(asked > 0, asked, 1), 1.0)
    return Outlook(fill, stock_units, value, lost_units, wasted, wasted * terms.unit_cost, lines, cost)


def _averages(par: Whole, batch: Whole, period: Period) -> tuple[Floats, Floats, Floats, Floats]:
    """Per order: (periods that begin, units lost, Σ of mean stocks, rush orders)."""
    pairs = np.arange(par.size)
    visits = renewals(period.demand.chance, int(batch.max()))
    total, lost, stock, rush = (np.zeros(par.size) for _ in range(4))
    rushes = np.broadcast_to(period.rush, period.lost.shape)
    for seen in range(int(batch.max())):
        weight = np.where(seen < batch, visits[seen], 0)
        position = np.maximum(par - seen, 0)
        total += weight
        lost += weight * period.lost[position, pairs]
        stock += weight * period.stock[position, pairs]
        rush += weight * rushes[position, pairs]
    return total, lost, stock, rush
