"""A division of any size, made by the database out of numbers: the same size gives the same division.

Stations are supplied by one warehouse for each hundred. Every station keeps every item in one lot on its shelf, under
a par level; so a pair of station and item is a stock level too. The movements come first, in the order of time; the
levels are their sums.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from ems_supply.bench.loading import lifted
from stations.models import Location

LOTS = 20
WAREHOUSE_STOCK = 10_000_000
UNIT_ITEMS = 20
DAYS = 84
APPS = ("stations", "inventory", "orders", "dashboard", "integrations")
VIRTUAL = (
    Location.Kind.SUPPLIER,
    Location.Kind.CONSUMED,
    Location.Kind.WASTED,
    Location.Kind.DISCARDED,
    Location.Kind.VARIANCE,
    Location.Kind.PARTNER,
)
BIG = ("inventory_stockmovement", "inventory_stocklevel", "inventory_parlevel", "stations_command", "stations_event")


@dataclass(frozen=True)
class Size:
    """How big: so many stations, items, movements of each pair, and of a hundred pairs so many short.

    ``is_spread``: whether life-saving and essential items may be short anywhere, or at one station of ten only, as
    in a division that looks after them. ``has_units``: whether each station has an ambulance with stock of its own.
    """

    stations: int
    items: int
    movements: int = 10
    short: int = 30
    is_spread: bool = True
    has_units: bool = False

    def __str__(self) -> str:
        return f"{self.stations:,} × {self.items:,}"

    @property
    def pairs(self) -> int:
        return self.stations * self.items

    @property
    def warehouses(self) -> int:
        return -(-self.stations // 100)


def load(size: Size, *, at: datetime) -> None:
    """Replace everything in the bench's own database by a division of this size."""
    empty()
    _make_places(size)
    _make_catalogue(size, at)
    with lifted(*BIG):
        _make_par_levels(size)
        _make_ledger(size, at)
    renumber()
    settle()


def empty() -> None:
    """Nothing of any app of ours is left."""
    tables = [
        model._meta.db_table
        for label in APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    run(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def renumber() -> None:
    """New rows are numbered after those that were loaded with numbers of their own."""
    models = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    for statement in connection.ops.sequence_reset_sql(no_style(), models):
        run(statement)


def settle() -> None:
    """As a database is after a quiet night: vacuumed, and its statistics known."""
    run("VACUUM ANALYZE")


def run(statement: str, **values: Any) -> int:
    """One statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"": None, **values})  # never empty, so that %% is always one %
        return int(cursor.rowcount)


def _make_places(size: Size) -> None:
    """People; warehouses 1 to W with a van each, stations after them; rooms numbered as their stations."""
    run(
        """INSERT INTO stations_user (id, username, first_name, last_name, email, password, is_superuser, is_staff,
                                      is_active, date_joined, role, language)
           SELECT number, role || number, initcap(role), number::text, '', '!', FALSE, FALSE, TRUE, now(), role, ''
             FROM (VALUES (1, 'logistics'), (2, 'chief'), (3, 'auditor'), (4, 'officer'), (5, 'driver'))
                  AS one (n, role),
                  LATERAL (SELECT n + 10 * m AS number FROM generate_series(0, 8) AS m) AS many"""
    )
    run(
        """INSERT INTO stations_station (id, code, name, kind, supplied_by_id, address, latitude, longitude,
                                         window_start, window_end, delivery_days, review_days, lead_days)
           SELECT n, CASE WHEN n <= %(w)s THEN 'W' ELSE 'S' END || lpad(n::text, 4, '0'),
                  CASE WHEN n <= %(w)s THEN 'Warehouse ' ELSE 'Station ' END || n,
                  CASE WHEN n <= %(w)s THEN 'warehouse' ELSE 'station' END,
                  CASE WHEN n <= %(w)s THEN NULL ELSE 1 + n %% %(w)s END, '',
                  40 + (n * 37 %% 1000) * 0.004, -90 + (n * 61 %% 1009) * 0.005, '00:00', '23:59', 127, 7, 2
             FROM generate_series(1, %(last)s) AS n""",
        w=size.warehouses,
        last=size.warehouses + size.stations,
    )
    run(
        """INSERT INTO stations_location (id, kind, name, station_id)
           SELECT id, 'supply_room', 'Supply room', id FROM stations_station"""
    )
    renumber()
    for kind in VIRTUAL:
        run("INSERT INTO stations_location (kind, name) VALUES (%(kind)s, %(kind)s)", kind=kind.value)
    run(
        """INSERT INTO stations_unit (code, kind, station_id, is_in_service, carries_cold, crew)
           SELECT CASE kind WHEN 'warehouse' THEN 'V' ELSE 'M' END || id,
                  CASE kind WHEN 'warehouse' THEN 'van' ELSE 'ambulance' END, id, TRUE, TRUE, 1
             FROM stations_station WHERE kind = 'warehouse' OR %(units)s ORDER BY id""",
        units=size.has_units,
    )
    run(
        """INSERT INTO stations_location (kind, name, unit_id)
           SELECT CASE kind WHEN 'van' THEN 'van' ELSE 'unit' END, code, id FROM stations_unit ORDER BY id"""
    )
    run(
        """INSERT INTO stations_membership (user_id, station_id, is_read_only)
           SELECT 4 + 10 * (id %% 9), id, FALSE FROM stations_station WHERE id > %(w)s AND id < 20""",
        w=size.warehouses,
    )


def _make_catalogue(size: Size, at: datetime) -> None:
    """Items, one of twenty life-saving and three essential; half in packs of ten. The last lot of each has expired,
    the second expires within ninety days, the first has no date."""
    run(
        """INSERT INTO inventory_item (id, sku, name, kind, unit_of_measure, gtin, ndc, schedule, criticality, storage,
                                       weight_g, volume_ml, unit_cost_cents, is_active, needs_two_people)
           SELECT n, 'IT' || lpad(n::text, 5, '0'), 'Item ' || lpad(n::text, 5, '0'),
                  CASE WHEN n %% 10 < 7 THEN 'consumable' WHEN n %% 10 < 9 THEN 'medication' ELSE 'equipment' END,
                  'each', '', '', '', CASE WHEN n %% 20 = 0 THEN 'A' WHEN n %% 5 = 0 THEN 'B' ELSE 'C' END, 'room',
                  50, 200, 100 + n * 37 %% 900, TRUE, FALSE FROM generate_series(1, %(items)s) AS n""",
        items=size.items,
    )
    run(
        """INSERT INTO inventory_pack (item_id, name, quantity, gtin, is_issue_pack)
           SELECT id, 'box', 10, '', TRUE FROM inventory_item WHERE id %% 2 = 0"""
    )
    run(
        """INSERT INTO inventory_lot (id, item_id, number, serial_number, expires_on, status)
           SELECT (item.id - 1) * %(lots)s + l + 1, item.id, 'L' || l, '',
                  CASE l WHEN 0 THEN NULL WHEN 1 THEN day + 60 WHEN %(lots)s - 1 THEN day - 10 ELSE day + 100 * l END,
                  'usable'
             FROM inventory_item AS item, generate_series(0, %(lots)s - 1) AS l, (SELECT %(at)s::date AS day) AS today
            ORDER BY 1""",
        lots=LOTS,
        at=at,
    )


# So many ten-thousandths stand for chance; the same pair always draws the same.
_PAIRS = """
    CREATE TEMPORARY TABLE bench_pair AS
    SELECT place.id AS location_id, item.id AS item_id,
           (item.id - 1) * %(lots)s + (place.id + item.id) %% (%(lots)s - 1) + 1 AS lot_id,
           5 + item.id %% 11 AS minimum,
           CASE WHEN chance.draw < %(short)s * 100 AND (%(spread)s OR item.id %% 5 <> 0 OR place.id %% 10 = 0)
                THEN chance.draw * (5 + item.id %% 11) / (%(short)s * 100)
                ELSE 5 + item.id %% 11 + chance.draw %% 6 END AS on_hand
      FROM stations_location AS place
      LEFT JOIN stations_unit AS unit ON unit.id = place.unit_id
      JOIN inventory_item AS item ON place.kind = 'supply_room' OR item.id <= %(unit_items)s,
           LATERAL (SELECT (place.id * 7919 + item.id * 4409 + place.id * item.id * 31) %% 10000 AS draw) AS chance
     WHERE place.kind IN ('supply_room', 'unit') AND place.id > %(w)s
     ORDER BY place.id, item.id
"""


def _make_par_levels(size: Size) -> None:
    run("DROP TABLE IF EXISTS bench_pair")
    run(
        _PAIRS,
        lots=LOTS,
        short=size.short,
        spread=size.is_spread,
        w=size.warehouses,
        unit_items=UNIT_ITEMS,
    )
    run("ANALYZE bench_pair")
    run(
        """INSERT INTO inventory_parlevel (location_id, item_id, par, minimum, bin, version)
           SELECT location_id, item_id, 2 * minimum, minimum, 'A' || item_id %% 40, 1 FROM bench_pair"""
    )


_COMMANDS = """
    WITH made AS (
        INSERT INTO stations_command (request_id, verb, fingerprint, by_id, at)
        SELECT gen_random_uuid(), %(verb)s, '', 4,
               %(at)s::timestamptz - %(age)s * INTERVAL '1 day' + id * INTERVAL '7 seconds'
          FROM stations_location WHERE kind IN ('supply_room', 'unit') ORDER BY id
        RETURNING id, at)
    SELECT id, at, row_number() OVER (ORDER BY id) AS nth INTO TEMPORARY bench_command FROM made
"""
_MOVES = """
    INSERT INTO inventory_stockmovement (lot_id, source_id, destination_id, quantity, reason, reference, moved_at,
                                         moved_by_id, command_id)
    SELECT pair.lot_id, {source}, {destination}, {quantity}, %(reason)s, '', command.at, 4, command.id
      FROM bench_pair AS pair
      JOIN bench_place AS place ON place.id = pair.location_id
      JOIN bench_command AS command ON command.nth = place.nth
     ORDER BY pair.location_id, pair.item_id
"""
_USES = """
    (SELECT COALESCE(SUM(1 + (pair.item_id + step) %% 2), 0) FROM generate_series(1, %(last)s) AS step)
"""


def _make_ledger(size: Size, at: datetime) -> None:
    """Opening stock, then use after use over twelve weeks; at last the levels, as the sums of all of them."""
    run("DROP TABLE IF EXISTS bench_place")
    run(
        """SELECT id, row_number() OVER (ORDER BY id) AS nth INTO TEMPORARY bench_place
             FROM stations_location WHERE kind IN ('supply_room', 'unit')"""
    )
    supplier, used = (Location.objects.virtual(kind).pk for kind in (Location.Kind.SUPPLIER, Location.Kind.CONSUMED))
    for step in range(size.movements):
        _begin_commands(step, size, at)
        if step == 0:
            _move(
                str(supplier), "pair.location_id", f"GREATEST(pair.on_hand + {_USES}, 1)", "opening", size.movements - 1
            )
            _stock_warehouses(supplier)
        else:
            _move("pair.location_id", str(used), f"1 + (pair.item_id + {step}) %% 2", "used", 0)
    run("DROP TABLE bench_command, bench_place, bench_pair")
    run(
        """INSERT INTO inventory_stocklevel (location_id, lot_id, on_hand, allocated)
           SELECT location_id, lot_id, SUM(quantity), 0
             FROM (SELECT destination_id AS location_id, lot_id, quantity FROM inventory_stockmovement
                   UNION ALL SELECT source_id, lot_id, -quantity FROM inventory_stockmovement) AS line
             JOIN stations_location AS place ON place.id = line.location_id
            WHERE place.kind IN ('supply_room', 'unit')
            GROUP BY location_id, lot_id ORDER BY location_id, lot_id"""
    )


def _begin_commands(step: int, size: Size, at: datetime) -> None:
    """One command and its event for each place and step, as if each had been posted at once."""
    run("DROP TABLE IF EXISTS bench_command")
    verb = "use_stock" if step else "receive_stock"
    run(_COMMANDS, verb=verb, at=at, age=DAYS * (size.movements - step) / size.movements)
    run("ANALYZE bench_command")
    run(
        """INSERT INTO stations_event (command_id, subject_kind, subject_id, verb, comment, details)
           SELECT id, 'location', nth, %(verb)s, '', '{}' FROM bench_command ORDER BY id""",
        verb=verb,
    )


def _move(source: str, destination: str, quantity: str, reason: str, last: int) -> None:
    statement = _MOVES.format(source=source, destination=destination, quantity=quantity)
    run(statement, reason=reason, **({"last": last} if "%(last)s" in statement else {}))


def _stock_warehouses(supplier: int) -> None:
    """Plenty of four lots of every item, in every warehouse; and everywhere a little that has expired."""
    run(
        f"""INSERT INTO inventory_stockmovement (lot_id, source_id, destination_id, quantity, reason, reference,
                                                 moved_at, moved_by_id, command_id)
            SELECT lot.id, {supplier}, place.id, CASE WHEN room.kind = 'warehouse' THEN {WAREHOUSE_STOCK} ELSE 2 END,
                   'opening', '', command.at, 4, command.id
              FROM inventory_lot AS lot
              JOIN stations_location AS place ON place.kind = 'supply_room'
              JOIN stations_station AS room ON room.id = place.station_id
              JOIN bench_command AS command ON command.nth = 1
             WHERE (room.kind = 'warehouse' AND lot.id %% {LOTS} IN (3, 4, 5, 6))
                OR (room.kind = 'station' AND lot.id %% {LOTS} = 0 AND (lot.item_id + place.id) %% 200 = 0)
             ORDER BY place.id, lot.id""",
    )
