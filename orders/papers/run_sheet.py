"""The run sheet: the stops in order, what each gets and how, and where times and names are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Table, TableStyle

from core.errors import DomainError
from core.paper.parts import TIGHT, WriteOn, facts, gap, named, words
from core.paper.sheets import Stamp, hour, moment, print_sheet
from orders.models import DeliveryRun, Shipment
from orders.papers.words import counted
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
        raise DomainError(f"{run} has no stops, so there is no run sheet.")
    stops = [_stop(card, metres, sheet, stamp) for card, metres in zip(sheet.cards, sheet.legs[:-1], strict=True)]
    back = words(f"Back to {run.depot}: {kilometres(sheet.legs[-1])}")
    ends = WriteOn(["Odometer out", "Odometer in", "Back at", "Driver"], stamp.width)
    story = [_facts(sheet, stamp), gap(2), *stops, KeepTogether([gap(2), back, ends])]
    return print_sheet(stamp, f"Run sheet {run}", f"{run.van} · {moment(run.leaves_at)} · from {run.depot}", story)


def kilometres(metres: int) -> str:
    return f"{metres / 1000:.1f} km"


def _facts(sheet: RunSheet, stamp: Stamp) -> Flowable:
    run, cards = sheet.run, sheet.cards
    words_of_all = {word: None for card in cards for one in _carried(card) for word in sheet.marks.get(one.pk, ())}
    pairs = [
        ("Driver", str(run.driver or "nobody yet")),
        ("Leaves", f"{moment(run.leaves_at)}{f', left {hour(run.left_at)}' if run.left_at else ''}"),
        ("Carries", f"{counted(sum(card.totes for card in cards), 'tote')} to {counted(len(cards), 'stop')}"),
        ("Distance", f"{kilometres(sum(sheet.legs))} there and back, as planned"),
        ("Handling", ", ".join(words_of_all)),
    ]
    return facts(pairs, stamp.width)


def _carried(card: StopCard) -> list[Shipment]:
    return [*card.shipments, *card.pickups]


def _stop(card: StopCard, metres: int, sheet: RunSheet, stamp: Stamp) -> Flowable:
    stop = card.stop
    window = f"{hour(stop.window_start)}–{hour(stop.window_end)}"
    times = named(f"Planned {hour(stop.planned_at)}", f"Window {window}", f"{kilometres(metres)} to here", _done(card))
    row = [
        words(str(stop.position), size=14, is_bold=True),
        named(stop.station.name, stop.station.address, size=11),
        times,
        [_load(one, "", sheet) for one in card.shipments] + [_load(one, "Collect", sheet) for one in card.pickups],
    ]
    whole = sum(SHARES)
    table = Table([row], colWidths=[stamp.width * share / whole for share in SHARES])
    table.setStyle(
        TableStyle([*TIGHT, ("LINEABOVE", (0, 0), (-1, 0), 0.8, "black"), ("TOPPADDING", (0, 0), (-1, -1), 4)])
    )
    boxes = WriteOn(["Arrived", "Left", "Handed to (name)", "Signature"], stamp.width, height=13 * mm)
    return KeepTogether([table, boxes, gap(3)])


def _done(card: StopCard) -> str:
    """What became of the stop, if the van has been there."""
    stop = card.stop
    if stop.missed_reason:
        return f"Missed: {stop.missed_reason}"
    arrived = f"Arrived {hour(stop.arrived_at)}" if stop.arrived_at else ""
    return f"{arrived}, handed to {stop.handed_to}" if stop.handed_to else arrived


def _load(shipment: Shipment, verb: str, sheet: RunSheet) -> Flowable:
    """A shipment to hand over, or to collect for another station."""
    lines = counted(shipment.line_count, "line")  # type: ignore[attr-defined]  # annotated
    amount = f"{counted(shipment.totes, 'tote')}, {lines}" if shipment.totes else lines
    state = "" if shipment.totes or verb else shipment.get_state_display().lower()
    name = f"{verb} {shipment} for {shipment.destination}" if verb else str(shipment)
    urgency = shipment.get_priority_display() if shipment.priority else ""
    handling = " · ".join(filter(None, [urgency, *sheet.marks.get(shipment.pk, ())]))
    return named(name, " · ".join(filter(None, [amount, state])), handling)
