"""The packing slip: what is in a shipment by lot, what was ordered, what is still to come, and where to sign."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.platypus import Flowable, KeepTogether

from core.errors import DomainError
from core.paper.parts import Column, Tick, WriteOn, facts, gap, heading, lines_table, words
from core.paper.sheets import Stamp, moment, print_sheet
from inventory.quantities import in_words
from orders.models import OrderLine, Shipment, ShipmentLine
from orders.papers.words import from_and_to, item_cell, lot_cell, run_words


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("Item"), 3.8),
        Column(_("Lot"), 2.4),
        Column(_("Ordered"), 1.7, is_right=True),
        Column(pgettext("quantity", "Sent"), 1.7, is_right=True),
        Column(_("Still to come"), 1.5, is_right=True),
        Column(_("Received"), 1.3, is_right=True),
    )


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
        raise DomainError(
            _("Nothing is in %(shipment)s, so there is no packing slip. What was promised is owed again.")
            % {"shipment": shipment}
        )
    story = [_facts(slip, stamp), gap(), _lines(slip, stamp), *_others(slip, stamp)]
    signed = WriteOn([_("Received by (name)"), _("Signature"), _("Date and time")], stamp.width)
    story.append(KeepTogether([signed]))
    about = from_and_to(shipment)
    return print_sheet(stamp, _("Packing slip %(shipment)s") % {"shipment": shipment}, about, story)


def _facts(slip: PackingSlip, stamp: Stamp) -> Flowable:
    shipment = slip.shipment
    orders = sorted({line.order_line.order.number for line in slip.lines})
    received = ""
    if shipment.received_at:
        receipt = {"when": moment(shipment.received_at), "person": shipment.received_by}
        received = _("%(when)s by %(person)s") % receipt
    pairs = [
        (_("Deliver to"), ", ".join(filter(None, [shipment.destination.name, shipment.destination.address]))),
        (_("Priority"), shipment.get_priority_display() if shipment.priority else ""),
        (_("Orders"), ", ".join(orders)),
        (_("Totes"), str(shipment.totes or "")),
        (_("Run"), run_words(shipment)),
        (_("Received"), received),
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
    return lines_table(_columns(), rows, stamp.width)


def _ordered(line: OrderLine) -> str:
    asked = in_words(line.asked, line.item)
    approved = line.approved or 0
    if approved == line.asked:
        return asked
    return _("%(asked)s, approved %(approved)s") % {"asked": asked, "approved": in_words(approved, line.item)}


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
    if line.damaged:
        parts.append(_("%(number)s damaged") % {"number": f"{line.damaged:,}"})
    if line.missing:
        parts.append(_("%(number)s missing") % {"number": f"{line.missing:,}"})
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
    known = _columns()
    columns = [known[0], Column(_("Order"), 1.9), known[2], known[4]]
    return [*heading(_("Not in this delivery, still to come")), lines_table(columns, rows, stamp.width)]
