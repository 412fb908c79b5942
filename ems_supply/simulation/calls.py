"""Reads the dispatches of any city: ``datetime_local``, ``type``, ``latitude``, ``longitude``.

If there is an ``incident_number`` it names the dispatch, and a number that repeats counts once.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np

from ems_supply.simulation.geography import nearest
from ems_supply.simulation.places import Place
from ems_supply.simulation.tables import SHOWN_PROBLEMS, BadCell, Problem, Row, UnusableFile, coordinates, read_rows

COLUMNS = ("datetime_local", "type", "latitude", "longitude")
FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")
# A call so far from every station has a wrong coordinate: no division is that wide.
FARTHEST_KM = 100.0
LONGEST_INCIDENT = 40
MOST_BAD = 0.5


@dataclass(frozen=True, slots=True)
class Call:
    """A dispatch: its hour as the clock on the wall showed it, and the index of the station nearest to it."""

    incident: str
    happened_at: datetime
    type: str
    station: int
    kilometres: float


@dataclass
class Calls:
    """The calls that can be used, oldest first, and what became of the other rows of the file."""

    used: list[Call]
    rows: int
    repeated: int
    problems: list[Problem] = field(default_factory=list)

    def between(self, first: date, end: date) -> list[Call]:
        """Those from ``first`` up to, not including, ``end``."""
        return [call for call in self.used if first <= call.happened_at.date() < end]


@dataclass(frozen=True, slots=True)
class _Dispatch:
    line: int
    incident: str
    happened_at: datetime
    type: str
    latitude: float
    longitude: float


def read_calls(path: Path, places: list[Place]) -> Calls:
    """All calls of a file. Rows that cannot be read are reported and left out; a file of mostly such is refused."""
    dispatches: dict[str, _Dispatch] = {}
    problems: list[Problem] = []
    rows = repeated = 0
    for line, row in read_rows(path, COLUMNS):
        rows += 1
        try:
            dispatch = _dispatch(row, line)
        except BadCell as bad:
            problems.append(Problem(path.name, line, bad.column, bad.reason))
            continue
        repeated += dispatch.incident in dispatches
        dispatches.setdefault(dispatch.incident, dispatch)
    calls, far = _at_stations(path, list(dispatches.values()), places)
    problems = sorted(problems + far, key=lambda problem: problem.line)
    if not calls or len(problems) > rows * MOST_BAD:
        listed = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
        raise UnusableFile(f"{path}: {len(problems)} of {rows} rows cannot be used.", problems=listed)
    return Calls(sorted(calls, key=lambda call: (call.happened_at, call.incident)), rows, repeated, problems)


def _dispatch(row: Row, line: int) -> _Dispatch:
    if not row["type"]:
        raise BadCell("type", "missing")
    incident = row.get("incident_number", "")
    if len(incident) > LONGEST_INCIDENT:
        raise BadCell("incident_number", f"longer than {LONGEST_INCIDENT} characters")
    return _Dispatch(
        line, incident or f"line {line}", local_time(row["datetime_local"]), row["type"], *coordinates(row)
    )


def local_time(text: str) -> datetime:
    """The hour on the wall. A zone that the stamp names is not believed: the column is local by its name."""
    if not text:
        raise BadCell("datetime_local", "missing")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    for form in FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - local by definition, see above
        except ValueError:
            continue
    raise BadCell("datetime_local", f"{text[:40]!r} is not a date and time such as 2017-05-01T13:45:00")


def _at_stations(path: Path, dispatches: list[_Dispatch], places: list[Place]) -> tuple[list[Call], list[Problem]]:
    if not dispatches:
        return [], []
    station, kilometres = nearest(
        np.array([dispatch.latitude for dispatch in dispatches]),
        np.array([dispatch.longitude for dispatch in dispatches]),
        np.array([place.latitude for place in places]),
        np.array([place.longitude for place in places]),
    )
    calls: list[Call] = []
    far: list[Problem] = []
    for dispatch, index, distance in zip(dispatches, station.tolist(), kilometres.tolist(), strict=True):
        if distance > FARTHEST_KM:
            reason = f"{distance:,.0f} km from the nearest station, {places[index].name}"
            far.append(Problem(path.name, dispatch.line, "latitude, longitude", reason))
        else:
            calls.append(Call(dispatch.incident, dispatch.happened_at, dispatch.type, index, distance))
    return calls, far


def types_of(calls: list[Call]) -> Counter[str]:
    """How many calls there are of each type."""
    return Counter(call.type for call in calls)
