"""Every par level with the numbers that decide whether it is short, worked out by the database in one statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date

from django.conf import settings
from django.db import connection

from inventory.queries.states import state_sql
from stations.models import Location

_STATEMENT = """
    WITH place AS (
        SELECT location.id AS location_id, location.kind, station.id AS station_id,
               station.review_days + station.lead_days AS horizon_days
          FROM stations_location AS location
          LEFT JOIN stations_unit AS unit ON unit.id = location.unit_id
          JOIN stations_station AS station ON station.id = COALESCE(location.station_id, unit.station_id)
         WHERE {scope}
    ), stock AS (
        SELECT level.location_id, lot.item_id, SUM(level.on_hand) AS on_hand,
               SUM(CASE WHEN lot.status = 'usable' AND (lot.expires_on IS NULL OR lot.expires_on >= {until})
                        THEN level.on_hand - level.allocated ELSE 0 END) AS usable,
               SUM(CASE WHEN lot.status = 'usable' AND lot.expires_on < {until}
                        THEN level.on_hand - level.allocated ELSE 0 END) AS expiring
          FROM place
          JOIN inventory_stocklevel AS level ON level.location_id = place.location_id
          JOIN inventory_lot AS lot ON lot.id = level.lot_id
          JOIN inventory_item AS item ON item.id = lot.item_id
          LEFT JOIN inventory_kindpolicy AS policy ON policy.kind = item.kind
         WHERE level.on_hand > 0
         GROUP BY level.location_id, lot.item_id
    ), coming AS (
        SELECT line.location_id, line.item_id,
               SUM(CASE WHEN resupply.state <> 'submitted'
                        THEN line.approved - line.cancelled - line.received - line.damaged - line.missing
                        ELSE 0 END) AS inbound,
               SUM(CASE WHEN resupply.state = 'submitted' THEN COALESCE(line.approved, line.asked)
                        ELSE 0 END) AS awaiting
          FROM place
          JOIN orders_resupplyorder AS resupply ON resupply.station_id = place.station_id
          JOIN orders_orderline AS line ON line.order_id = resupply.id AND line.location_id = place.location_id
         WHERE resupply.state IN ('submitted', 'approved', 'in_fulfilment')
         GROUP BY line.location_id, line.item_id
    ), line AS (
        SELECT par.id AS par_level_id, place.station_id, par.location_id, place.kind AS location_kind, par.item_id,
               par.par, par.minimum, COALESCE(par.short_below, par.minimum) AS short_below, par.bin,
               COALESCE(stock.on_hand, 0) AS on_hand, COALESCE(stock.usable, 0) AS usable,
               COALESCE(stock.expiring, 0) AS expiring, COALESCE(coming.inbound, 0) AS inbound,
               COALESCE(coming.awaiting, 0) AS awaiting, COALESCE(pack.quantity, 1) AS issue_pack
          FROM place
          JOIN inventory_parlevel AS par ON par.location_id = place.location_id
          LEFT JOIN stock ON stock.location_id = par.location_id AND stock.item_id = par.item_id
          LEFT JOIN coming ON coming.location_id = par.location_id AND coming.item_id = par.item_id
          LEFT JOIN inventory_pack AS pack ON pack.item_id = par.item_id AND pack.is_issue_pack
    )
    SELECT par_level_id, station_id, location_id, location_kind, item_id, par, minimum, short_below, bin,
           on_hand, usable, expiring, inbound, awaiting,
           CASE WHEN usable + inbound {below} minimum AND par > usable + inbound
                THEN (par - usable - inbound + issue_pack - 1) / issue_pack * issue_pack ELSE 0 END AS need
      FROM line
"""


@dataclass(frozen=True, slots=True)
class ParLine:
    """A par level and its stock, in base units.

    short_below: judged Short below it, the minimum unless the par level says less;
    usable: free stock of lots that are not held and last until the horizon; expiring: free stock that does not last so
    long; inbound: approved and not yet received; awaiting: asked for and not yet decided; need: par − usable − inbound
    in whole issue packs, when usable + inbound is below the minimum (at or below, if so set), else 0.
    """

    par_level_id: int
    station_id: int
    location_id: int
    location_kind: str
    item_id: int
    par: int
    minimum: int
    short_below: int
    bin: str
    on_hand: int
    usable: int
    expiring: int
    inbound: int
    awaiting: int
    need: int

    @property
    def is_out(self) -> bool:
        """Nothing usable of something that should be there."""
        return self.par > 0 and self.usable == 0


def par_lines_sql(
    today: date, stations: Sequence[int] | None = None, *, among: str = ""
) -> tuple[str, list[str | int]]:
    """The statement that gives ``ParLine`` rows, for these station ids, for those that a statement without parameters
    names, or for all; and its parameters."""
    if connection.vendor == "postgresql":
        until = "(CAST(%s AS date) + COALESCE(policy.horizon_days, place.horizon_days))"
    else:
        until = "date(%s, '+' || COALESCE(policy.horizon_days, place.horizon_days) || ' days')"
    scope = "1 = 1" if stations is None else f"station.id IN ({', '.join(['%s'] * len(stations))})"
    if stations is not None and not stations:
        scope = "1 = 0"
    if among:
        scope = f"station.id IN ({among})"
    below = "<=" if settings.EMS_SHORT_AT_OR_BELOW_MINIMUM else "<"
    statement = _STATEMENT.format(until=until, scope=scope, below=below)
    return statement, [*(stations or ()), today.isoformat(), today.isoformat()]


def par_lines(today: date, stations: Sequence[int] | None = None) -> Iterator[ParLine]:
    """Every par level of these stations, or of all, with its numbers as they are now. One query."""
    statement, parameters = par_lines_sql(today, stations)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column[0] for column in cursor.description or ()]
        assert names == [field.name for field in fields(ParLine)]  # noqa: S101  # one shape, in SQL and here
        while rows := cursor.fetchmany(2_000):
            yield from (ParLine(*row) for row in rows)


def lacking_at_warehouses_sql(today: date, number: int) -> tuple[str, list[str | int]]:
    """The statement that says how many par levels of their shelves are short or out at the first so many warehouses,
    by code, id and name with tabs between them, and its parameters."""
    first = f"SELECT id FROM stations_station WHERE kind = 'warehouse' ORDER BY code LIMIT {int(number)}"  # noqa: S608
    lines, parameters = par_lines_sql(today, among=first)
    shelves = ", ".join(f"'{kind.value}'" for kind in Location.SHELVES)
    statement = f"""
        SELECT warehouse.code || %s || warehouse.id || %s || warehouse.name AS name, COUNT(line.par_level_id) AS number
          FROM stations_station AS warehouse
          LEFT JOIN ({lines}) AS line ON line.station_id = warehouse.id AND line.par > 0
                AND line.location_kind IN ({shelves}) AND {state_sql("line")} <> 'ready'
         WHERE warehouse.id IN ({first})
         GROUP BY warehouse.code, warehouse.id, warehouse.name
    """  # noqa: S608  # made of constants of ours
    return statement, ["\t", "\t", *parameters]
