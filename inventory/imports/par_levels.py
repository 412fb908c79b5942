"""Par levels in a file, beside those of the database: up to millions, in arrays."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from inventory.imports.arrays import Columns, Flags, Numbers, look_up, repeats
from inventory.imports.columns import PAR_LEVELS
from inventory.imports.lines import LineReader
from inventory.imports.places import Catalogue, Places
from inventory.imports.previews import SHOWN, Difference, Preview, Sample
from inventory.imports.sheets import Reader, Row
from inventory.models import ParLevel
from inventory.queries.states import own_short_below

PLACE, ITEM, PAR, MINIMUM, SHORT, MANDATED, BIN, LINE = range(8)
OLD_KEY, OLD_PAR, OLD_MINIMUM, OLD_SHORT, OLD_MANDATED, OLD_BIN, OLD_VERSION = range(7)
# What the file does not speak of.
UNSAID = -1
# Short is what is below the minimum.
FOLLOWS = -2


@dataclass
class ParPlan:
    """The rows of the file by column, which of them are new or changed, and where each changed one stands now."""

    reader: Reader
    catalogue: Catalogue
    places: Places
    rows: Columns
    now: Columns
    bins: list[str]
    new: Flags
    changed: Flags
    at: Numbers

    @property
    def writes(self) -> Numbers:
        """The rows that are to be written."""
        return np.flatnonzero(self.new | self.changed)

    def bin(self, row: int) -> str:
        """The bin that a row would have: what the file says, or as it was where the file has no such column."""
        if "bin" in self.reader.names:
            return self.bins[int(self.rows[BIN][row])]
        return "" if self.new[row] else self.bins[int(self.now[OLD_BIN][self.at[row]])]

    def mandated(self, row: int) -> int:
        """The same of what is mandated."""
        said = int(self.rows[MANDATED][row])
        if said != UNSAID:
            return said
        return 0 if self.new[row] else int(self.now[OLD_MANDATED][self.at[row]])

    def short_below(self, row: int) -> int | None:
        """The same of what is Short, as far as it fits the minimum."""
        said = int(self.rows[SHORT][row])
        if said == UNSAID and not self.new[row]:
            said = int(self.now[OLD_SHORT][self.at[row]])
        wanted = None if said < 0 else said
        return own_short_below(wanted, minimum=int(self.rows[MINIMUM][row]), mandated=self.mandated(row))

    def differences(self, row: int) -> list[tuple[str, str | int, str | int]]:
        """(column, before, after) of a changed row."""
        place = self.at[row]
        pairs: list[tuple[str, str | int, str | int]] = [
            ("par", int(self.now[OLD_PAR][place]), int(self.rows[PAR][row])),
            ("minimum", int(self.now[OLD_MINIMUM][place]), int(self.rows[MINIMUM][row])),
            ("short_below", _written(int(self.now[OLD_SHORT][place])), _written(self.short_below(row))),
            ("mandated_minimum", int(self.now[OLD_MANDATED][place]), self.mandated(row)),
            ("bin", self.bins[self.now[OLD_BIN][place]], self.bin(row)),
        ]
        return [pair for pair in pairs if pair[1] != pair[2]]

    def details(self, row: int) -> dict[str, Any]:
        """The same for the event log."""
        return {
            column: [value if value != "" or column == "bin" else None for value in pair]
            for column, *pair in self.differences(row)
        }

    def preview(self) -> Preview:
        counts = int(self.new.sum()), int(self.changed.sum())
        return Preview(
            PAR_LEVELS,
            self.reader.sheet,
            *counts,
            len(self.rows) - sum(counts),
            [self._sample(row, self._values(row)) for row in map(int, np.flatnonzero(self.new)[:SHOWN])],
            [self._sample(row, self.differences(row)) for row in map(int, np.flatnonzero(self.changed)[:SHOWN])],
            self._mark(),
        )

    def _values(self, row: int) -> list[tuple[str, str | int, str | int]]:
        return [
            ("par", "", int(self.rows[PAR][row])),
            ("minimum", "", int(self.rows[MINIMUM][row])),
            ("short_below", "", _written(self.short_below(row))),
            ("mandated_minimum", "", self.mandated(row) or ""),
            ("bin", "", self.bin(row)),
        ]

    def _sample(self, row: int, differences: list[tuple[str, str | int, str | int]]) -> Sample:
        item = self.catalogue.items[self.rows[ITEM][row]]
        shown = [
            Difference(column, str(before), str(after)) for column, before, after in differences if str(after) or before
        ]
        return Sample(int(self.rows[LINE][row]), f"{self.places.label(self.rows[PLACE][row])} · {item.name}", shown)

    def _mark(self) -> str:
        mark = sha256(self.new.tobytes() + self.changed.tobytes())
        for column in (OLD_PAR, OLD_MINIMUM, OLD_SHORT, OLD_MANDATED, OLD_VERSION):
            mark.update(self.now[column][self.at[self.changed]].tobytes())
        return mark.hexdigest()


class ParReader(LineReader):
    """Reads and checks the rows of a file of par levels."""

    def plan(self) -> ParPlan:
        self.bins: dict[str, int] = {"": 0}
        rows = Columns(8, self._rows())
        keys = rows[PLACE] * len(self.catalogue) + rows[ITEM]
        for row, first in repeats(keys):
            said = _("this place and item are on line %(line)s already.")
            self.reader.refuse(int(rows[LINE][row]), "sku", said % {"line": rows[LINE][first]})
        now = Columns(7, self._now())
        found, at = look_up(keys, now[OLD_KEY])
        self._hold_what_is_mandated(rows, now, np.flatnonzero(found), at)
        changed = found & _differs(rows, now, at, with_bins="bin" in self.reader.names)
        return ParPlan(self.reader, self.catalogue, self.places, rows, now, list(self.bins), ~found, changed, at)

    def _rows(self) -> Iterator[tuple[int, ...]]:
        for row in self.reader.rows():
            where, is_ordered = self.where(row), self._is_ordered(row)
            if where is None or row.is_bad or not is_ordered:
                continue
            bin_number = self.bins.setdefault(str(row.values.get("bin", "")), len(self.bins))
            par, minimum, mandated = (
                int(str(row.values.get(name, UNSAID))) for name in ("par", "minimum", "mandated_minimum")
            )
            short = row.values.get("short_below", UNSAID)
            short_below = FOLLOWS if short is None or int(str(short)) >= minimum else int(str(short))
            yield *where, par, minimum, short_below, mandated, bin_number, row.line

    def _is_ordered(self, row: Row) -> bool:
        par, minimum, short, mandated = (
            row.values.get(name) for name in ("par", "minimum", "short_below", "mandated_minimum")
        )
        is_ordered = not (isinstance(par, int) and isinstance(minimum, int) and minimum > par)
        if not is_ordered:
            self.reader.refuse(
                row.line, "minimum", _("%(minimum)s is above the par, %(par)s.") % {"minimum": minimum, "par": par}
            )
        if isinstance(minimum, int) and isinstance(mandated, int) and mandated > minimum:
            said = _("%(number)s is above the minimum, %(minimum)s.") % {"number": mandated, "minimum": minimum}
            self.reader.refuse(row.line, "mandated_minimum", said)
            return False
        if isinstance(short, int) and isinstance(minimum, int) and short > minimum:
            said = _("%(number)s is above the minimum, %(minimum)s.") % {"number": short, "minimum": minimum}
            self.reader.refuse(row.line, "short_below", said)
            return False
        if isinstance(short, int) and isinstance(mandated, int) and short < mandated:
            said = _("%(number)s are mandated: what is below that is Short.") % {"number": mandated}
            self.reader.refuse(row.line, "short_below", said)
            return False
        return is_ordered

    def _hold_what_is_mandated(self, rows: Columns, now: Columns, known: Numbers, at: Numbers) -> None:
        """A file that does not speak of what is mandated must still hold it."""
        unsaid = known[rows[MANDATED][known] == UNSAID]
        for row in unsaid[rows[MINIMUM][unsaid] < now[OLD_MANDATED][at[unsaid]]]:
            said = _("%(number)s are mandated here: write no less.") % {"number": now[OLD_MANDATED][at[row]]}
            self.reader.refuse(int(rows[LINE][row]), "minimum", said)

    def _now(self) -> Iterator[tuple[int, ...]]:
        """The par levels at the places of the file, in one query."""
        places = {self.places.pks[key]: number for key, number in self.places.numbers.items() if key in self.places.pks}
        items = self.catalogue.numbers_by_pk()
        found = ParLevel.objects.filter(location_id__in=places) if len(places) <= 5_000 else ParLevel.objects.all()
        names = ("par", "minimum", "short_below", "mandated_minimum", "bin", "version")
        values = found.values_list("location_id", "item_id", *names)
        for location, item, par, minimum, short, mandated, bin_name, version in values.iterator(chunk_size=5_000):
            if location in places:
                key = places[location] * len(self.catalogue) + items[item]
                number = self.bins.setdefault(bin_name, len(self.bins))
                yield key, par, minimum, FOLLOWS if short is None else short, mandated, number, version


def _written(number: int | None) -> str | int:
    """As a cell of the file has it: empty where Short follows the minimum."""
    return "" if number is None or number < 0 else number


def _differs(rows: Columns, now: Columns, at: Numbers, *, with_bins: bool) -> Flags:
    if not len(now):
        return np.zeros(len(rows), dtype=np.bool_)
    differs: Flags = (rows[PAR] != now[OLD_PAR][at]) | (rows[MINIMUM] != now[OLD_MINIMUM][at])
    differs |= (rows[SHORT] != UNSAID) & (rows[SHORT] != now[OLD_SHORT][at])
    differs |= (rows[MANDATED] != UNSAID) & (rows[MANDATED] != now[OLD_MANDATED][at])
    return differs | (rows[BIN] != now[OLD_BIN][at]) if with_bins else differs
