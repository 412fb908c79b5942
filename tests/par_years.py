"""``python -m tests.par_years FOLDER``: par levels for a division's files, scored over made-up years that follow them.

Prints the table of docs/par-levels.md. FOLDER holds stations.csv, items.csv, calls.csv and history.csv. Each year draws
every pair's rate from what the history leaves open, calls by weekday, and for every call whether an item is used and
how many of it, in sizes that give each item the variance that it shows from call to call. The history itself is scored
too.
"""

import os
import sys
from pathlib import Path

import django
import numpy as np

from tests.scoring import Items, Stations, at_day, score, simulate

YEARS = 12


def cubes(found):
    """(calls: days × stations, use: days × stations × items)."""
    stations, items = len(found.stations), len(found.items)
    calls, use = np.zeros((found.days, stations), np.int64), np.zeros((found.days, stations, items), np.int64)
    calls[found.calls[0] - found.first_day, found.calls[1]] = found.calls[2]
    use[found.use[0] - found.first_day, found.use[1], found.use[2]] = found.use[3]
    return calls, use


def sizes(calls, use):
    """Mean units of one use of each item, one plus a Poisson number, from the variance that calls do not explain."""
    per_call = use.sum((0, 1)) / calls.sum()
    by_call = use.sum(0) / calls.sum(0)[:, None] * calls[:, :, None]
    total = np.maximum(by_call.sum((0, 1)), 1e-9)
    beyond = ((use - by_call) ** 2).sum((0, 1)) / total + per_call - 1
    size = np.maximum(1, (beyond + np.sqrt(beyond**2 + 4)) / 2)
    seen = use.sum((0, 1)) / np.maximum((use > 0).sum((0, 1)), 1)
    return np.where(use.sum((0, 1)) < 30, np.maximum(seen, 1), size)


def years(calls, use, demand, rng, count):
    """``count`` years of use, days × years × stations × items."""
    shape = use.shape[1:]
    weekday = np.array([calls[day::7].mean() for day in range(7)]) / calls.mean()
    busy = calls.mean(0) * np.resize(weekday, use.shape[0])[:, None]
    ratio = np.maximum(calls.var(0) / calls.mean(0), 1.01)
    size = sizes(calls, use)
    drawn = []
    for _ in range(count):
        rate = (demand.mean_per_day * rng.gamma(1 / demand.doubt) * demand.doubt).reshape(shape)
        rate = rate / calls.mean(0)[:, None]
        called = rng.negative_binomial(busy / (ratio - 1), 1 / ratio)
        chance = np.minimum(rate / size, 0.97)
        uses = rng.binomial(called[..., None], chance)
        drawn.append(uses + rng.poisson(uses * (rate / chance - 1)))
    return np.stack(drawn, axis=1)


def textbook(use, days, least):
    """The usual advice, ordered up to at every review: weeks of supply, and quantiles of the pair's own moments."""
    from scipy import stats

    mean = use.mean(0)
    ratio = np.maximum(1.01, use.var(0) / np.maximum(mean, 1e-9))
    size = np.maximum(mean, 1e-4) * days / (ratio - 1)
    pars = {
        "4 weeks of use": np.ceil(mean * 28),
        "Poisson, 99 % of cycles": stats.poisson.ppf(0.99, mean * days),
        "negative binomial, 99 %": stats.nbinom.ppf(0.99, size, 1 / ratio),
        "negative binomial, 99.9 %": stats.nbinom.ppf(0.999, size, 1 / ratio),
    }
    for name, par in pars.items():
        par = np.maximum(par, least).astype(np.int64)
        yield name, {0: (par, par - 1)}


def main(folder):
    from inventory.imports.usage import read_use
    from inventory.imports.usage_demand import division_of
    from inventory.policy.division import levels_of

    found = read_use(*(folder / f"{name}.csv" for name in ("stations", "items", "calls", "history")))
    calls, use = cubes(found)
    shape = use.shape[1:]
    places = Stations(*(found.of_stations(f"{name}") for name in ("review_days", "review_offset", "lead_days")))
    goods = Items(np.array(found.criticality), found.unit_cost, found.of_items("shelf_life_days"))
    protected = (places.review + places.lead - 1)[:, None]
    division = division_of(found)
    following = years(calls, use, division.demand, np.random.default_rng(1), YEARS)

    def ours(name, every_review):
        rows = levels_of(division, every_review=every_review)[2]
        pairs = [(day, *divmod(pair, shape[1]), par, point) for pair, par, point, day in rows]
        return name, at_day(pairs, len(use), shape)

    for name, levels in (
        *textbook(use, protected, found.of_items("min_par")),
        ours("this, `--every-review`", True),
        ours("this", False),
    ):
        for what, year in (("made-up years", following), ("the history itself", use)):
            sys.stdout.write(f"{name:26s} {what:18s} {score(simulate(year, levels, places, goods), goods)}\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main(Path(sys.argv[1]))
