"""Small charts of twelve weeks, black on white: a line with its target, and bars."""

from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from core.moments import short_day
from core.paper.fitting import draw_fitted, fit, wide
from core.paper.letters import BOLD, REGULAR
from dashboard.queries.figures import Figure
from dashboard.queries.trend import Trend

SMALL, PAD = 6.5, 2 * mm
GRID, LIGHT = 0.3, 0.6  # widths of lines


class FigureBox(Flowable):
    """A figure in a frame: its name, its number, what it is made of, its target, and its line of twelve weeks."""

    HEIGHT = 40 * mm

    def __init__(self, figure: Figure, trend: Trend | None, width: float) -> None:
        super().__init__()
        self.figure, self.trend = figure, trend
        self.width, self.height = width, self.HEIGHT

    def draw(self) -> None:
        canvas, room, below = self.canv, self.width - 2 * PAD, self.height - PAD
        canvas.setLineWidth(GRID)
        canvas.rect(0, 0, self.width, self.height, stroke=1, fill=0)
        for fitted in (
            fit(str(self.figure.definition.title), room, 5 * mm, largest=8.5),
            fit(self.figure.reading.text, room, 8 * mm, largest=17, font=BOLD, lines=1),
            fit(self.figure.reading.made_of, room, 6.5 * mm, largest=SMALL),
            fit(self._target(), room, 4 * mm, largest=SMALL, font=BOLD),
        ):
            below = draw_fitted(canvas, fitted, PAD, below)
        if self.trend is not None:
            canvas.saveState()
            canvas.translate(PAD, 1.2 * mm)
            draw_line(canvas, self.trend, room, below - 2.4 * mm)
            canvas.restoreState()

    def _target(self) -> str:
        target, is_met = self.figure.target, self.figure.is_met
        if not target.text:
            return ""
        reached = {True: gettext("On target"), False: gettext("Off target"), None: gettext("No data")}[is_met]
        return f"{reached}: {target.text}"


def draw_line(canvas: Canvas, trend: Trend, width: float, height: float) -> None:
    """The line from the oldest week to the newest, which is marked; the target is dashed; the first and last day
    beneath. A week without a number is passed over."""
    numbers, target = [number for _, number in trend.points], trend.target
    known = [number for number in (*numbers, target) if number is not None]
    if all(number is None for number in numbers):
        return
    low, foot = min(known), SMALL + 2
    scale, side = (height - foot - 2) / (max(known) - low or 1), (width - 4) / max(len(numbers) - 1, 1)
    if target is not None:
        level = foot + (target - low) * scale
        canvas.setLineWidth(GRID)
        canvas.setDash(2, 2)
        canvas.line(0, level, width, level)
        canvas.setDash()
    canvas.setLineWidth(1)
    spots = [(2 + n * side, foot + (number - low) * scale) for n, number in enumerate(numbers) if number is not None]
    for (x, y), (to_x, to_y) in pairwise(spots):
        canvas.line(x, y, to_x, to_y)
    canvas.circle(*spots[-1], 1.6, stroke=0, fill=1)
    first, last = (short_day(day) for day, _ in (trend.points[0], trend.points[-1]))
    canvas.setFont(REGULAR, SMALL - 1)
    canvas.drawString(0, 0, first)
    canvas.drawRightString(width, 0, last)


class Bars(Flowable):
    """A bar a week with its amount above it, the last one filled."""

    HEIGHT = 26 * mm

    def __init__(self, amounts: Sequence[tuple[str, int, str]], width: float) -> None:
        """``amounts``: what stands below a bar, how high it is, and what stands above it."""
        super().__init__()
        self.amounts, self.width, self.height = amounts, width, self.HEIGHT

    def draw(self) -> None:
        canvas, foot = self.canv, SMALL + 2
        most = max((amount for _, amount, _ in self.amounts), default=0) or 1
        room, side = self.height - foot - SMALL - 4, self.width / len(self.amounts)
        canvas.setLineWidth(LIGHT)
        canvas.line(0, foot, self.width, foot)
        for place, (below, amount, above) in enumerate(self.amounts):
            x, high = place * side + side * 0.2, room * amount / most
            if amount:
                canvas.setFillGray(0 if place == len(self.amounts) - 1 else 0.75)
                canvas.rect(x, foot, side * 0.6, high, stroke=0, fill=1)
            canvas.setFillGray(0)
            for text, y in ((below, 1), (above, foot + high + 2)):
                size = min(SMALL, (side - 1) / max(wide(text, REGULAR), 0.1))
                canvas.setFont(REGULAR, size)
                canvas.drawCentredString(place * side + side / 2, y, text)
