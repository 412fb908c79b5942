"""The pick list, of one shipment or of all that a run takes: bin by bin, with a box to tick at each line."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.platypus import Flowable, KeepTogether

from core.errors import DomainError
from core.paper.parts import Column, Tick, WriteOn, facts, gap, heading, lines_table, named, words
from core.paper.sheets import Stamp, print_sheet
from inventory.quantities import in_words
from orders.models import DeliveryRun, OrderLine, Shipment, ShipmentLine
from orders.papers.words import from_and_to, item_cell, leaves_words, lines_words, lot_cell, run_words
from orders.queries.shipments import PickGroup


@dataclass(frozen=True)
class PickList:
    """What is to be taken for these shipments, in the order of the walk, and what their orders are ``owed`` that is not
    on the list. ``run``: which takes them all, if it is a list of several."""

    shipments: Sequence[Shipment]
    groups: Sequence[PickGroup]
    owed: Sequence[OrderLine]
    run: DeliveryRun | None = None

    @property
    def lines(self) -> list[ShipmentLine]:
        return [pick.line for group in self.groups for pick in group.lines]


def print_pick_list(picks: PickList, stamp: Stamp) -> bytes:
    """The list of one shipment, or of a run. Refuses one with nothing on it."""
    if not picks.lines:
        raise DomainError(
            _("Nothing is on this list. What was promised is owed again and comes with another shipment.")
        )
    if picks.run is None:
        [shipment] = picks.shipments
        title, about = _("Pick list %(list)s") % {"list": shipment}, from_and_to(shipment)
        known = _facts_of_one(shipment, picks, stamp)
    else:
        title = _("Pick list %(list)s") % {"list": picks.run}
        about = " · ".join([str(picks.run.van), leaves_words(picks.run)])
        known = _facts_of_run(picks, stamp)
    story = [known, gap(), _lines(picks, stamp), *_owed(picks, stamp)]
    story.append(KeepTogether([WriteOn([_("Picked by"), _("Date and time"), _("Totes")], stamp.width)]))
    return print_sheet(stamp, title, about, story)


def _facts_of_one(shipment: Shipment, picks: PickList, stamp: Stamp) -> Flowable:
    orders = sorted({str(line.order_line.order) for line in picks.lines})
    pairs = [
        (_("Priority"), shipment.get_priority_display() if shipment.priority else ""),
        (_("Run"), run_words(shipment)),
        (_("Orders"), ", ".join(orders)),
        (_("Lines"), f"{len(picks.lines):,}"),
    ]
    return facts(pairs, stamp.width)


def _facts_of_run(picks: PickList, stamp: Stamp) -> Flowable:
    counts = Counter(line.shipment_id for line in picks.lines)
    pairs = [
        (_where(shipment), f"{shipment} · {lines_words(counts[shipment.pk])}{_urgency(shipment)}")
        for shipment in picks.shipments
    ]
    return facts(pairs, stamp.width, names=0.5)


def _urgency(shipment: Shipment) -> str:
    return f" · {shipment.get_priority_display()}" if shipment.priority else ""


def _where(shipment: Shipment) -> str:
    """The stop and the station that a line of a run's list is for."""
    position = f"{shipment.stop.position}. " if shipment.stop else ""
    return f"{position}{shipment.destination}"


def _lines(picks: PickList, stamp: Stamp) -> Flowable:
    has_places = len({group.place for group in picks.groups}) > 1
    taken: dict[int, list[int]] = defaultdict(list)
    for line in picks.lines:
        taken[line.level_id].append(line.quantity)
    rows: list[list[Flowable]] = []
    for group in picks.groups:
        for number, line in enumerate(sorted((pick.line for pick in group.lines), key=_by_lot)):
            shelf = named(group.bin or _("No bin"), group.place if has_places else "", size=9 if number else 11)
            rows.append([shelf, *_line(line, picks, taken[line.level_id])])
    return lines_table(_columns(is_of_run=picks.run is not None), rows, stamp.width)


def _columns(*, is_of_run: bool) -> list[Column]:
    return [
        Column(_("Bin"), 1.3),
        Column(_("Item"), 4),
        Column(_("Lot"), 2.4),
        *([Column(_("For"), 2.2)] if is_of_run else []),
        Column(pgettext("quantity to pick", "Take"), 2.2, is_right=True),
        Column("", 0.8, is_right=True),
    ]


def _line(line: ShipmentLine, picks: PickList, taken: Sequence[int]) -> list[Flowable]:
    """What to take, and for whom, if the list is for several; ``taken``: by all lines that take of this lot there."""
    item = line.order_line.item
    whole = _("%(much)s in all") % {"much": in_words(sum(taken), item)} if len(taken) > 1 else ""
    cells = [
        item_cell(item, whole=whole),
        lot_cell(line.level.lot, line.lot_reason),
        words(in_words(line.quantity, item), is_bold=True, is_right=True),
        Tick(is_done=line.is_picked),
    ]
    if picks.run is not None:
        shipment = next(one for one in picks.shipments if one.pk == line.shipment_id)
        cells.insert(2, named(_where(shipment), str(shipment), size=8))
    return cells


def _by_lot(line: ShipmentLine) -> tuple[str, date, int, int]:
    """By item, first expired first; lines of one lot stand together, whoever they are for."""
    return line.order_line.item.name, line.level.lot.expires_on or date.max, line.level_id, line.pk


def _owed(picks: PickList, stamp: Stamp) -> list[Flowable]:
    if not picks.owed:
        return []
    rows = [
        [
            item_cell(line.item),
            words(f"{line.order} · {line.order.station}"),
            words(in_words(line.owed, line.item), is_right=True),
        ]
        for line in picks.owed
    ]
    columns = [Column(_("Item"), 4.2), Column(_("Order"), 3), Column(_("Short"), 2.2, is_right=True)]
    return [*heading(_("Short: owed, and not on this list")), lines_table(columns, rows, stamp.width)]
