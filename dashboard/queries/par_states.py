"""Every par level as Ready, Short or Out, in SQL, by the rule of ``inventory.queries.states``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from inventory.queries.states import State, state_sql
from orders.queries.par_lines import ParLine, par_lines_sql

__all__ = [
    "LineState",
    "ParStates",
    "PlaceState",
    "State",
    "line_states",
    "place_states",
    "states_sql",
    "worked_out_once",
]


@dataclass(frozen=True, slots=True)
class LineState(ParLine):
    """A par level's numbers, its item by name, and its state."""

    sku: str
    item_name: str
    criticality: str
    state: str


@dataclass(frozen=True, slots=True)
class PlaceState:
    """The par levels of one place: all, those short (and not out) and out, those that make it not ready, the worst."""

    location_id: int
    station_id: int
    location_kind: str
    lines: int
    short: int
    out: int
    life_saving_short: int
    critical_out: int
    worst: LineState | None


# Worst first: what decides the state of its station, then out before short, then the more critical, then the emptiest.
WORST_FIRST = """CASE WHEN criticality IN ('A', 'B') AND state = 'out' THEN 0
                      WHEN criticality = 'A' AND state = 'short' THEN 1
                      WHEN state = 'out' THEN 2 WHEN state = 'short' THEN 3 ELSE 4 END,
                 criticality, usable * 1.0 / par, item_name, par_level_id"""

_STATES = """
    SELECT {columns}, item.sku, item.name AS item_name, item.criticality,
           {state} AS state
      FROM ({par_lines}) AS par
      JOIN inventory_item AS item ON item.id = par.item_id
      JOIN stations_location AS place ON place.id = par.location_id
      LEFT JOIN stations_unit AS unit ON unit.id = place.unit_id
     WHERE par.par > 0 AND (unit.id IS NULL OR (unit.is_in_service AND place.kind = 'unit'))
"""
PLACES = """
    worst AS (
        SELECT line.*, ROW_NUMBER() OVER (PARTITION BY location_id ORDER BY {worst_first}) AS nth
          FROM line WHERE state <> 'ready'
    ), place AS (
        SELECT location_id, station_id, location_kind, COUNT(*) AS lines,
               SUM(CASE WHEN state = 'short' THEN 1 ELSE 0 END) AS short,
               SUM(CASE WHEN state = 'out' THEN 1 ELSE 0 END) AS missing,
               SUM(CASE WHEN state <> 'ready' AND criticality = 'A' THEN 1 ELSE 0 END) AS life_saving_short,
               SUM(CASE WHEN state = 'out' AND criticality IN ('A', 'B') THEN 1 ELSE 0 END) AS critical_out
          FROM line GROUP BY location_id, station_id, location_kind
    )
"""
_PLACES = """
    WITH line AS ({states}), {places}
    SELECT place.*, {names}
      FROM place LEFT JOIN worst ON worst.location_id = place.location_id AND worst.nth = 1
     ORDER BY {worst_first}, place.location_id
"""
OF_PLACE = 8
NO_PLACE = ", ".join(["NULL"] * OF_PLACE)
# The moment of the par levels that stand in ``dashboard_line``, where they do.
_worked_out_at: ContextVar[datetime | None] = ContextVar("worked_out_at", default=None)


def states_sql(at: datetime, stations: Sequence[int] | None) -> tuple[str, list[str | int]]:
    """The statement that gives ``LineState`` rows, for these station ids or all, and its parameters."""
    if _worked_out_at.get() == at:
        scope = "" if stations is None else f" WHERE station_id IN ({', '.join(['%s'] * len(stations)) or 'NULL'})"
        return f"SELECT {_names()} FROM dashboard_line{scope}", [*(stations or ())]  # noqa: S608  # names of ours
    par_lines, parameters = par_lines_sql(timezone.localdate(at), stations)
    columns = ", ".join(f"par.{field.name}" for field in fields(ParLine))
    return _STATES.format(columns=columns, par_lines=par_lines, state=state_sql("par")), parameters


@contextmanager
def worked_out_once(*, at: datetime) -> Iterator[None]:
    """Inside, whoever asks for par levels as of ``at`` reads them from a table that lives as long: for the worker, who
    asks for all of them again and again. Needs a transaction around it, which also takes the table away if it fails."""
    states, parameters = states_sql(at, None)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE dashboard_line AS {states}", parameters)
        token = _worked_out_at.set(at)
        try:
            yield
        finally:
            _worked_out_at.reset(token)
        cursor.execute("DROP TABLE dashboard_line")


def place_states(*, at: datetime, stations: Sequence[int] | None = None) -> list[PlaceState]:
    """The par levels of each place counted, the worst places first. One query, however many places."""
    states, parameters = states_sql(at, stations)
    places = PLACES.format(worst_first=WORST_FIRST)
    statement = _PLACES.format(names=names_of("worst"), states=states, places=places, worst_first=WORST_FIRST)
    return [place_of(row) for row in rows(statement, parameters)]


def places_and_lacking(*, at: datetime, stations: Sequence[int]) -> tuple[list[PlaceState], list[LineState]]:
    """``place_states`` and those of ``line_states`` that are short or out: both of the same par levels, worked out
    once. One query."""
    states, parameters = states_sql(at, stations)
    places = PLACES.format(worst_first=WORST_FIRST)
    statement = f"""
        WITH line AS ({states}), {places}
        SELECT place.*, {names_of("worst")}, ROW_NUMBER() OVER (ORDER BY {WORST_FIRST}, place.location_id) AS nth
          FROM place LEFT JOIN worst ON worst.location_id = place.location_id AND worst.nth = 1
         UNION ALL
        SELECT {NO_PLACE}, {_names()}, ROW_NUMBER() OVER (ORDER BY {WORST_FIRST}) FROM line WHERE state <> 'ready'
    """  # noqa: S608  # made of constants of this module
    found = sorted(rows(statement, parameters), key=lambda row: row[-1])
    return (
        [place_of(row[:-1]) for row in found if row[0] is not None],
        [LineState(*row[OF_PLACE:-1]) for row in found if row[0] is None],
    )


def place_of(row: Sequence[Any]) -> PlaceState:
    """A row of ``PLACES`` with the columns of its worst par level: empty ones where the place has nothing short."""
    line = row[OF_PLACE:]
    return PlaceState(*(*row[:OF_PLACE], LineState(*line) if line[0] is not None else None))


def line_states(
    *,
    at: datetime,
    stations: Sequence[int] | None = None,
    location: int | None = None,
    only: Sequence[State] = (),
    cut: slice = slice(None),
) -> list[LineState]:
    """Par levels of these stations or of all, worst first; of one place, in some states, or only those of the list
    from ``cut.start`` up to ``cut.stop``, if so asked. One query."""
    states, parameters = states_sql(at, stations)
    where = ["1 = 1"]
    if location is not None:
        where.append("location_id = %s")
        parameters.append(location)
    if only:
        where.append(f"state IN ({', '.join(['%s'] * len(only))})")
        parameters.extend(only)
    statement = f"""
        SELECT {_names()} FROM ({states}) AS line
         WHERE {" AND ".join(where)} ORDER BY {WORST_FIRST}"""  # noqa: S608  # made of constants of this module
    if cut.stop is not None:
        statement += " LIMIT %s OFFSET %s"
        parameters.extend((cut.stop - (cut.start or 0), cut.start or 0))
    return [LineState(*row) for row in rows(statement, parameters)]


@dataclass(frozen=True)
class ParStates(Sequence[LineState]):
    """``line_states`` as a list of which the database hands out only the part that is asked for."""

    at: datetime
    stations: Sequence[int] | None
    only: Sequence[State] = ()

    def __getitem__(self, cut: Any) -> Any:
        if isinstance(cut, slice):
            return line_states(at=self.at, stations=self.stations, only=self.only, cut=cut)
        return list(self)[cut]

    def __iter__(self) -> Iterator[LineState]:
        return iter(self[:])

    def __len__(self) -> int:
        return len(self[:])


def rows(statement: str, parameters: Sequence[str | int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _names() -> str:
    return ", ".join(field.name for field in fields(LineState))


def names_of(table: str) -> str:
    """The columns of a par level's state, of a table of this name."""
    return ", ".join(f"{table}.{field.name}" for field in fields(LineState))
