"""Text in a box: as large as it may be, wrapped, smaller where it must, never over its edge."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from core.paper.letters import REGULAR, printable, register_fonts

LEADING = 1.18
STEP = 0.5


@dataclass(frozen=True)
class Fitted:
    """Lines of one size. ``height``: from the top of the first to below the last."""

    lines: tuple[str, ...]
    font: str
    size: float
    is_cut: bool = False

    @property
    def leading(self) -> float:
        return self.size * LEADING

    @property
    def height(self) -> float:
        return len(self.lines) * self.leading


def fit(
    text: str, width: float, height: float, *, largest: float, least: float = 5, font: str = REGULAR, lines: int = 9
) -> Fitted:
    """The text in the largest size in which it fills no more than this box and so many lines.

    At the least size what still does not fit ends in "…": only a text that no field of ours can hold comes to that.
    """
    register_fonts()
    shown = printable(text)
    size = largest
    while True:
        room = max(1, min(lines, int(height / (size * LEADING))))
        wrapped = tuple(wrap(shown, width, font, size))
        if len(wrapped) <= room and not (size > least and _is_torn(shown, wrapped)):
            return Fitted(wrapped, font, size)
        if size - STEP < least:
            cut = _cut(wrapped, room, width, font, size)
            return Fitted(cut, font, size, is_cut=cut != wrapped)
        size -= STEP


def _is_torn(text: str, lines: tuple[str, ...]) -> bool:
    """Whether a word had to be broken: smaller is better than that."""
    return " ".join(lines) != text


def wrap(text: str, width: float, font: str, size: float) -> Iterator[str]:
    """Lines of at most this width; a word that is wider is broken."""
    room = width / size
    line, used = "", 0.0
    for word in text.split(" "):
        asked = wide(word, font)
        if line and used + wide(" ", font) + asked <= room:
            line, used = f"{line} {word}", used + wide(" ", font) + asked
            continue
        if line:
            yield line
        while asked > room and len(word) > 1:
            end = _fitting(word, room, font)
            yield word[:end]
            word = word[end:]
            asked = wide(word, font)
        line, used = word, asked
    yield line


def _fitting(word: str, room: float, font: str) -> int:
    """How many of its letters fit, one at the least."""
    used = 0.0
    for number, letter in enumerate(word):
        used += wide(letter, font)
        if used > room:
            return max(number, 1)
    return len(word)


@lru_cache(20_000)
def wide(text: str, font: str) -> float:
    """How wide it is in size 1: widths grow with the size."""
    return float(stringWidth(text, font, 1))


def _cut(lines: tuple[str, ...], room: int, width: float, font: str, size: float) -> tuple[str, ...]:
    if len(lines) <= room:
        return lines
    last = lines[room - 1]
    while last and wide(f"{last}…", font) * size > width:
        last = last[:-1]
    return (*lines[: room - 1], f"{last}…")


def draw_fitted(canvas: Canvas, fitted: Fitted, x: float, top: float, *, right: bool = False) -> float:
    """Draw from the top down, at the left or with ``right`` up to ``x``; where the next line may begin."""
    canvas.setFont(fitted.font, fitted.size)
    for number, line in enumerate(fitted.lines):
        y = top - number * fitted.leading - fitted.size * 0.93
        if right:
            canvas.drawRightString(x, y, line)
        else:
            canvas.drawString(x, y, line)
    return top - fitted.height
