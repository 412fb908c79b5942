"""What fails next: the critical items that run out first at the rate at which they have been used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dashboard.queries.arrivals import Place, arrival_of
from dashboard.queries.par_states import (
    NO_PLACE,
    OF_PLACE,
    PLACES,
    WORST_FIRST,
    LineState,
    PlaceState,
    names_of,
    place_of,
    rows,
    states_sql,
)
from inventory.queries.usage import USE_PERIOD, use_sql
from stations.models import Location

WITHIN = timedelta(days=14)

_FAILING = """
    SELECT {names}, demand.used FROM {lines} AS line
      JOIN ({use}) AS demand ON demand.location_id = line.location_id AND demand.item_id = line.item_id
     WHERE line.criticality IN ('A', 'B') AND line.usable > 0 AND line.location_kind IN ({shelves})
       AND line.usable * {period} < demand.used * {within}
     ORDER BY {first_to_fail}
     LIMIT {limit}
"""
_FIRST_TO_FAIL = "line.usable * 1.0 / demand.used, line.criticality, line.item_name, line.par_level_id"
_WITH_PLACES = """
    WITH line AS ({states}), {places}, failing AS ({failing})
    SELECT place.*, {of_worst}, NULL AS used, ROW_NUMBER() OVER (ORDER BY {worst_first}, place.location_id) AS nth
      FROM place LEFT JOIN worst ON worst.location_id = place.location_id AND worst.nth = 1
     UNION ALL SELECT {no_place}, {of_failing}, failing.used, failing.nth FROM failing
"""


@dataclass(frozen=True, slots=True)
class Failing:
    """A par level that still has something, when it runs out, and when more of it comes, if that is on a run."""

    line: LineState
    daily_use: float
    runs_out_at: datetime
    arrives_at: datetime | None = None

    @property
    def is_covered(self) -> bool:
        """More arrives before it runs out."""
        return self.arrives_at is not None and self.arrives_at <= self.runs_out_at


def fails_next(*, at: datetime, limit: int = 8) -> list[Failing]:
    """Life-saving and essential items on shelves that run out within two weeks, the first to fail first.

    usable ÷ mean daily use of the last 28 days, at each shelf; what has run out already is not listed. One query.
    """
    states, parameters = states_sql(at, None)
    statement, moments = _failing_sql(f"({states})", names_of("line"), at, limit)
    return [_failing(row[:-1], row[-1], at) for row in rows(statement, [*parameters, *moments])]


def places_and_failing(*, at: datetime, limit: int) -> tuple[list[PlaceState], list[Failing]]:
    """``place_states`` of all stations and ``fails_next``: both of the same par levels, which are worked out once. One
    query."""
    states, parameters = states_sql(at, None)
    numbered = f"{names_of('line')}, ROW_NUMBER() OVER (ORDER BY {_FIRST_TO_FAIL}) AS nth"
    failing, moments = _failing_sql("line", numbered, at, limit)
    statement = _WITH_PLACES.format(
        states=states,
        places=PLACES.format(worst_first=WORST_FIRST),
        failing=failing,
        of_worst=names_of("worst"),
        of_failing=names_of("failing"),
        worst_first=WORST_FIRST,
        no_place=NO_PLACE,
    )
    places: list[PlaceState] = []
    found: list[Failing] = []
    for *row, used, _ in sorted(rows(statement, [*parameters, *moments]), key=lambda row: row[-1]):
        if used is None:
            places.append(place_of(row))
        else:
            found.append(_failing(row[OF_PLACE:], used, at))
    return places, found


def _failing_sql(lines: str, names: str, at: datetime, limit: int) -> tuple[str, list[str | int]]:
    """The statement that gives these columns of the ``lines`` that fail and what was used of each, and its moments."""
    use, moments = use_sql(at)
    statement = _FAILING.format(
        names=names,
        lines=lines,
        use=use,
        shelves=_texts([kind.value for kind in Location.SHELVES]),
        period=USE_PERIOD.days,
        within=WITHIN.days,
        first_to_fail=_FIRST_TO_FAIL,
        limit=limit,
    )
    return statement, moments


def _failing(row: Sequence[Any], used: int, at: datetime) -> Failing:
    line = LineState(*row)
    return Failing(line, int(used) / USE_PERIOD.days, at + USE_PERIOD * line.usable / int(used))


def with_arrivals(failing: Sequence[Failing], coming: Mapping[Place, datetime]) -> list[Failing]:
    """The same, each with its next delivery where one is planned."""
    return [replace(one, arrives_at=arrival_of(one.line, coming)) for one in failing]


def _texts(words: Sequence[str]) -> str:
    """Constants of this project as a list of SQL texts."""
    return ", ".join(f"'{word}'" for word in words)
