"""What sheets are put together from: words, facts, tables, boxes to tick and lines to sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

from django.utils.functional import Promise
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFontFamily
from reportlab.platypus import CondPageBreak, Flowable, LongTable, Paragraph, Spacer, Table, TableStyle

from core.paper.letters import BOLD, REGULAR, printable, register_fonts

Cell = Flowable | Sequence[Flowable]
LEAST_SPLIT = 30  # points of a row that may stand alone on a page, where it is higher than a page


@cache
def style(*, size: float = 9, is_bold: bool = False, is_right: bool = False) -> ParagraphStyle:
    register_fonts()
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    made = ParagraphStyle(
        f"{size}{'b' if is_bold else ''}{'r' if is_right else ''}",
        fontName=BOLD if is_bold else REGULAR,
        fontSize=size,
        leading=size * 1.25,
        splitLongWords=True,
    )
    if is_right:
        made.alignment = TA_RIGHT
    return made


def marked(text: str | Promise) -> str:
    """Text for a paragraph: in letters that can be printed, and without meaning anything to its markup."""
    return escape(printable(str(text)), quote=False)


def words(text: str | Promise, *, size: float = 9, is_bold: bool = False, is_right: bool = False) -> Paragraph:
    """One paragraph."""
    return Paragraph(marked(text), style(size=size, is_bold=is_bold, is_right=is_right))


def named(name: str, *details: str, size: float = 9) -> Paragraph:
    """A name in bold, and small beneath it what else is known."""
    below = "".join(f'<br/><font size="7.5">{marked(one)}</font>' for one in details if one)
    return Paragraph(f"<b>{marked(name)}</b>{below}", style(size=size))


def heading(text: str | Promise) -> list[Flowable]:
    """The title of a part, on the next page if not even the first lines of the part fit below it here."""
    return [CondPageBreak(30 * mm), Spacer(0, 4 * mm), words(text, size=11, is_bold=True), Spacer(0, 1.5 * mm)]


def gap(millimetres: float = 3) -> Flowable:
    return Spacer(0, millimetres * mm)


def facts(pairs: Sequence[tuple[str | Promise, str]], width: float, *, names: float = 0.18) -> Flowable:
    """What belongs to the whole sheet, as names and values; empty values are left out. ``names``: their share of the
    width."""
    rows = [[words(name, size=8), words(value)] for name, value in pairs if value]
    table = Table(rows, colWidths=[width * names, width * (1 - names)], splitInRow=LEAST_SPLIT)
    table.setStyle(
        TableStyle([*TIGHT, ("TOPPADDING", (0, 0), (-1, -1), 0.8), ("BOTTOMPADDING", (0, 0), (-1, -1), 0.8)])
    )
    return table


TIGHT = (
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 8),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
)


@dataclass(frozen=True)
class Column:
    """Of a table: its head, and how much of the width it gets beside the others."""

    title: str | Promise
    share: float
    is_right: bool = False


def lines_table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: float) -> Flowable:
    """Rows under a head that every page repeats. A row stays on one page unless it is higher than that."""
    whole = sum(column.share for column in columns)
    head = [words(column.title, size=8, is_bold=True, is_right=column.is_right) for column in columns]
    table = LongTable(
        [head, *([list(cell) if isinstance(cell, Sequence) else cell for cell in row] for row in rows)],
        colWidths=[width * column.share / whole for column in columns],
        repeatRows=1,
        splitInRow=LEAST_SPLIT,
    )
    lines = [("LINEBELOW", (0, 0), (-1, 0), 0.8, "black"), ("LINEBELOW", (0, 1), (-1, -1), 0.25, "black")]
    right = [("ALIGN", (place, 1), (place, -1), "RIGHT") for place, column in enumerate(columns) if column.is_right]
    table.setStyle(TableStyle([*TIGHT, *lines, *right, ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]))
    return table


class Tick(Flowable):
    """A box to tick, or one that is ticked already."""

    SIDE = 5 * mm

    def __init__(self, *, is_done: bool = False) -> None:
        super().__init__()
        self.width = self.height = self.SIDE
        self.is_done = is_done

    def draw(self) -> None:
        canvas, side = self.canv, self.SIDE
        canvas.setLineWidth(0.8)
        canvas.rect(0, 0, side, side, stroke=1, fill=0)
        if self.is_done:
            canvas.lines([(0, 0, side, side), (0, side, side, 0)])


class WriteOn(Flowable):
    """Lines to write on, side by side, with what belongs there beneath each."""

    def __init__(self, labels: Sequence[str | Promise], width: float, *, height: float = 17 * mm) -> None:
        super().__init__()
        self.labels, self.width, self.height = labels, width, height

    def draw(self) -> None:
        part, canvas = self.width / len(self.labels), self.canv
        canvas.setLineWidth(0.6)
        canvas.setFont(REGULAR, 8)
        for number, label in enumerate(self.labels):
            canvas.line(number * part, 4 * mm, (number + 1) * part - 5 * mm, 4 * mm)
            canvas.drawString(number * part, 0.8 * mm, str(label))
