"""Shelf labels: what belongs in a bin, how much of it, and a code that opens its page. Pure: rows in, PDF out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from core.errors import DomainError
from core.paper.codes import draw_qr
from core.paper.fitting import draw_fitted, fit
from core.paper.labels import Box, print_labels
from core.paper.letters import BOLD
from core.paper.papers import A4, LETTER, LabelSheet, Paper, in_inches, in_millimetres

# 70 × 37 mm, 24 on A4 without a margin (Avery Zweckform 3474 and its like); 2⅝ × 1 in, 30 on Letter (Avery 5160).
SHEETS: Mapping[str, LabelSheet] = {
    A4.name: in_millimetres(A4, 3, 8, (70, 37, 0, 0.5, 70, 37, 5)),
    LETTER.name: in_inches(LETTER, 3, 10, (2.625, 1, 0.1875, 0.5, 2.75, 1, 0.08)),
}
LARGEST_QR = 25 * mm


@dataclass(frozen=True)
class ShelfLabel:
    """An item at a place. ``levels``: its minimum and par in words; ``address``: of the page where it is used and
    counted there."""

    name: str
    sku: str
    pack: str
    bin: str
    levels: str
    address: str


def print_shelf_labels(labels: Sequence[ShelfLabel], paper: Paper, *, place: str, skip: int = 0) -> bytes:
    """The labels in their order, on sheets of which the first ``skip`` labels are used. Refuses an empty place."""
    if not labels:
        raise DomainError(
            _("There is nothing to label: %(place)s has no such item. Set its par levels first.") % {"place": place}
        )
    title = _("Shelf labels of %(place)s") % {"place": place}
    return print_labels(labels, SHEETS[paper.name], _draw, title=title, skip=skip)


def _draw(canvas: Canvas, label: ShelfLabel, box: Box) -> None:
    side = min(box.height, LARGEST_QR)
    draw_qr(canvas, label.address, box.right - side, box.y + (box.height - side) / 2, side)
    room = box.width - side - 0.5 * mm
    levels = fit(label.levels, room, 4 * mm, largest=7.5, least=4, lines=1)
    details = fit(label.sku, room, 4 * mm, largest=7, least=4, lines=1)
    if label.pack:
        both = fit(f"{label.sku} · {label.pack}", room, 4 * mm, largest=7, least=5.5, lines=1)
        details = details if both.is_cut else both
    place = fit(label.bin, room, 6 * mm, largest=13, font=BOLD, lines=1)
    low = box.y + levels.height + details.height + (place.height if label.bin else 0)
    name = fit(label.name, room, box.top - low, largest=10, font=BOLD)
    draw_fitted(canvas, name, box.x, box.top)
    if label.bin:
        low = draw_fitted(canvas, place, box.x, low)
    draw_fitted(canvas, levels, box.x, draw_fitted(canvas, details, box.x, low))
