"""W1: the sweep with its drafts, from nothing: every shortfall, every draft and every line is written."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from ems_supply.bench.asked import Asked, Tell
from ems_supply.bench.division import Size, load, run
from ems_supply.bench.measuring import Timed, forget_peak, growth_exponent, in_turn, peak_mib, seconds_of
from ems_supply.bench.report import Bound, Figure
from orders.actions.sweep import sweep_par_levels
from orders.models import OrderLine, ResupplyOrder, Shortfall

QUICK = (Size(3, 20), Size(6, 20))
SIZES = (Size(20, 200), Size(100, 500), Size(300, 1_000), Size(1_000, 2_000))
AT_MOST, GROWTH, MEMORY_MIB = 1.5, 1.05, 300.0

# The same sweep by hand, over the whole division at once: one statement for each table that it writes.
_SHORTFALLS = """
    INSERT INTO orders_shortfall
           (location_id, item_id, par, minimum, usable, expiring, inbound, awaiting, need, since, swept_at)
    SELECT par.location_id, par.item_id, par.par, par.minimum, COALESCE(usable, 0), COALESCE(expiring, 0),
           COALESCE(inbound, 0), COALESCE(awaiting, 0),
           (par.par - COALESCE(usable, 0) - COALESCE(inbound, 0) + COALESCE(pack.quantity, 1) - 1)
               / COALESCE(pack.quantity, 1) * COALESCE(pack.quantity, 1),
           %(at)s, %(at)s
      FROM inventory_parlevel AS par
      LEFT JOIN (
            SELECT level.location_id, lot.item_id,
                   SUM(level.on_hand - level.allocated) FILTER (
                       WHERE lot.expires_on IS NULL OR lot.expires_on >= place.until) AS usable,
                   SUM(level.on_hand - level.allocated) FILTER (WHERE lot.expires_on < place.until) AS expiring
              FROM inventory_stocklevel AS level
              JOIN inventory_lot AS lot ON lot.id = level.lot_id AND lot.status = 'usable'
              JOIN (SELECT location.id, %(today)s::date + review_days + lead_days AS until
                      FROM stations_location AS location
                      LEFT JOIN stations_unit AS unit ON unit.id = location.unit_id
                      JOIN stations_station AS station
                        ON station.id = COALESCE(location.station_id, unit.station_id)) AS place
                ON place.id = level.location_id
             WHERE level.on_hand > 0
             GROUP BY level.location_id, lot.item_id) AS stock USING (location_id, item_id)
      LEFT JOIN (
            SELECT line.location_id, line.item_id,
                   SUM(line.approved - line.cancelled - line.received - line.damaged - line.missing)
                       FILTER (WHERE state <> 'submitted') AS inbound,
                   SUM(COALESCE(line.approved, line.asked)) FILTER (WHERE state = 'submitted') AS awaiting
              FROM orders_orderline AS line JOIN orders_resupplyorder AS resupply ON resupply.id = line.order_id
             WHERE resupply.state IN ('submitted', 'approved', 'in_fulfilment')
             GROUP BY line.location_id, line.item_id) AS coming USING (location_id, item_id)
      LEFT JOIN inventory_pack AS pack ON pack.item_id = par.item_id AND pack.is_issue_pack
     WHERE COALESCE(usable, 0) + COALESCE(inbound, 0) < par.minimum
"""
_DRAFTS = """
    INSERT INTO orders_resupplyorder
           (station_id, source_id, state, priority, is_automatic, comment, created_at, version)
    SELECT station.id, station.supplied_by_id, 'draft', 0, TRUE, '', %(at)s, 2
      FROM stations_station AS station
     WHERE station.supplied_by_id IS NOT NULL AND station.id IN (
           SELECT location.station_id
             FROM orders_shortfall AS short JOIN stations_location AS location ON location.id = short.location_id
            WHERE short.need > short.awaiting)
"""
_LINES = """
    INSERT INTO orders_orderline
           (order_id, location_id, item_id, asked, suggested, par, minimum, usable, expiring, inbound,
            is_edited, approval_reason, allocated, shipped, received, damaged, missing, cancelled)
    SELECT draft.id, short.location_id, short.item_id, short.need - short.awaiting, short.need - short.awaiting,
           short.par, short.minimum, short.usable, short.expiring, short.inbound, FALSE, '', 0, 0, 0, 0, 0, 0
      FROM orders_shortfall AS short
      JOIN stations_location AS location ON location.id = short.location_id
      JOIN orders_resupplyorder AS draft
        ON draft.station_id = location.station_id AND draft.state = 'draft' AND draft.is_automatic
     WHERE short.need > short.awaiting AND location.kind IN ('supply_room', 'safe')
"""
_EVENTS = """
    WITH command AS (
        INSERT INTO stations_command (request_id, verb, fingerprint, by_id, at)
        VALUES (gen_random_uuid(), 'sweep_par_levels', '', NULL, %(at)s) RETURNING id)
    INSERT INTO stations_event (command_id, subject_kind, subject_id, verb, comment, details)
    SELECT command.id, 'resupplyorder', draft.id, 'worked out', '', '{}'
      FROM command, orders_resupplyorder AS draft WHERE draft.state = 'draft' AND draft.is_automatic
"""


def sweep_by_hand(at: datetime) -> None:
    """The floor: what the sweep writes, by one transaction of four statements with memory enough to sort and hash."""
    with transaction.atomic():
        run("SET LOCAL work_mem = '256MB'")
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(_SHORTFALLS, at=at, today=timezone.localdate(at))
        run(_DRAFTS, at=at)
        run(_LINES)
        run(_EVENTS, at=at)


def swept_away() -> None:
    """As before the sweep: no shortfall, no draft, and nothing of its log."""
    run("TRUNCATE orders_shortfall, orders_resupplyorder, orders_orderline CASCADE")
    run("CREATE TEMPORARY TABLE IF NOT EXISTS bench_last AS SELECT COALESCE(MAX(id), 0) AS id FROM stations_event")
    run("ALTER TABLE stations_event DISABLE TRIGGER USER")
    run("DELETE FROM stations_event WHERE verb = 'worked out'")
    run("ALTER TABLE stations_event ENABLE TRIGGER USER")


def written() -> tuple[object, ...]:
    """What stands in the tables that the sweep writes, as one row that two sweeps of the same stock share."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT COUNT(*) FROM orders_shortfall),
                      (SELECT SUM(need::bigint * (location_id * 31 + item_id)) FROM orders_shortfall),
                      (SELECT SUM(usable + expiring * 7 + inbound * 11 + awaiting * 13) FROM orders_shortfall),
                      (SELECT COUNT(*) FROM orders_orderline),
                      (SELECT SUM(asked::bigint * (location_id * 31 + item_id)) FROM orders_orderline),
                      (SELECT COUNT(*) FROM orders_resupplyorder WHERE is_automatic),
                      (SELECT COUNT(*) FROM stations_event WHERE verb = 'worked out')"""
        )
        row: tuple[object, ...] = cursor.fetchone() or ()
    return row


def measure(asked: Asked, tell: Tell) -> Iterator[Figure]:
    """The sweep at each size, and how it grows over them."""
    at, runs = asked.at, asked.runs
    sizes = asked.sizes or (QUICK if asked.quick else SIZES)
    found: list[tuple[Size, Timed, float]] = []
    for size in sizes:
        tell(f"W1 {size}: loading {size.pairs * size.movements:,} movements")
        load(size, at=at)
        tell(f"W1 {size}: sweeping")
        timed, peak = _measured(size, at, runs)
        found.append((size, timed, peak))
        yield _time(size, timed)
        yield Figure("W1", "Memory of the sweep", str(size), peak, "MiB", bound=Bound(MEMORY_MIB, "value"))
        yield _again(size, at)
    if len(found) > 1:
        pairs = [float(size.pairs) for size, _, _ in found]
        exponent = growth_exponent(pairs, [timed.seconds for _, timed, _ in found])
        floor = growth_exponent(pairs, [timed.floor_seconds for _, timed, _ in found])
        yield Figure(
            "W1", "Growth exponent of the sweep", "all", exponent, "", floor=floor, bound=Bound(GROWTH, "value")
        )


def _measured(size: Size, at: datetime, runs: int) -> tuple[Timed, float]:
    swept_away()
    sweep_by_hand(at)
    expected = written()
    swept_away()
    forget_peak()
    sweep_par_levels(at=at)
    peak = peak_mib()
    if written() != expected:
        raise AssertionError(f"At {size} the sweep wrote {written()}, the floor {expected}.")
    return in_turn(lambda: sweep_par_levels(at=at), lambda: sweep_by_hand(at), reset=swept_away, runs=runs), peak


def _time(size: Size, timed: Timed) -> Figure:
    return Figure(
        "W1",
        "Sweep with drafts",
        str(size),
        timed.seconds,
        "s",
        floor=timed.floor_seconds,
        bound=Bound(AT_MOST),
        details={"runs": timed.system, "floor_runs": timed.floor, "movements": size.pairs * size.movements},
    )


def _again(size: Size, at: datetime) -> Figure:
    """The usual sweep: an hour later, when hardly anything has changed."""
    sweep_par_levels(at=at)
    counts = [model.objects.count() for model in (Shortfall, OrderLine, ResupplyOrder)]
    again = seconds_of(lambda: sweep_par_levels(at=at))
    swept_away()
    details = dict(zip(("shortfalls", "lines", "drafts"), counts, strict=True))
    return Figure("W1", "Sweep again, nothing changed", str(size), again, "s", details=details)
