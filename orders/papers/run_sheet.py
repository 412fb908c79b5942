"""The run sheet: the stops in order, what each gets and how, and where times and names are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Table, TableStyle

from core.errors import DomainError
from core.paper.parts import TIGHT, WriteOn, facts, gap, named, words
from core.paper.sheets import Stamp, hour, moment, print_sheet
from orders.models import DeliveryRun, Shipment
from orders.papers.words import lines_words, totes_words
from orders.queries.runs import StopCard

SHARES = (0.6, 4.2, 2.2, 4.2)


@dataclass(frozen=True)
class RunSheet:
    """A run, its stops, how each shipment must be handled, and the metres from each stop's predecessor, the last ones
    back to the depot."""

    run: DeliveryRun
    cards: Sequence[StopCard]
    marks: Mapping[int, Sequence[str]]
    legs: Sequence[int]


def print_run_sheet(sheet: RunSheet, stamp: Stamp) -> bytes:
    """Every stop whole on its page. Refuses a run without stops."""
    run = sheet.run
    if not sheet.cards:
        raise DomainError(_("%(run)s has no stops, so there is no run sheet.") % {"run": run})
    stops = [_stop(card, metres, sheet, stamp) for card, metres in zip(sheet.cards, sheet.legs[:-1], strict=True)]
    back = words(_("Back to %(depot)s: %(way)s") % {"depot": run.depot, "way": kilometres(sheet.legs[-1])})
    ends = WriteOn([_("Odometer out"), _("Odometer in"), _("Back at"), _("Driver")], stamp.width)
    story = [_facts(sheet, stamp), gap(2), *stops, KeepTogether([gap(2), back, ends])]
    begins = _("from %(depot)s") % {"depot": run.depot}
    about = f"{run.van} · {moment(run.leaves_at)} · {begins}"
    return print_sheet(stamp, _("Run sheet %(run)s") % {"run": run}, about, story)


def kilometres(metres: int) -> str:
    return f"{metres / 1000:.1f} km"


def _facts(sheet: RunSheet, stamp: Stamp) -> Flowable:
    run, cards = sheet.run, sheet.cards
    words_of_all = {word: None for card in cards for one in _carried(card) for word in sheet.marks.get(one.pk, ())}
    leaves = moment(run.leaves_at)
    if run.left_at:
        leaves = _("%(planned)s, left %(left)s") % {"planned": leaves, "left": hour(run.left_at)}
    totes = totes_words(sum(card.totes for card in cards))
    carries = ngettext("%(totes)s to %(count)d stop", "%(totes)s to %(count)d stops", len(cards))
    way = _("%(way)s there and back, as planned") % {"way": kilometres(sum(sheet.legs))}
    pairs = [
        (_("Driver"), str(run.driver or _("nobody yet"))),
        (pgettext("departure", "Leaves"), leaves),
        (_("Carries"), carries % {"totes": totes, "count": len(cards)}),
        (_("Distance"), way),
        (_("Handling"), ", ".join(words_of_all)),
    ]
    return facts(pairs, stamp.width)


def _carried(card: StopCard) -> list[Shipment]:
    return [*card.shipments, *card.pickups]


def _stop(card: StopCard, metres: int, sheet: RunSheet, stamp: Stamp) -> Flowable:
    stop = card.stop
    window = f"{hour(stop.window_start)}–{hour(stop.window_end)}"
    times = named(
        _("Planned %(when)s") % {"when": hour(stop.planned_at)},
        _("Window %(window)s") % {"window": window},
        _("%(way)s to here") % {"way": kilometres(metres)},
        _done(card),
    )
    row = [
        words(str(stop.position), size=14, is_bold=True),
        named(stop.station.name, stop.station.address, size=11),
        times,
        [_load(one, sheet) for one in card.shipments] + [_load(one, sheet, is_collected=True) for one in card.pickups],
    ]
    whole = sum(SHARES)
    table = Table([row], colWidths=[stamp.width * share / whole for share in SHARES])
    table.setStyle(
        TableStyle([*TIGHT, ("LINEABOVE", (0, 0), (-1, 0), 0.8, "black"), ("TOPPADDING", (0, 0), (-1, -1), 4)])
    )
    boxes = WriteOn(
        [_("Arrived"), pgettext("departure", "Left"), _("Handed to (name)"), _("Signature")],
        stamp.width,
        height=13 * mm,
    )
    return KeepTogether([table, boxes, gap(3)])


def _done(card: StopCard) -> str:
    """What became of the stop, if the van has been there."""
    stop = card.stop
    if stop.missed_reason:
        return _("Missed: %(why)s") % {"why": stop.missed_reason}
    arrived = _("Arrived %(when)s") % {"when": hour(stop.arrived_at)} if stop.arrived_at else ""
    if not stop.handed_to:
        return arrived
    return _("%(arrived)s, handed to %(taker)s") % {"arrived": arrived, "taker": stop.handed_to}


def _load(shipment: Shipment, sheet: RunSheet, *, is_collected: bool = False) -> Flowable:
    """A shipment to hand over, or to collect for another station."""
    lines = lines_words(shipment.line_count)  # type: ignore[attr-defined]  # annotated
    amount = f"{totes_words(shipment.totes)}, {lines}" if shipment.totes else lines
    state = "" if shipment.totes or is_collected else shipment.get_state_display().lower()
    name = str(shipment)
    if is_collected:
        name = _("Collect %(shipment)s for %(station)s") % {"shipment": shipment, "station": shipment.destination}
    urgency = shipment.get_priority_display() if shipment.priority else ""
    handling = " · ".join(filter(None, [urgency, *sheet.marks.get(shipment.pk, ())]))
    return named(name, " · ".join(filter(None, [amount, state])), handling)
