"""Tote labels: where a tote goes, large enough to read in the van, and codes that open its receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from core.errors import DomainError
from core.moments import calendar_day
from core.paper.codes import draw_code128, draw_qr
from core.paper.fitting import Fitted, draw_fitted, fit
from core.paper.labels import Box, print_labels
from core.paper.letters import BOLD
from core.paper.papers import A4, LETTER, LabelSheet, Paper, in_inches, in_millimetres
from orders.models import Shipment

# 99.1 × 67.7 mm, 8 on A4 (Avery L7165 and its like); 4 × 2 in, 10 on Letter (Avery 5163).
SHEETS: Mapping[str, LabelSheet] = {
    A4.name: in_millimetres(A4, 2, 4, (99.1, 67.7, 4.65, 13.1, 101.6, 67.7, 4)),
    LETTER.name: in_inches(LETTER, 2, 5, (4, 2, 0.15625, 0.5, 4.1875, 2, 0.12)),
}
MOST = 200  # totes of a shipment
LARGEST_QR = 30 * mm


@dataclass(frozen=True)
class ToteLabel:
    """One tote of a shipment: number ``number`` of ``totes``. ``address``: of the page that receives it."""

    shipment: Shipment
    number: int
    totes: int
    marks: Sequence[str]
    address: str


def print_tote_labels(
    shipment: Shipment, paper: Paper, *, totes: int, marks: Sequence[str], address: str, skip: int = 0
) -> bytes:
    """A label for each of so many totes, on sheets of which the first ``skip`` labels are used."""
    if not 1 <= totes <= MOST:
        raise DomainError(_("Say how many totes it fills: from 1 to %(most)d.") % {"most": MOST})
    labels = [ToteLabel(shipment, number, totes, marks, address) for number in range(1, totes + 1)]
    title = _("Tote labels %(shipment)s") % {"shipment": shipment}
    return print_labels(labels, SHEETS[paper.name], _draw, title=title, skip=skip)


def _draw(canvas: Canvas, label: ToteLabel, box: Box) -> None:
    shipment = label.shipment
    side = min(box.height * 0.5, LARGEST_QR)
    low = box.y + side
    draw_qr(canvas, label.address, box.right - side, box.y, side)
    room = box.width - side - 2 * mm
    draw_code128(canvas, str(shipment), box.x, box.y, room, side * 0.34, bar=1)
    number = fit(str(shipment), room, 5 * mm, largest=10, lines=1)
    place = draw_fitted(canvas, _tote(label, room), box.x, low)
    draw_fitted(canvas, number, box.x, min(place, box.y + side * 0.34 + number.height + 1 * mm))
    lines = [line for line in (_run(shipment), _handling(label)) if line]
    about = [fit(line, box.width, 6 * mm, largest=11, least=6, lines=1, font=BOLD) for line in lines]
    name_room = box.top - low - sum(line.height for line in about) - 1 * mm
    below = draw_fitted(
        canvas, fit(shipment.destination.name, box.width, name_room, largest=34, font=BOLD, lines=3), box.x, box.top
    )
    for line in about:
        below = draw_fitted(canvas, line, box.x, below)


def _tote(label: ToteLabel, room: float) -> Fitted:
    words = _("Tote %(number)d of %(totes)d") % {"number": label.number, "totes": label.totes}
    return fit(words, room, 9 * mm, largest=20, font=BOLD, lines=1)


def _run(shipment: Shipment) -> str:
    stop = shipment.stop
    if stop is None:
        return _("from %(source)s, on no run yet") % {"source": shipment.source}
    run, number = stop.run, _("stop %(number)d") % {"number": stop.position}
    return f"{run} · {number} · {run.van} · {date_format(run.run_on, 'D')}, {calendar_day(run.run_on)}"


def _handling(label: ToteLabel) -> str:
    """How urgent it is and how it must be handled, in capitals."""
    urgency = [label.shipment.get_priority_display()] if label.shipment.priority else []
    return " · ".join([*urgency, *label.marks]).upper()
