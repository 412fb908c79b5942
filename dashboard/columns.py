"""The columns of the files that the log, the stations and the lines of each figure give."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from core.exports import Column, cents

UNIT = "Unit"

LOG: Sequence[Column] = (
    Column("Number", lambda entry: entry.event.pk),
    Column("What", lambda entry: entry.event.verb),
    Column("About", lambda entry: entry.subject),
    Column("Who", lambda entry: str(entry.event.command.by or "The system")),
    Column("When", lambda entry: entry.event.command.at),
    Column("Why", lambda entry: entry.event.comment),
    Column("Details", lambda entry: "; ".join(entry.changes)),
    Column("Command", lambda entry: str(entry.event.command.request_id)),
)

STATIONS: Sequence[Column] = (
    Column("Station", lambda row: row.station.code),
    Column("Station name", lambda row: row.station.name),
    Column("Kind", lambda row: row.station.get_kind_display()),
    Column("State", lambda row: str(row.state)),
    Column("Worst item", lambda row: row.worst and row.worst.item_name),
    Column("Worst SKU", lambda row: row.worst and row.worst.sku),
    Column("Usable", lambda row: row.worst and row.worst.usable),
    Column("Par", lambda row: row.worst and row.worst.par),
    Column("Short", lambda row: row.short),
    Column("Out", lambda row: row.out),
    Column("Par levels", lambda row: row.lines),
    Column("Units", lambda row: len(row.units)),
    Column("Units not ready", lambda row: row.units_not_ready),
)

_ORDER_LINE = (
    Column("Item", lambda line: line.item.name),
    Column("SKU", lambda line: line.item.sku),
    Column("Station", lambda line: line.order.station.code),
    Column("Request", lambda line: str(line.order)),
)

_ORDER_LINES: Sequence[Column] = (
    *_ORDER_LINE,
    Column("Asked", lambda line: line.asked),
    Column("Approved", lambda line: line.approved),
    Column("Reason", lambda line: line.approval_reason),
    Column("First shipment", lambda line: line.first_quantity),
    Column(UNIT, lambda line: line.item.unit_of_measure),
    Column("First sent", lambda line: line.first_sent_at),
    Column("Judged", lambda line: line.judged_at),
    Column("Filled", lambda line: line.first_quantity >= line.asked),
)

_PAR_LINES: Sequence[Column] = (
    Column("Item", lambda one: one.item.name),
    Column("SKU", lambda one: one.item.sku),
    Column("Station", lambda one: one.location.owner.code),
    Column("Place", lambda one: one.location.name),
    Column("State", lambda one: str(one.line.state)),
    Column("Usable", lambda one: one.line.usable),
    Column("On hand", lambda one: one.line.on_hand),
    Column("Expiring", lambda one: one.line.expiring),
    Column("Short below", lambda one: one.line.short_below),
    Column("Par", lambda one: one.line.par),
    Column("Coming", lambda one: one.line.inbound),
    Column(UNIT, lambda one: one.item.unit_of_measure),
)

_ORDERS: Sequence[Column] = (
    Column("Request", str),
    Column("Station", lambda order: order.station.code),
    Column("Lines", lambda order: order.line_count),
    Column("Sent", lambda order: order.submitted_at),
    Column("Last receipt", lambda order: order.last_received_at),
    Column("Hours waited", lambda order: _hours(order.waited)),
)

_BACKORDERS: Sequence[Column] = (
    *_ORDER_LINE,
    Column("Priority", lambda line: line.order.get_priority_display()),
    Column("Owed", lambda line: line.owed_quantity),
    Column("Approved", lambda line: line.approved),
    Column(UNIT, lambda line: line.item.unit_of_measure),
    Column("Fell due", lambda line: line.due_at),
)

_STOCK: Sequence[Column] = (
    Column("Item", lambda level: level.lot.item.name),
    Column("SKU", lambda level: level.lot.item.sku),
    Column("Lot", lambda level: str(level.lot)),
    Column("Status", lambda level: level.lot.get_status_display()),
    Column("Station", lambda level: level.location.owner.code),
    Column("Place", lambda level: level.location.name),
    Column("On hand", lambda level: level.on_hand),
    Column(UNIT, lambda level: level.lot.item.unit_of_measure),
    Column("Expires", lambda level: level.lot.expires_on),
    Column("Value", lambda level: cents(level.cents)),
)


def lines(template: str, fresh_since: datetime) -> Sequence[Column]:
    """The columns of a figure's lines, by the template that shows them."""
    places = (
        Column("Place", lambda place: place.name),
        Column("Station", lambda place: place.owner.code),
        Column("Last counted", lambda place: place.counted_at),
        Column("To count", lambda place: place.counted_at is None or place.counted_at < fresh_since),
    )
    return places if template == "places" else _LINES[template]


_LINES: Mapping[str, Sequence[Column]] = {
    "stations": STATIONS,
    "order_lines": _ORDER_LINES,
    "par_lines": _PAR_LINES,
    "orders": _ORDERS,
    "backorders": _BACKORDERS,
    "stock": _STOCK,
}


def _hours(wait: timedelta) -> Decimal:
    return round(Decimal(int(wait.total_seconds())) / 3600, 1)
