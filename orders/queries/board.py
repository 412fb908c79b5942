"""The columns of the logistics home, of which the first cards are shown at once."""

from collections.abc import Sequence
from dataclasses import dataclass

CARDS = 10  # shown at once; the next follow when the last is scrolled to


@dataclass(frozen=True)
class Column:
    """Cards of one column from ``start`` on, most urgent first, and how many there are in all."""

    cards: Sequence[object]
    total: int
    start: int = 0

    @property
    def next(self) -> int:
        return self.start + len(self.cards)

    @property
    def hidden(self) -> int:
        return max(self.total - self.next, 0)


def cards(start: int) -> slice:
    """Which rows are shown from this one on."""
    return slice(start, start + CARDS)
