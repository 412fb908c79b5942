"""How busy each place is: the calls that its people used stock on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db import connection

from inventory.policy.estimates import HALF_LIFE_DAYS
from inventory.queries.use_history import DIALECT, STANDS, Window, weight
from stations.models import Location, Station


class Sort(IntEnum):
    """Places that use an item alike per call: aboard, on a station's shelves, on the shelves that supply others."""

    UNIT = 0
    SHELF = 1
    HUB = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A place with par levels. ``calls``: in the window; ``calls_per_day``: recent days counting more.

    ``open_days`` and ``open_weight``: the days of the window since the place first had stock, and Σ ½^(age ÷ half-life)
    over them. ``review_days`` and ``lead_days``: its station's; a unit is filled up by its own crew.
    """

    location_id: int
    station_id: int
    sort: Sort
    calls: int
    calls_per_day: float
    open_days: float
    open_weight: float


# A call is told by its incident; use that names none counts by the command that reported it.
_CALLS = """
    WITH owner AS (
        SELECT location.id AS location_id, COALESCE(location.station_id, unit.station_id) AS station_id
          FROM stations_location AS location LEFT JOIN stations_unit AS unit ON unit.id = location.unit_id
    ), moment AS (
        SELECT movement.source_id, {moment} AS at,
               COALESCE(NULLIF(movement.reference, ''), '#' || movement.command_id) AS call
          FROM inventory_stockmovement AS movement
         WHERE movement.reason = 'used' AND movement.moved_at >= %(since)s AND movement.moved_at < %(until)s
           AND {stands}
    ), here AS (
        SELECT source_id AS location_id, {day} AS day, COUNT(DISTINCT call) AS calls
          FROM moment GROUP BY source_id, {day}
    ), all_here AS (
        SELECT owner.station_id, {day} AS day, COUNT(DISTINCT call) AS calls
          FROM moment JOIN owner ON owner.location_id = moment.source_id GROUP BY owner.station_id, {day}
    )
    SELECT 1, location_id, SUM(calls), SUM(calls * {weight}) FROM here GROUP BY location_id
     UNION ALL
    SELECT 0, station_id, SUM(calls), SUM(calls * {weight}) FROM all_here GROUP BY station_id
"""
_OPENED = """
    SELECT location.id, CASE WHEN EXISTS (
               SELECT 1 FROM inventory_stockmovement AS movement
                WHERE movement.destination_id = location.id AND movement.moved_at < %(since)s) THEN 0
           ELSE (SELECT MIN({moment}) FROM inventory_stockmovement AS movement
                  WHERE movement.destination_id = location.id) END
      FROM stations_location AS location WHERE location.kind IN ('supply_room', 'safe', 'unit')
"""
Count = tuple[int, float]


def places(window: Window) -> dict[int, Place]:
    """Every place that may have par levels, by its id, with its calls. Four queries for the whole division.

    A unit answers its own calls; shelves those of their station and its units; shelves that supply other stations
    those of all that they supply, at any number of removes, as well.
    """
    calls = _rows(_CALLS, window)
    by_place = {pk: (int(raw), float(weighted)) for kind, pk, raw, weighted in calls if kind}
    by_station = {pk: (int(raw), float(weighted)) for kind, pk, raw, weighted in calls if not kind}
    suppliers = dict(Station.objects.values_list("pk", "supplied_by"))
    supplied = _supplied(by_station, suppliers)
    hubs = set(suppliers.values())
    opened = {pk: max(0.0, float(at)) for pk, at in _rows(_OPENED, window) if at is not None}
    rows = Location.objects.filter(kind__in=[*Location.SHELVES, Location.Kind.UNIT])
    found = {}
    for pk, kind, station, unit_station in rows.values_list("pk", "kind", "station", "unit__station"):
        owner = station or unit_station
        if kind == Location.Kind.UNIT:
            sort, count = Sort.UNIT, by_place.get(pk, (0, 0.0))
        else:
            sort, count = (Sort.HUB if owner in hubs else Sort.SHELF), supplied.get(owner, (0, 0.0))
        found[pk] = _place(pk, owner, sort, count, opened.get(pk, float(window.days)), window)
    return found


def _place(pk: int, station: int, sort: Sort, count: Count, opened: float, window: Window) -> Place:
    open_days = max(0.0, window.days - opened)
    # The integral of the weights from the day that it opened to now.
    open_weight = (1 - 0.5 ** (open_days / HALF_LIFE_DAYS)) * HALF_LIFE_DAYS / _LN2
    calls, weighted = count
    return Place(pk, station, sort, calls, weighted / open_weight if open_weight > 0.5 else 0.0, open_days, open_weight)


_LN2 = 0.6931471805599453


def _supplied(calls: Mapping[int, Count], suppliers: Mapping[int, int | None]) -> dict[int, Count]:
    """The calls of each station and of all that it supplies, directly or not. A circle counts each station once."""
    totals: dict[int, Count] = {}
    for station, (raw, weighted) in calls.items():
        for above in _up(station, suppliers):
            before = totals.get(above, (0, 0.0))
            totals[above] = before[0] + raw, before[1] + weighted
    return totals


def _up(station: int, suppliers: Mapping[int, int | None]) -> Iterator[int]:
    seen: set[int] = set()
    at: int | None = station
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = suppliers.get(at)


def _rows(statement: str, window: Window) -> list[tuple[Any, ...]]:
    dialect = DIALECT[connection.vendor]
    text = statement.format(
        moment=dialect["moment"], day=dialect["day"], stands=STANDS, weight=weight("(day + 0.5)", window)
    )
    with connection.cursor() as cursor:
        cursor.execute(text, window.parameters())
        return list(cursor.fetchall())
