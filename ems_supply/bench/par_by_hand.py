"""The floor of W4: the par, the minimum and the outlook of every pair, by numpy and scipy alone.

One search over the same pars and batches, by plain arrays: nothing is checked, nothing wrapped, every table made once.
docs/par-levels.md has the formulas, and ``inventory.policy`` their sources.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[Any]
Columns = dict[str, Array]  # by name; one row per pair

YEAR, UNDER_FLOOR = 365.0, 10.0
EVERY_BATCH, CELLS = 12, 1 << 16
NOT_KEPT, MANDATED, SHELF, FLOOR, EXPIRY, PENALTY = 8, 3, 5, 2, 4, 1
ANSWERS = ("par", "minimum", "reason", "fill", "stock_units", "lost_units", "waste_units", "lines", "cost")


def recommend_by_hand(pairs: Columns) -> Columns:
    """``pairs``: the columns of ``Demand`` and ``Terms``. Answers: those of ``Recommendation`` and its outlook."""
    need = pairs["mean_per_day"] * (pairs["review_days"] + pairs["lead_days"])
    spread = pairs["vmr"] + pairs["doubt"] * need
    worth = np.maximum(pairs["unit_cost"] * pairs["holding_rate"], 1e-9)
    batch = np.ceil(1.25 * np.sqrt(2 * pairs["line_cost"] * pairs["mean_per_day"] * YEAR / worth)) + 4
    wide = np.sqrt(need * spread)
    top = np.ceil(need + np.minimum(6 * wide + 3 * spread, 12 * wide) + 4 + np.maximum(batch - need / 2, 0))
    steps = np.ceil(np.log2(np.maximum(top, np.maximum(pairs["least_par"] + 1, 8))) * 4)
    top = np.ceil(2 ** (steps / 4)).astype(np.int64)
    answers = {name: np.empty(need.size) for name in ANSWERS}
    for rows in _blocks(top, batch, np.isinf(pairs["life_days"])):
        block = {name: column[rows] for name, column in pairs.items()} | {"most_batch": batch[rows]}
        for name, found in zip(ANSWERS, _block(block, int(top[rows[0]])), strict=True):
            answers[name][rows] = found
    return answers


def _blocks(top: Array, batch: Array, endless: Array) -> Iterator[Array]:
    """Pairs of like tables together, as many as the processor's cache takes."""
    alike = top * 2 + endless
    order = np.lexsort((batch, alike))
    for group in np.split(order, np.flatnonzero(np.diff(alike[order])) + 1):
        count = max(1, CELLS // (int(top[group[0]]) + 1))
        yield from (group[start : start + count] for start in range(0, group.size, count))


def _table(mean: Array, vmr: Array, top: int) -> tuple[Array, Array, Array, Array]:
    """P(D = y), P(D ≤ y), E(D − y)⁺ and E(y − D)⁺ for y from 0 to ``top``, one column per pair."""
    k, excess = np.arange(float(top))[:, None], np.maximum(vmr - 1, 0)
    poisson = excess <= 1e-9
    none = np.where(poisson, -mean, -mean * np.log(vmr) / np.where(poisson, 1, excess))
    chance = np.empty((top + 1, mean.size))
    chance[0] = np.exp(np.maximum(none, -600))
    np.divide(k * excess + mean, vmr * (k + 1), out=chance[1:])
    np.cumprod(chance, axis=0, out=chance)
    if (none < -600).any():  # no use at all is too rare for a double: by logarithms
        rare = none < -600
        y, mu, over = np.arange(top + 1.0)[:, None], mean[rare], np.maximum(excess[rare], 1e-9)
        size = mu / over
        ways = special.gammaln(y + size) - special.gammaln(size) - special.gammaln(y + 1)
        binomial = ways - size * np.log1p(over) + y * np.log(over / (1 + over))
        chance[:, rare] = np.exp(np.where(poisson[rare], y * np.log(mu) - mu - special.gammaln(y + 1), binomial))
    at_most = np.minimum(np.cumsum(chance, axis=0), 1)
    left = np.zeros_like(chance)
    np.cumsum(at_most[:-1], axis=0, out=left[1:])
    return chance, at_most, np.maximum(mean - np.arange(top + 1.0)[:, None] + left, 0), left


def _visits(chance: Array, count: int) -> Array:
    """The renewal function: expected reviews at each position below the par, before the next order."""
    visits, some = np.zeros((count, chance.shape[1])), np.maximum(1 - chance[0], 1e-12)
    visits[0] = 1 / some
    for j in range(1, count):
        visits[j] = np.einsum("kp,kp->p", chance[1 : j + 1], visits[j - 1 :: -1]) / some
    return visits


def _shelf(of: Columns, top: int) -> tuple[Array, Array] | None:
    """Units that expire a year at each par: refilled after every use, and only when empty."""
    endless = np.isinf(of["life_days"])
    if endless.all():
        return None
    rate, par = np.maximum(of["mean_per_day"], 1e-9), np.arange(top + 1.0)[:, None]
    mean = rate * np.where(endless, 1, of["life_days"])
    vmr = of["vmr"] + of["doubt"] * mean
    left = _table(mean, vmr, top)[3]
    a_year = np.where(endless, 0, rate * YEAR)
    size, uses = np.maximum(par, 1e-9) / vmr, mean / vmr
    with np.errstate(all="ignore"):
        ratio = np.exp((size - 1) * np.log(uses) - uses - special.gammaln(size)) / special.gammainc(size, uses)
    at_once = np.where(np.isfinite(ratio), ratio, size / uses) * a_year
    when_empty = left / np.maximum(par - left, 1e-12) * a_year
    at_once[0] = when_empty[0] = 0
    return at_once, when_empty


def _block(of: Columns, top: int) -> tuple[Array, ...]:
    """The answers for pairs whose tables are ``top`` high."""
    chance, _, lost, left = _table(*_over(of, of["review_days"]), top)
    stock = (np.arange(top + 1.0)[:, None] + left) / 2
    if of["lead_days"].any():
        _, _, lost_before, left_before = _table(*_over(of, of["lead_days"]), top)
        _, _, lost_until, left_until = _table(*_over(of, of["lead_days"] + of["review_days"]), top)
        lost, stock = np.maximum(lost_until - lost_before, 0), (left_before + left_until) / 2
    asked = of["mean_per_day"] * of["review_days"]
    most = np.maximum(of["most_batch"] - asked / 2, np.minimum(of["most_batch"], EVERY_BATCH))
    most = np.minimum(most, top).astype(np.int64)
    visits, shelf = _visits(chance, int(most.max())), _shelf(of, top)
    par, batch, reason = _search(of, lost, stock, visits, most, shelf)
    minimum = np.where(par > 0, par - batch + 1, 0)
    return par, minimum, reason, *_expected(of, par, batch, lost, stock, visits, shelf)


def _over(of: Columns, days: Array) -> tuple[Array, Array]:
    mean = of["mean_per_day"] * days
    return mean, of["vmr"] + of["doubt"] * mean


def _search(
    of: Columns, lost: Array, stock: Array, visits: Array, most: Array, shelf: tuple[Array, Array] | None
) -> tuple[Array, Array, Array]:
    """(par, batch, reason): the cheapest of all, as one rule after the other joins in."""
    top, pairs = lost.shape[0] - 1, np.arange(lost.shape[1])
    missed = of["mean_per_day"] * YEAR * of["lost_unit_cost"]
    allowed = (1 - of["fill_floor"]) * (1 + 1e-9)
    unkept = missed * (1 + UNDER_FLOOR * (allowed < 1))
    best = np.array([missed, missed, unkept, np.where(of["least_par"] > 0, np.inf, unkept)])
    pars, batches = np.zeros(best.shape, np.int64), np.ones(best.shape, np.int64)
    pars_of = np.arange(top + 1.0)[:, None]
    most_par = np.maximum(of["most_par"], of["least_par"])
    barred = (pars_of < of["least_par"]) | (pars_of > most_par)
    is_barred = barred.any()
    one = lost * of["lost_unit_cost"] + stock * (of["unit_cost"] * of["holding_rate"] / YEAR * of["review_days"])
    money, gone, total = np.zeros_like(one), np.zeros_like(one), np.zeros(pairs.size)
    asked = np.maximum(of["mean_per_day"] * of["review_days"], 1e-300)
    work = np.empty_like(one)

    def consider(rule: int, batch: int, cost: Array) -> None:
        row = cost.argmin(axis=0)
        found = cost[row, pairs]
        better = np.flatnonzero((found < best[rule]) & (batch <= most))
        best[rule, better], pars[rule, better], batches[rule, better] = found[better], row[better] + batch, batch

    for batch in range(1, visits.shape[0] + 1):
        seen = visits[batch - 1]
        money[batch - 1 :] += np.multiply(one[: top + 2 - batch], seen, out=work[batch - 1 :])
        gone[batch - 1 :] += np.multiply(lost[: top + 2 - batch], seen, out=work[batch - 1 :])
        total += seen
        if batch > EVERY_BATCH and batch % (1 + batch // EVERY_BATCH):
            continue
        cost = money[batch:] + of["line_cost"]
        cost *= YEAR / (total * of["review_days"])
        consider(0, batch, cost)
        if shelf is not None:
            share = np.minimum((batch - 1) / np.maximum(pars_of[batch:] - 1, 1), 1)
            wasted = shelf[0][batch:] * (1 - share)
            wasted += shelf[1][batch:] * share
            wasted *= of["unit_cost"] + of["line_cost"] / batch
            cost += wasted
            consider(1, batch, cost)
        under = gone[batch:] / (total * asked)
        under[under <= allowed] = 0
        under *= UNDER_FLOOR * missed
        cost += under
        consider(2, batch, cost)
        if is_barred:
            cost[barred[batch:]] = np.inf
            consider(3, batch, cost)
    final, free = (3 if is_barred else 2), (0 if shelf is None else 1)
    return pars[final], batches[final], _reason(pars[final], pars[2], pars[free], pars[0], of["least_par"])


def _reason(final: Array, floored: Array, free: Array, without_waste: Array, least: Array) -> Array:
    rules = [
        (final == 0, NOT_KEPT),
        ((final > floored) & (least > floored), MANDATED),
        (final < floored, SHELF),
        (floored > free, FLOOR),
        (free < without_waste, EXPIRY),
    ]
    return np.select([rule for rule, _ in rules], [reason for _, reason in rules], PENALTY)


def _expected(
    of: Columns,
    par: Array,
    batch: Array,
    lost: Array,
    stock: Array,
    visits: Array,
    shelf: tuple[Array, Array] | None,
) -> tuple[Array, ...]:
    """Fill, stock on average, and what a year brings: units lost, units wasted, lines, cost."""
    pairs = np.arange(par.size)
    total, gone, kept = np.zeros(par.size), np.zeros(par.size), np.zeros(par.size)
    for seen in range(int(batch.max())):
        weight = np.where(seen < batch, visits[seen], 0)
        position = np.maximum(par - seen, 0)
        total += weight
        gone += weight * lost[position, pairs]
        kept += weight * stock[position, pairs]
    days, asked = total * of["review_days"], of["mean_per_day"] * YEAR
    lost_units, stock_units = np.minimum(gone / days * YEAR, asked), kept / total
    wasted = np.zeros(par.size)
    if shelf is not None:
        share = np.clip((batch - 1) / np.maximum(par - 1, 1), 0, 1)
        wasted = shelf[0][par, pairs] * (1 - share) + shelf[1][par, pairs] * share
    lines = np.where((par > 0) & (asked > 0), YEAR / days, 0) + wasted / batch
    cost = stock_units * of["unit_cost"] * of["holding_rate"] + wasted * of["unit_cost"]
    cost += lines * of["line_cost"] + lost_units * of["lost_unit_cost"]
    fill = np.where(asked > 0, 1 - lost_units / np.where(asked > 0, asked, 1), 1.0)
    return fill, stock_units, lost_units, wasted, lines, cost
