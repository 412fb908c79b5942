"""How far a load is, for whoever waits for it."""

from collections.abc import Callable
from dataclasses import dataclass

# Told how many rows are written, and how many will be.
Report = Callable[[int, int], None]


def nobody(done: int, whole: int) -> None:
    """A report that nobody waits for."""


@dataclass
class Progress:
    """Counts rows as they are written."""

    whole: int
    report: Report = nobody
    done: int = 0

    def add(self, rows: int) -> None:
        self.done += rows
        self.report(self.done, self.whole)
