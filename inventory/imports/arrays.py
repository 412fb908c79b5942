"""Columns of numbers: what keeps a table of two million rows in tens of megabytes."""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Columns:
    """Rows of whole numbers, kept by column."""

    def __init__(self, width: int, rows: Iterable[tuple[int, ...]] = ()) -> None:
        self._columns = [array("q") for _ in range(width)]
        self._views: dict[int, Numbers] = {}
        for row in rows:
            self.append(*row)

    def append(self, *row: int) -> None:
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, place: int) -> Numbers:
        """One column. From then on no row can be appended."""
        if place not in self._views:
            column = self._columns[place]
            self._views[place] = np.frombuffer(column, dtype=np.int64) if column else np.zeros(0, dtype=np.int64)
        return self._views[place]


def repeats(keys: Numbers) -> Iterator[tuple[int, int]]:
    """(row, the first row of the same key) for every row whose key came before."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = 0
    for place in np.flatnonzero(ordered[1:] == ordered[:-1]) + 1:
        if ordered[first] != ordered[place]:
            first = int(place) - 1
        yield int(order[place]), int(order[first])


def look_up(keys: Numbers, known: Numbers) -> tuple[Flags, Numbers]:
    """Whether each key is known, and at which place (0 where it is not)."""
    if not len(known):
        return np.zeros(len(keys), dtype=np.bool_), np.zeros(len(keys), dtype=np.int64)
    order = np.argsort(known, kind="stable")
    places = np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)
    found = known[order[places]] == keys
    return found, np.where(found, order[places], 0)


def sums(keys: Numbers, *columns: Numbers) -> tuple[Numbers, list[Numbers]]:
    """Each key once, and the sum of every column over it."""
    each, inverse = np.unique(keys, return_inverse=True)
    totals = []
    for column in columns:
        total = np.zeros(len(each), dtype=np.int64)
        np.add.at(total, inverse, column)
        totals.append(total)
    return each, totals
