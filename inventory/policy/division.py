"""A whole division's recommendation from plain arrays: stations × items, pair = station · items + item."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inventory.policy import usual
from inventory.policy.checks import NO_CAP, Floats, Whole
from inventory.policy.cycles import Cycles, recommend_cycles
from inventory.policy.estimates import UseSums, activity_per_day, estimate
from inventory.policy.outlook import Demand, Terms
from inventory.policy.recommendation import Recommendation, recommend
from inventory.policy.schedule import Level, scheduled

# A year and a little more; after it each pair's own level holds for good.
_PLANNED_DAYS = 392


@dataclass(frozen=True)
class Division:
    """``demand``, ``terms``, ``station``: one row per pair. ``review_days``: of each station. ``criticality``: of each
    pair, as letters."""

    demand: Demand
    terms: Terms
    station: Whole
    review_days: Whole
    criticality: np.ndarray[tuple[int], np.dtype[np.str_]]


def usual_terms(
    review_days: Whole,
    lead_days: Whole,
    shelf_life_days: Whole,
    unit_cost: Floats,
    criticality: list[str],
    min_par: Whole,
) -> Terms:
    """Terms of every pair of a division, with the usual money. The first two of each station, the others of each item.

    ``lead_days`` of use between an order and its arrival; ``shelf_life_days`` 0 for what does not expire.
    """
    stations, items = review_days.size, unit_cost.size
    shape = (stations, items)
    life = np.where(shelf_life_days > 0, shelf_life_days, np.inf)
    lost_unit = np.array([usual.LOST_UNIT_COST[letter] * usual.PRUDENCE for letter in criticality])
    floor = np.array([usual.FILL_FLOOR[letter] for letter in criticality])

    def of_items(values: Floats | Whole) -> Floats:
        return np.broadcast_to(values, shape).ravel().astype(np.float64)

    def of_stations(values: Whole) -> Floats:
        return np.repeat(values, items).astype(np.float64)

    size = stations * items
    return Terms(
        review_days=of_stations(review_days),
        lead_days=of_stations(lead_days),
        life_days=of_items(life),
        unit_cost=of_items(unit_cost),
        lost_unit_cost=of_items(lost_unit),
        fill_floor=of_items(floor),
        least_par=np.tile(min_par, stations),
        most_par=np.full(size, NO_CAP),
        holding_rate=np.full(size, usual.HOLDING_RATE),
        line_cost=np.full(size, usual.LINE_COST),
    )


def usual_calls(calls_per_day: Floats, sums: UseSums) -> Floats:
    """Calls a day of every station, where some have counted none: those are as busy as their use says they are beside
    the others; nobody counts calls anywhere, then all are."""
    counted = calls_per_day > 0
    if counted.all():
        return calls_per_day
    activity = activity_per_day(sums)
    if not counted.any():
        return activity
    return np.where(counted, calls_per_day, activity * np.median(calls_per_day[counted] / activity[counted]))


def levels_of(division: Division, *, every_review: bool) -> tuple[Recommendation, Whole, Iterator[Level]]:
    """(the pars of every pair, after how many reviews each station is filled up, the rows to write)."""
    ones = np.ones(division.review_days.size, np.int64)
    if every_review:
        found = recommend(division.demand, division.terms)
        cycles = Cycles(ones, found, found.reorder_point, np.zeros(ones.size))
    else:
        cycles = recommend_cycles(division.demand, division.terms, division.station, usual.DELIVERY_COST)
    rows = scheduled(cycles, division.station, division.review_days, _PLANNED_DAYS)
    return cycles.levels, cycles.reviews, rows


def demand_of(sums: UseSums, calls_per_day: Floats) -> Demand:
    """The estimate of every pair."""
    return estimate(sums, usual_calls(calls_per_day, sums)).demand
