"""How many reviews apart a place should be filled up, so that each delivery carries many lines.

A delivery costs the same whatever it carries. Ordering each item whenever it falls below its own reorder point sends
the van for one line at a time; filling everything up at every n-th review sends it rarely, and what cannot wait goes as
a rush order. This is the joint replenishment problem (Goyal 1974; Khouja and Goyal, European Journal of Operational
Research 186, 2008) under periodic review, with the must-order level of Balintfy's can-order policies (1964).
"""

from dataclasses import dataclass

import numpy as np

from inventory.policy.checks import Floats, Whole
from inventory.policy.outlook import YEAR, Demand, Terms
from inventory.policy.periods import every_review, several_reviews
from inventory.policy.recommendation import Recommendation, chosen, highest_par
from inventory.policy.search import largest_batch
from inventory.policy.tables import chunks

LONGEST_DAYS = 63.0
_STEP = 1.3


@dataclass(frozen=True)
class Cycles:
    """``reviews``: one number per station; at every so many reviews everything is filled up. ``levels``: one row per
    pair; its reorder point holds at those reviews. ``rush_at``: at the reviews between, order at or below this (−1:
    wait). ``cost``: of each station a year, deliveries included."""

    reviews: Whole
    levels: Recommendation
    rush_at: Whole
    cost: Floats


def recommend_cycles(demand: Demand, terms: Terms, station: Whole, delivery_cost: float) -> Cycles:
    """The cheapest interval of each station, and the pars that go with it.

    ``station``: the number of each pair's station, from 0; all its pairs have one review interval. ``delivery_cost``:
    of each delivery to a station, whatever it carries. Intervals of up to ``LONGEST_DAYS`` are tried, each a third
    longer.
    """
    size = station.size
    demand, terms = demand.stretched(size), terms.stretched(size)
    stations = int(station.max(initial=-1)) + 1
    best = Cycles(np.ones(stations, np.int64), Recommendation.empty(size), np.full(size, -1), np.full(stations, np.inf))
    review = np.zeros(stations)
    review[station] = terms.review_days
    for count in _counts(review):
        open_ = review * count <= np.maximum(LONGEST_DAYS, review)
        pairs = np.flatnonzero(open_[station])
        found, rush_at = _at(demand.taken(pairs), terms.taken(pairs), count, delivery_cost)
        cost = _cost(found, terms.review_days[pairs] * count, station[pairs], stations, delivery_cost)
        better = open_ & (cost < best.cost - 1e-9)
        best.cost[better], best.reviews[better] = cost[better], count
        kept = better[station[pairs]]
        best.levels.put(pairs[kept], found.taken(kept))
        best.rush_at[pairs[kept]] = rush_at[kept]
    return best


def _counts(review: Floats) -> list[int]:
    """1, 2, 3, … in steps that grow, while any station's interval stays below the longest."""
    most = int(LONGEST_DAYS // max(review.min(initial=LONGEST_DAYS), 1))
    counts = [1]
    while (following := max(counts[-1] + 1, round(counts[-1] * _STEP))) <= most:
        counts.append(following)
    return counts


def _at(demand: Demand, terms: Terms, count: int, delivery_cost: float) -> tuple[Recommendation, Whole]:
    found, rush_at = Recommendation.empty(demand.mean_per_day.size), np.full(demand.mean_per_day.size, -1)
    tops = highest_par(demand, terms, count)
    for top, of in chunks(tops, np.isinf(terms.life_days), largest_batch(demand, terms)):
        some, deal = demand.taken(of), terms.taken(of)
        if count == 1:
            period = every_review(some, deal, top)
        else:
            period = several_reviews(some, deal, top, count, delivery_cost + deal.line_cost)
        found.put(of, chosen(period, some, deal))
        rush_at[of] = period.rush_at
    return found, rush_at


def _cost(found: Recommendation, days: Floats, station: Whole, stations: int, delivery_cost: float) -> Floats:
    """A year of each station: its pairs, and the deliveries that carry any line."""
    carries = np.clip(found.expected.lines * days / YEAR, 0, 1 - 1e-12)
    none = np.exp(np.bincount(station, np.log1p(-carries), stations))
    length = np.ones(stations)
    length[station] = days
    pairs = np.bincount(station, found.expected.cost, stations)
    return np.asarray(pairs + (1 - none) * delivery_cost * YEAR / length)
