"""From the files of use to what is expected of every pair."""

import numpy as np

from inventory.imports.usage import UseFiles
from inventory.policy.division import Division, demand_of, usual_terms
from inventory.policy.estimates import HALF_LIFE_DAYS, UseSums


def division_of(found: UseFiles) -> Division:
    """Every station with every item. A day without a row counts as a day without use: the files do not say what was in
    stock. An order is at its station before the use of day t + lead, so that one day less of use stands before it."""
    stations, items = len(found.stations), len(found.items)
    age = found.first_day + found.days - 1 - np.arange(found.first_day, found.first_day + found.days)
    weight = 0.5 ** (age / HALF_LIFE_DAYS)
    calls, use = found.calls, found.use
    called = np.bincount(calls[1], weight[calls[0] - found.first_day] * calls[2], stations)
    pair, then = use[1] * items + use[2], weight[use[0] - found.first_day]
    size = stations * items
    sums = UseSums(
        station=np.repeat(np.arange(stations), items),
        item=np.tile(np.arange(items), stations),
        used=np.bincount(pair, then * use[3], size).astype(np.float64),
        days=np.full(size, weight.sum()),
        squares=np.bincount(pair, then * use[3].astype(np.float64) ** 2, size).astype(np.float64),
    )
    terms = usual_terms(
        found.of_stations("review_days"),
        np.maximum(found.of_stations("lead_days") - 1, 0),
        found.of_items("shelf_life_days"),
        found.unit_cost,
        found.criticality,
        found.of_items("min_par"),
    )
    demand = demand_of(sums, called / weight.sum())
    letters = np.tile(np.array(found.criticality), stations)
    return Division(demand, terms, sums.station, found.of_stations("review_days"), letters)
