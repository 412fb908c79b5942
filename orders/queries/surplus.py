"""What places can spare: stock above their own need, and lots that will expire before they are used there.

One statement for the whole division. With a place's free lots in the order in which they expire, Q the running total of
their quantities, U = daily use × days until the expiry of lot k: of the first k lots max(0, Q₁ − U₁, …, Qₖ − Uₖ) expire
unused, so lot k alone expires by the difference to the lot before. docs/transfers.md derives it with an example.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from inventory.queries.usage import USE_PERIOD, use_sql
from orders.queries.par_lines import par_lines_sql

_STATEMENT = """
    WITH line AS ({par_lines}), demand AS ({use}), lots AS (
        SELECT level.id AS level_id, level.location_id, place.station_id, place.kind AS location_kind, lot.item_id,
               lot.expires_on, lot.id AS lot_id, level.on_hand - level.allocated AS free,
               CASE WHEN lot.expires_on IS NULL THEN 1 ELSE 0 END AS lasts,
               CASE WHEN lot.expires_on < {soon}
                    THEN COALESCE(demand.used, 0) * {days} * 1.0 / {period} END AS used_by_then,
               COALESCE(demand.used, 0) AS used
          FROM inventory_stocklevel AS level
          JOIN inventory_lot AS lot ON lot.id = level.lot_id
          JOIN inventory_item AS item ON item.id = lot.item_id
          JOIN stations_location AS place ON place.id = level.location_id
          JOIN stations_station AS station ON station.id = place.station_id
          LEFT JOIN inventory_kindpolicy AS policy ON policy.kind = item.kind
          LEFT JOIN demand ON demand.location_id = level.location_id AND demand.item_id = lot.item_id
         WHERE level.on_hand > level.allocated AND lot.status = 'usable'
           AND (lot.expires_on IS NULL OR lot.expires_on >= {today})
           AND place.kind IN ('supply_room', 'safe') AND station.kind <> 'warehouse' {scope}
    ), stacked AS (
        SELECT lots.*, SUM(free) OVER (PARTITION BY location_id, item_id ORDER BY lasts, expires_on, lot_id
                                       ROWS UNBOUNDED PRECEDING) AS running
          FROM lots
    ), wasted AS (
        SELECT stacked.*, MAX(CASE WHEN running > used_by_then THEN running - used_by_then ELSE 0 END)
                          OVER (PARTITION BY location_id, item_id ORDER BY lasts, expires_on, lot_id
                                ROWS UNBOUNDED PRECEDING) AS lost
          FROM stacked
    ), parted AS (
        SELECT wasted.*, lost - COALESCE(LAG(lost) OVER (PARTITION BY location_id, item_id
                                                             ORDER BY lasts, expires_on, lot_id), 0) AS outdating,
               MAX(lost) OVER (PARTITION BY location_id, item_id) AS lost_here
          FROM wasted
    )
    SELECT parted.location_id, parted.station_id, parted.location_kind, parted.item_id, parted.level_id,
           parted.expires_on, parted.free, parted.outdating, parted.used, COALESCE(line.par, 0) AS par,
           COALESCE(line.minimum, 0) AS minimum, line.usable, COALESCE(line.inbound, 0) AS inbound
      FROM parted
      LEFT JOIN line ON line.location_id = parted.location_id AND line.item_id = parted.item_id
     WHERE parted.lost_here >= 1 OR line.par_level_id IS NULL OR line.usable + line.inbound > line.par
     ORDER BY parted.location_id, parted.item_id, parted.lasts, parted.expires_on, parted.lot_id
"""


@dataclass(frozen=True, slots=True)
class SpareLot:
    """A free lot at a place that may have something to spare, in base units.

    outdating: how much of it is expected to expire unused there, of lots that expire soon as the policy of their kind
    says; used: what left the place of this item in four weeks; usable: free until the horizon, None off the list.
    """

    location_id: int
    station_id: int
    location_kind: str
    item_id: int
    level_id: int
    expires_on: date | None
    free: int
    outdating: float
    used: int
    par: int
    minimum: int
    usable: int | None
    inbound: int


def spare_lots(
    *, at: datetime, stations: Collection[int] | None = None, items: Collection[int] | None = None
) -> Iterator[SpareLot]:
    """Every free lot of the places that may spare some of its item, by place and item, first expired first.

    Shelves and safes of stations and lockers; a warehouse fills requests instead. One query, however many places.
    """
    today = timezone.localdate(at)
    par_lines, par_parameters = par_lines_sql(today, None if stations is None else sorted(stations))
    use, use_parameters = use_sql(at, items=items)
    scope, chosen = _scope(stations, items)
    statement = _STATEMENT.format(par_lines=par_lines, use=use, scope=scope, period=USE_PERIOD.days, **_dates())
    moments = [today.isoformat()] * 3
    with connection.cursor() as cursor:
        cursor.execute(statement, [*par_parameters, *use_parameters, *moments, *chosen])
        names = [column[0] for column in cursor.description or ()]
        assert names == [field.name for field in fields(SpareLot)]  # noqa: S101  # one shape, in SQL and here
        while rows := cursor.fetchmany(2_000):
            yield from (SpareLot(*_typed(row)) for row in rows)


def _scope(stations: Collection[int] | None, items: Collection[int] | None) -> tuple[str, list[int]]:
    scopes = [("place.station_id", stations), ("lot.item_id", items)]
    marks = [(column, ", ".join(["%s"] * len(ids)) or "NULL") for column, ids in scopes if ids is not None]
    scope = " ".join(f"AND {column} IN ({places})" for column, places in marks)
    return scope, [pk for _, ids in scopes for pk in ids or ()]


def _dates() -> dict[str, str]:
    """Days in each database's own words; ``days`` and ``soon`` come before ``today``."""
    if connection.vendor == "postgresql":
        return {
            "soon": "CAST(%s AS date) + COALESCE(policy.expiring_days, 90)",
            "days": "(lot.expires_on - CAST(%s AS date))",
            "today": "CAST(%s AS date)",
        }
    return {
        "soon": "date(%s, '+' || COALESCE(policy.expiring_days, 90) || ' days')",
        "days": "CAST(julianday(lot.expires_on) - julianday(%s) AS INTEGER)",
        "today": "%s",
    }


def _typed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """SQLite gives dates as text, PostgreSQL sums as decimals."""
    expires_on, used = row[5], int(row[8])
    day = date.fromisoformat(expires_on) if isinstance(expires_on, str) else expires_on
    return (*row[:5], day, int(row[6]), float(row[7]), used, *row[9:])
