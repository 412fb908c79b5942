"""Sheets of paper: a header and a footer on every page, and between them what flows over as many as it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from core.moments import weekday
from core.paper.codes import draw_qr
from core.paper.fitting import draw_fitted, fit
from core.paper.letters import BOLD, REGULAR, printable, register_fonts
from core.paper.papers import Paper

SIDE, TOP, BOTTOM = 14 * mm, 10 * mm, 20 * mm
HEADER, QR_SIDE = 24 * mm, 24 * mm


@dataclass(frozen=True)
class Stamp:
    """What every sheet says of itself: its paper, the address that its code opens, when it was printed and by whom
    (nobody, if the system made it)."""

    paper: Paper
    address: str
    printed_at: datetime
    printed_by: str = ""

    @property
    def width(self) -> float:
        """Of what flows between the margins."""
        return self.paper.width - 2 * SIDE

    @property
    def words(self) -> str:
        facts = {"when": moment(self.printed_at), "person": self.printed_by, "division": settings.EMS_DIVISION_NAME}
        if self.printed_by:
            return gettext("Printed %(when)s by %(person)s · %(division)s") % facts
        return gettext("Printed %(when)s · %(division)s") % facts


def moment(at: datetime) -> str:
    """A time that is still true when the paper is read: Tue, Nov 3, 2026, 14:10."""
    local = timezone.localtime(at)
    return f"{weekday(local.date())}, {local:%H:%M}"


def hour(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


class NumberedCanvas(Canvas):
    """Keeps its pages until the last, so that each can say of how many it is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # as reportlab's own showPage does

    def save(self) -> None:
        pages, of_all = self._pages, gettext("%(number)d of %(pages)d")
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            self.setFont(REGULAR, 8)
            width, _ = self._pagesize  # type: ignore[attr-defined]
            self.drawRightString(width - SIDE, BOTTOM - 8 * mm, of_all % {"number": number, "pages": len(pages)})
            super().showPage()
        super().save()


def print_sheet(stamp: Stamp, title: str, subtitle: str, story: Sequence[Flowable]) -> bytes:
    """All of the story on as many pages as it takes, under a title, what it is about, and a QR code of the page."""
    register_fonts()
    file = BytesIO()
    paper = stamp.paper
    document = BaseDocTemplate(
        file,
        pagesize=(paper.width, paper.height),
        title=printable(title),
        author=printable(settings.EMS_DIVISION_NAME),
        lang=get_language(),
        pageCompression=1,
    )
    height = paper.height - TOP - HEADER - BOTTOM
    frame = Frame(SIDE, BOTTOM, stamp.width, height, leftPadding=0, rightPadding=0, topPadding=2 * mm, bottomPadding=0)
    furniture = partial(_draw_furniture, stamp, title, subtitle)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: furniture(canvas)))
    document.build(list(story), canvasmaker=NumberedCanvas)
    return file.getvalue()


def _draw_furniture(stamp: Stamp, title: str, subtitle: str, canvas: Canvas) -> None:
    """The header and the footer of one page, but for its number."""
    paper = stamp.paper
    top, bottom = paper.height - TOP, paper.height - TOP - HEADER
    room = stamp.width - QR_SIDE - 4 * mm
    name = fit(title, room, 14 * mm, largest=17, least=9, font=BOLD, lines=2)
    below = draw_fitted(canvas, name, SIDE, top - 1 * mm)
    about = fit(subtitle, room, below - bottom - 1 * mm, largest=10, least=6, lines=3)
    draw_fitted(canvas, about, SIDE, below - 0.5 * mm)
    draw_qr(canvas, stamp.address, paper.width - SIDE - QR_SIDE, bottom, QR_SIDE)
    canvas.setLineWidth(0.8)
    canvas.line(SIDE, bottom, paper.width - SIDE, bottom)
    canvas.setLineWidth(0.3)
    canvas.line(SIDE, BOTTOM - 4 * mm, paper.width - SIDE, BOTTOM - 4 * mm)
    room = stamp.width - 22 * mm
    draw_fitted(canvas, fit(stamp.words, room, 4 * mm, largest=8, lines=1), SIDE, BOTTOM - 5.3 * mm)
    draw_fitted(canvas, fit(stamp.address, room, 4 * mm, largest=6.5, lines=1), SIDE, BOTTOM - 9 * mm)
