"""The packing slip: what is in a shipment by lot, what was ordered, what is still to come, and where to sign."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus import Flowable, KeepTogether

from core.errors import DomainError
from core.paper.parts import Column, Tick, WriteOn, facts, gap, heading, lines_table, words
from core.paper.sheets import Stamp, moment, print_sheet
from inventory.quantities import in_words
from orders.models import OrderLine, Shipment, ShipmentLine
from orders.papers.words import item_cell, lot_cell, run_words

COLUMNS = (
    Column("Item", 3.8), Column("Lot", 2.4), Column("Ordered", 1.7, is_right=True), Column("Sent", 1.7, is_right=True),
    Column("Still to come", 1.5, is_right=True), Column("Received", 1.3, is_right=True),
)  # fmt: skip


@dataclass(frozen=True)
class PackingSlip:
    """A shipment, its lines, and the lines of the same orders of which nothing is in it, with ``to_come``."""

    shipment: Shipment
    lines: Sequence[ShipmentLine]
    others: Sequence[OrderLine]


def print_packing_slip(slip: PackingSlip, stamp: Stamp) -> bytes:
    """The slip on as many pages as it takes. Refuses a shipment with nothing in it."""
    shipment = slip.shipment
    if not slip.lines:
        raise DomainError(f"Nothing is in {shipment}, so there is no packing slip. What was promised is owed again.")
    story = [_facts(slip, stamp), gap(), _lines(slip, stamp), *_others(slip, stamp)]
    signed = WriteOn(["Received by (name)", "Signature", "Date and time"], stamp.width)
    story.append(KeepTogether([signed]))
    about = f"to {shipment.destination}, from {shipment.source}"
    return print_sheet(stamp, f"Packing slip {shipment}", about, story)


def _facts(slip: PackingSlip, stamp: Stamp) -> Flowable:
    shipment = slip.shipment
    orders = sorted({line.order_line.order.number for line in slip.lines})
    received = f"{moment(shipment.received_at)} by {shipment.received_by}" if shipment.received_at else ""
    pairs = [
        ("Deliver to", ", ".join(filter(None, [shipment.destination.name, shipment.destination.address]))),
        ("Priority", shipment.get_priority_display() if shipment.priority else ""),
        ("Orders", ", ".join(orders)),
        ("Totes", str(shipment.totes or "")),
        ("Run", run_words(shipment)),
        ("Received", received),
    ]
    return facts(pairs, stamp.width)


def _lines(slip: PackingSlip, stamp: Stamp) -> Flowable:
    here = Counter[int]()
    for line in slip.lines:
        here[line.order_line_id] += line.quantity
    seen: set[int] = set()
    rows: list[list[Flowable]] = []
    for line in slip.lines:
        wanted, item = line.order_line, line.order_line.item
        is_first = wanted.pk not in seen
        seen.add(wanted.pk)
        ordered = _ordered(wanted) if is_first else ""
        rest = _rest(_to_come(slip.shipment, wanted, here[wanted.pk]), wanted) if is_first else ""
        rows.append(
            [
                item_cell(item, order=wanted.order),
                lot_cell(line.level.lot, line.lot_reason),
                words(ordered, is_right=True),
                words(in_words(line.quantity, item), is_bold=True, is_right=True),
                words(rest, is_right=True),
                _received(line),
            ]
        )
    return lines_table(COLUMNS, rows, stamp.width)


def _ordered(line: OrderLine) -> str:
    asked = in_words(line.asked, line.item)
    approved = line.approved or 0
    return asked if approved == line.asked else f"{asked}, approved {in_words(approved, line.item)}"


def _to_come(shipment: Shipment, line: OrderLine, here: int) -> int:
    """What is approved, and neither in this shipment nor sent already nor given up."""
    waits_here = here if shipment.state in Shipment.NOT_LEFT else 0
    return (line.approved or 0) - line.cancelled - line.shipped - waits_here


def _rest(count: int, line: OrderLine) -> str:
    return in_words(count, line.item) if count else "–"


def _received(line: ShipmentLine) -> Flowable:
    """A box to tick; once it is received, what was."""
    if line.accepted is None:
        return Tick()
    parts = [f"{line.accepted:,}"]
    parts += [f"{count:,} {word}" for count, word in ((line.damaged, "damaged"), (line.missing, "missing")) if count]
    return words(", ".join(parts), is_right=True)


def _others(slip: PackingSlip, stamp: Stamp) -> list[Flowable]:
    if not slip.others:
        return []
    rows = [
        [
            item_cell(line.item),
            words(str(line.order)),
            words(_ordered(line), is_right=True),
            words(in_words(line.to_come, line.item), is_right=True),  # type: ignore[attr-defined]  # annotated
        ]
        for line in slip.others
    ]
    columns = [COLUMNS[0], Column("Order", 1.9), COLUMNS[2], COLUMNS[4]]
    return [*heading("Not in this delivery, still to come"), lines_table(columns, rows, stamp.width)]
