"""What use to expect at each station: from the calls before the replay begins, else from a plain assumption.

The replayed weeks themselves are never looked at.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ems_supply.simulation.calls import Calls
from ems_supply.simulation.pars import Numbers
from ems_supply.simulation.use import CLASSES, NOTHING, UNKNOWN, Care, care_for, use_table

LONGEST_HISTORY = timedelta(weeks=8)
SHORTEST_HISTORY = timedelta(weeks=2)
# Calls per day at a station of a city, by class, where no history says better.
ASSUMED_CALLS = {"bls": 4.5, "als": 1.2, "arrest": 0.08, "mvi": 0.3, "trauma": 0.05, "check": 0.2, "fire": 0.2}
# A quiet station is stocked for at least this share of what the mean station uses.
LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Expectation:
    """Base units per day, a row per station, a column per item; and how many days of calls they were learnt from."""

    per_day: Numbers
    history_days: int


def care_of(call_type: str) -> Care:
    """The care for a call of this type; what is unknown is looked at."""
    return care_for(call_type) or UNKNOWN


def expect(calls: Calls, *, stations: int, first: date) -> Expectation:
    """Learn from the weeks before ``first``, eight at most; with less than two, assume the same everywhere."""
    earliest = min((call.happened_at.date() for call in calls.used), default=first)
    begin = max(earliest, first - LONGEST_HISTORY)
    days = (first - begin).days
    if days < SHORTEST_HISTORY.days:
        assumed = np.array([ASSUMED_CALLS[name] for name in CLASSES])
        return Expectation(np.tile(assumed @ use_table().means, (stations, 1)), 0)
    patients: Counter[tuple[int, str]] = Counter()
    for call in calls.between(begin, first):
        care = care_of(call.type)
        patients[call.station, care.name] += care.patients
    rates = np.array([[patients[number, name] / days for name in CLASSES] for number in range(stations)])
    rates = np.maximum(rates, rates.mean(axis=0) * LEAST_SHARE)
    return Expectation(rates @ use_table().means, days)


def unknown_types(counted: Counter[str]) -> dict[str, int]:
    """The types that no line of the table names, most frequent first, with how many calls each has."""
    return {name: number for name, number in counted.most_common() if care_for(name) is None}


def uses_supplies(call_type: str) -> bool:
    return care_of(call_type).name != NOTHING
