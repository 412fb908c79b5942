"""Labels on a sheet, from the first that is not used up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TypeVar

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.pdfgen.canvas import Canvas

from core.errors import DomainError
from core.paper.letters import printable
from core.paper.papers import LabelSheet

Label = TypeVar("Label")


@dataclass(frozen=True)
class Box:
    """Where a label may be drawn: inside its white edge, from the lower left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def top(self) -> float:
        return self.y + self.height


def check_skip(sheet: LabelSheet, skip: int) -> None:
    """Refuse to skip the whole sheet."""
    if not 0 <= skip < sheet.per_page:
        refusal = _("A sheet has %(number)d labels: write how many of the first one are used, from 0 to %(most)d.")
        raise DomainError(refusal % {"number": sheet.per_page, "most": sheet.per_page - 1})


def print_labels(
    labels: Sequence[Label],
    sheet: LabelSheet,
    draw: Callable[[Canvas, Label, Box], None],
    *,
    title: str,
    skip: int = 0,
) -> bytes:
    """Each label drawn by ``draw`` on the next place of the sheet; the first ``skip`` places are used already."""
    check_skip(sheet, skip)
    file = BytesIO()
    canvas = Canvas(file, pagesize=(sheet.paper.width, sheet.paper.height), pageCompression=1, lang=get_language())
    canvas.setTitle(printable(title))
    canvas.setAuthor(printable(settings.EMS_DIVISION_NAME))
    for number, label in enumerate(labels, start=skip):
        place = number % sheet.per_page
        if place == 0 and number > skip:
            canvas.showPage()
        x, y = sheet.corner(place)
        pad = sheet.pad
        draw(canvas, label, Box(x + pad, y + pad, sheet.width - 2 * pad, sheet.height - 2 * pad))
    canvas.save()
    return file.getvalue()
