"""The columns of the files that the lists of requests, shipments, runs, discrepancies, shortages and transfers give."""

from collections.abc import Sequence
from decimal import Decimal
from math import isfinite

from core.exports import Column, cents
from orders.models import ResupplyOrder

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

# Rows are (proposal, the share of one place).
SHORTAGES: Sequence[Column] = (
    Column("Item", lambda row: row[0].item.name),
    Column("SKU", lambda row: row[0].item.sku),
    Column("Source", lambda row: row[0].source.code),
    Column("Free at source", lambda row: row[0].free),
    Column("Station", lambda row: row[1].station.code),
    Column("Place", lambda row: row[1].location.name),
    Column("Priority", lambda row: str(ResupplyOrder.Priority(row[1].priority).label)),
    Column("Requests", lambda row: ", ".join(str(line.order) for line in row[1].lines)),
    Column("Has", lambda row: row[1].need.usable),
    Column("Coming", lambda row: row[1].need.coming),
    Column("Used a day", lambda row: _rounded(row[1].need.per_day)),
    Column("Wants", lambda row: row[1].wanted),
    Column("Proposed", lambda row: row[1].quantity),
    Column("Unit", lambda row: row[0].item.unit_of_measure),
    Column("Lasts days", lambda row: _rounded(row[1].days_before)),
    Column("Would last days", lambda row: _rounded(row[1].days_after)),
)

# Rows are ``queries.transfers.ProposalRow``.
TRANSFERS: Sequence[Column] = (
    Column("Item", lambda row: row.proposal.item.name),
    Column("SKU", lambda row: row.proposal.item.sku),
    Column("Quantity", lambda row: row.proposal.quantity),
    Column("Unit", lambda row: row.proposal.item.unit_of_measure),
    Column("From", lambda row: row.proposal.donor.station.code),
    Column("From name", lambda row: row.proposal.donor.station.name),
    Column("From has", lambda row: row.proposal.donor_usable),
    Column("From keeps", lambda row: row.proposal.donor_keeps),
    Column("To", lambda row: row.proposal.receiver.station.code),
    Column("To name", lambda row: row.proposal.receiver.station.name),
    Column("To has", lambda row: row.proposal.receiver_usable),
    Column("To lacks", lambda row: row.proposal.receiver_lacks),
    Column("Short", lambda row: row.proposal.is_short),
    Column("Would expire", lambda row: row.proposal.expiring),
    Column("First expiry", lambda row: row.proposal.expires_on),
    Column("Value", lambda row: cents(row.proposal.value_cents)),
    Column("Run", lambda row: str(row.ride.run) if row.ride else None),
    Column("Metres", lambda row: row.proposal.metres),
)


def _rounded(number: float) -> Decimal | None:
    """To a tenth; None for what never ends."""
    return round(Decimal(number), 1) if isfinite(number) else None
