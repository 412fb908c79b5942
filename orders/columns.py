"""The columns of the files that the lists of requests, shipments, runs and discrepancies give."""

from collections.abc import Sequence

from core.exports import Column

REQUESTS: Sequence[Column] = (
    Column("Request", str),
    Column("Priority", lambda order: order.get_priority_display()),
    Column("Station", lambda order: order.station.code),
    Column("Station name", lambda order: order.station.name),
    Column("State", lambda order: order.get_state_display()),
    Column("Items", lambda order: order.line_count),
    Column("Backordered lines", lambda order: order.owed_lines),
    Column("Arrives", lambda order: order.arrives_at),
    Column("Needed by", lambda order: order.needed_by),
    Column("Asked", lambda order: order.submitted_at),
    Column("Suggested", lambda order: order.is_automatic),
)

SHIPMENTS: Sequence[Column] = (
    Column("Shipment", str),
    Column("Priority", lambda one: one.get_priority_display()),
    Column("To", lambda one: one.destination.code),
    Column("To name", lambda one: one.destination.name),
    Column("State", lambda one: one.get_state_display()),
    Column("From", lambda one: one.source.code),
    Column("Lines", lambda one: one.line_count),
    Column("Totes", lambda one: one.totes),
    Column("Run", lambda one: str(one.stop.run) if one.stop else None),
    Column("Planned to arrive", lambda one: one.stop.planned_at if one.stop else None),
)

RUNS: Sequence[Column] = (
    Column("Run", str),
    Column("Leaves", lambda run: run.leaves_at),
    Column("State", lambda run: run.get_state_display()),
    Column("Van", lambda run: run.van.code),
    Column("Driver", lambda run: str(run.driver or "")),
    Column("Stops", lambda run: run.stop_count),
    Column("Stops done", lambda run: run.done_count),
    Column("Stops late", lambda run: run.late_count),
    Column("From", lambda run: run.depot.code),
    Column("Metres", lambda run: run.distance_m),
)

DISCREPANCIES: Sequence[Column] = (
    Column("Item", lambda row: row.line.order_line.item.name),
    Column("SKU", lambda row: row.line.order_line.item.sku),
    Column("Quantity", lambda row: row.quantity),
    Column("Unit", lambda row: row.line.order_line.item.unit_of_measure),
    Column("What", lambda row: row.get_kind_display()),
    Column("Lot", lambda row: str(row.line.level.lot)),
    Column("Shipment", lambda row: str(row.line.shipment)),
    Column("Station", lambda row: row.line.shipment.destination.code),
    Column("Reported", lambda row: row.reported_at),
    Column("Reason of the receiver", lambda row: row.line.receipt_reason),
    Column("Settled", lambda row: row.settled_at),
    Column("Settled by", lambda row: str(row.settled_by or "")),
    Column("What became of it", lambda row: row.get_resolution_display()),
    Column("Reason", lambda row: row.reason),
)
