"""Twelve weeks of requests, deliveries and counts for a division of the bench, so that its pages have lines to show."""

from datetime import datetime

from django.db import connection

from ems_supply.bench.division import LOTS, Size, renumber, run, settle
from ems_supply.bench.loading import lifted
from orders.actions.sweep import sweep_par_levels

ORDERS, LINES = 12, 20
BIG = ("orders_resupplyorder", "orders_orderline", "orders_shipment", "orders_shipmentline")

# Of each station: twelve closed requests, one a week; one half sent, half owed; and of a third, one that waits.
_ORDERS = """
    INSERT INTO orders_resupplyorder (station_id, source_id, state, priority, is_automatic, comment, requested_by_id,
                                      created_at, submitted_at, approved_at, closed_at, version)
    SELECT id, supplied_by_id, CASE WHEN nth < %(orders)s THEN 'closed' WHEN nth = %(orders)s THEN 'in_fulfilment'
                                    ELSE 'submitted' END,
           CASE WHEN (id + nth) %% 20 = 0 THEN 2 ELSE 0 END, FALSE, '', 4, sent, sent,
           CASE WHEN nth <= %(orders)s THEN sent + INTERVAL '3 hours' END,
           CASE WHEN nth < %(orders)s THEN sent + INTERVAL '4 days' END, 4
      FROM (SELECT station.id, supplied_by_id, nth,
                   %(at)s::timestamptz - CASE WHEN nth < %(orders)s THEN INTERVAL '7 days' * (%(orders)s - nth)
                                              WHEN nth > %(orders)s THEN INTERVAL '4 hours'
                                              WHEN station.id %% 5 = 0 THEN INTERVAL '6 days'
                                              ELSE INTERVAL '2 days' END AS sent
              FROM stations_station AS station, generate_series(0, %(orders)s + 1) AS nth
             WHERE kind = 'station' AND (nth <= %(orders)s OR station.id %% 3 = 0)) AS wanted
     ORDER BY sent, id
"""
_LINES = """
    INSERT INTO orders_orderline (order_id, location_id, item_id, asked, is_edited, approved, approval_reason,
                                  allocated, shipped, received, damaged, missing, cancelled)
    SELECT resupply.id, resupply.station_id, (resupply.id * 13 + nth) %% %(items)s + 1, 10, FALSE,
           CASE WHEN state <> 'submitted' THEN 10 END, '',
           CASE WHEN state = 'in_fulfilment' AND nth >= 10 THEN CASE WHEN nth >= 15 THEN 5 ELSE 10 END ELSE 0 END,
           CASE WHEN state = 'closed' AND nth = 0 THEN 8
                WHEN state = 'closed' OR (state = 'in_fulfilment' AND nth < 10) THEN 10 ELSE 0 END,
           CASE WHEN state = 'closed' THEN CASE WHEN nth = 0 THEN 8 ELSE 10 END ELSE 0 END, 0, 0,
           CASE WHEN state = 'closed' AND nth = 0 THEN 2 ELSE 0 END
      FROM orders_resupplyorder AS resupply, generate_series(0, %(lines)s - 1) AS nth
     ORDER BY resupply.id, nth
"""
_RUNS = """
    INSERT INTO orders_deliveryrun (depot_id, van_id, driver_id, run_on, state, leaves_at, left_at, completed_at,
                                    distance_m, version, is_locked, is_by_hand)
    SELECT DISTINCT resupply.source_id, van.id, 5, (resupply.submitted_at + INTERVAL '2 days')::date,
           CASE WHEN resupply.state = 'closed' THEN 'completed' ELSE 'out' END,
           resupply.submitted_at + INTERVAL '2 days' - (resupply.station_id %% 5) * INTERVAL '1 minute',
           resupply.submitted_at + INTERVAL '2 days', CASE WHEN resupply.state = 'closed' THEN resupply.closed_at END,
           30000, 1, FALSE, FALSE
      FROM orders_resupplyorder AS resupply
      JOIN stations_unit AS van ON van.station_id = resupply.source_id AND van.kind = 'van'
     WHERE resupply.state = 'closed'
        OR (resupply.state = 'in_fulfilment' AND resupply.id = (
            SELECT MIN(id) FROM orders_resupplyorder AS first
             WHERE first.source_id = resupply.source_id AND first.state = 'in_fulfilment'))
"""
_STOPS = """
    INSERT INTO orders_stop (run_id, station_id, position, state, window_start, window_end, planned_at, arrived_at,
                             left_at, handed_to, missed_reason)
    SELECT run.id, resupply.station_id, row_number() OVER (PARTITION BY run.id ORDER BY resupply.station_id),
           CASE WHEN resupply.state = 'closed' THEN 'delivered' ELSE 'planned' END, run.leaves_at,
           run.leaves_at + INTERVAL '8 hours', run.leaves_at + INTERVAL '1 hour',
           CASE WHEN resupply.state = 'closed' THEN run.leaves_at + INTERVAL '1 hour' END,
           CASE WHEN resupply.state = 'closed' THEN run.leaves_at + INTERVAL '2 hours' END,
           CASE WHEN resupply.state = 'closed' THEN 'Lee' ELSE '' END, ''
      FROM orders_resupplyorder AS resupply
      JOIN orders_deliveryrun AS run ON run.depot_id = resupply.source_id AND (
               (resupply.state = 'in_fulfilment' AND run.state = 'out')
            OR (resupply.state = 'closed' AND run.state = 'completed' AND run.leaves_at
                = resupply.submitted_at + INTERVAL '2 days' - (resupply.station_id %% 5) * INTERVAL '1 minute'))
"""
_SHIPMENTS = """
    INSERT INTO orders_shipment (source_id, destination_id, state, priority, stop_id, totes, created_at, picker_id,
                                 packed_at, dispatched_at, delivered_at, received_at, received_by_id, version,
                                 wait_reason)
    SELECT resupply.source_id, resupply.station_id, part.state, resupply.priority,
           CASE WHEN part.state <> 'planned' THEN stop.id END, 1, resupply.approved_at,
           CASE WHEN part.state <> 'planned' THEN 1 END,
           CASE WHEN part.state <> 'planned' THEN resupply.approved_at + INTERVAL '1 day' END,
           CASE WHEN part.state <> 'planned' THEN resupply.submitted_at + INTERVAL '2 days' END,
           CASE WHEN part.state = 'received' THEN resupply.submitted_at + INTERVAL '3 days' END,
           CASE WHEN part.state = 'received' THEN resupply.closed_at END,
           CASE WHEN part.state = 'received' THEN 4 END, 5, ''
      FROM orders_resupplyorder AS resupply
      JOIN (VALUES ('closed', 'received'), ('in_fulfilment', 'dispatched'), ('in_fulfilment', 'planned'))
           AS part (of_order, state) ON part.of_order = resupply.state
      JOIN orders_stop AS stop ON stop.station_id = resupply.station_id
      JOIN orders_deliveryrun AS run ON run.id = stop.run_id AND (
               (resupply.state = 'in_fulfilment' AND run.state = 'out')
            OR (resupply.state = 'closed' AND run.leaves_at
                = resupply.submitted_at + INTERVAL '2 days' - (resupply.station_id %% 5) * INTERVAL '1 minute'))
     ORDER BY resupply.id
"""
_SHIPMENT_LINES = """
    INSERT INTO orders_shipmentline (shipment_id, order_line_id, level_id, quantity, is_picked, lot_reason, accepted,
                                     damaged, missing, receipt_reason)
    SELECT shipment.id, line.id, level.id,
           CASE WHEN shipment.state = 'planned' THEN line.allocated ELSE line.shipped END,
           shipment.state <> 'planned', '', CASE WHEN shipment.state = 'received' THEN line.received END, 0, 0, ''
      FROM orders_shipment AS shipment
      JOIN orders_resupplyorder AS resupply
        ON resupply.station_id = shipment.destination_id AND resupply.approved_at = shipment.created_at
      JOIN orders_orderline AS line ON line.order_id = resupply.id
       AND CASE WHEN shipment.state = 'planned' THEN line.allocated ELSE line.shipped END > 0
      JOIN inventory_stocklevel AS level
        ON level.location_id = shipment.source_id AND level.lot_id = (line.item_id - 1) * %(lots)s + 3
"""
_ALLOCATED = """
    UPDATE inventory_stocklevel AS level SET allocated = promised.quantity
      FROM (SELECT level_id, SUM(quantity) AS quantity
              FROM orders_shipmentline AS line JOIN orders_shipment AS shipment ON shipment.id = line.shipment_id
             WHERE shipment.state = 'planned' GROUP BY level_id) AS promised
     WHERE promised.level_id = level.id
"""
_COUNTS = """
    INSERT INTO inventory_cyclecount (location_id, state, is_blind, opened_by_id, opened_at, posted_at, version)
    SELECT id, 'posted', FALSE, 4, %(at)s::timestamptz - (id %% 33 + 1) * INTERVAL '1 day',
           %(at)s::timestamptz - (id %% 33) * INTERVAL '1 day' - INTERVAL '1 hour', 3
      FROM stations_location WHERE kind IN ('supply_room', 'unit')
"""
_SNAPSHOTS = """
    INSERT INTO dashboard_dailysnapshot (day, taken_at, stations, stations_ready, lines_asked, lines_filled, par_lines,
                                         par_lines_out, receipt_minutes, backorders_overdue, expiring_cents,
                                         expired_cents, places, places_counted)
    SELECT (%(at)s::timestamptz - nth * INTERVAL '1 day')::date, %(at)s, 100, 80 + nth %% 20, 1000, 950, 9000, 90, 5000,
           3, 100000, 9000, 120, 110 FROM generate_series(0, 83) AS nth
"""


def live(size: Size, *, at: datetime) -> None:
    """Add the history to a division that was just loaded, then sweep it."""
    with lifted(*BIG):
        run(_ORDERS, at=at, orders=ORDERS)
        run(_LINES, items=size.items, lines=LINES)
        run("ANALYZE orders_resupplyorder, orders_orderline")
        run(_RUNS)
        run(_STOPS)
        run("ANALYZE orders_deliveryrun, orders_stop")
        run(_SHIPMENTS)
        run("ANALYZE orders_shipment")
        run(_SHIPMENT_LINES, lots=LOTS)
    run(_ALLOCATED)
    run(
        "INSERT INTO orders_approvalstep (order_id, position, role, rule) "
        "SELECT id, 1, 'logistics', 'standard' FROM orders_resupplyorder WHERE state = 'submitted'"
    )
    run(_COUNTS, at=at)
    run(_SNAPSHOTS, at=at)
    renumber()
    sweep_par_levels(at=at)
    connection.close()
    settle()
