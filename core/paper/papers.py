"""Sizes of paper, and of the label sheets that are sold for it. All lengths are points, 72 to the inch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4 as A4_SIZE
from reportlab.lib.pagesizes import LETTER as LETTER_SIZE
from reportlab.lib.units import inch, mm


@dataclass(frozen=True)
class Paper:
    """A sheet, upright."""

    name: str
    width: float
    height: float


A4 = Paper("A4", *A4_SIZE)
LETTER = Paper("Letter", *LETTER_SIZE)
PAPERS: Mapping[str, Paper] = {"A4": A4, "LETTER": LETTER}


@dataclass(frozen=True)
class LabelSheet:
    """Labels that stick on a sheet in columns and rows. ``left`` and ``top``: from the edge of the paper to the first
    label; ``across`` and ``down``: from one label's begin to the next one's; ``pad``: what stays white inside a label,
    as no printer reaches the edge of the paper or feeds it to the point."""

    paper: Paper
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    across: float
    down: float
    pad: float

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    def corner(self, number: int) -> tuple[float, float]:
        """The lower left corner of a label of a sheet, counted from 0, row by row."""
        row, column = divmod(number, self.columns)
        return self.left + column * self.across, self.paper.height - self.top - row * self.down - self.height


def in_millimetres(paper: Paper, columns: int, rows: int, lengths: Sequence[float]) -> LabelSheet:
    """A label sheet by its width, height, left, top, across, down and pad in millimetres."""
    return LabelSheet(paper, columns, rows, *(one * mm for one in lengths))


def in_inches(paper: Paper, columns: int, rows: int, lengths: Sequence[float]) -> LabelSheet:
    """The same in inches."""
    return LabelSheet(paper, columns, rows, *(one * inch for one in lengths))
