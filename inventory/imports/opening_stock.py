"""Opening stock in a file, beside what the ledger says each place opened with.

A row states with how many of a lot a place began. Against the movements of reason "opening" between the supplier and
that place it is new, the same, or different. A different opening is put right by a further opening movement as long
as nothing else has moved that lot there; from then on only a count can say what is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.imports.arrays import Columns, Flags, Numbers, look_up, repeats
from inventory.imports.columns import OPENING_STOCK
from inventory.imports.history import HISTORY_KEY, OPENED, OTHERS, Promised, opening_history, promised
from inventory.imports.lines import LineReader
from inventory.imports.lots import Lots
from inventory.imports.places import Catalogue, Places
from inventory.imports.previews import SHOWN, Difference, Preview, Sample
from inventory.imports.sheets import Reader

PLACE, LOT, ON_HAND, LINE = range(4)
COUNT_IT = gettext_noop("Count it instead: what is there now is for a count to say.")


class Change(NamedTuple):
    """One movement to make: ``quantity`` more of a lot at a place, or less where it is negative."""

    place: int
    lot: int
    quantity: int


@dataclass
class OpeningPlan:
    """The rows of the file by column, and with how many each place opened so far."""

    reader: Reader
    catalogue: Catalogue
    places: Places
    lots: Lots
    rows: Columns
    opened: Numbers
    new: Flags
    changed: Flags

    def changes(self) -> Iterator[Change]:
        """The movements that make the ledger say what the file says."""
        for row in map(int, np.flatnonzero(self.new | self.changed)):
            quantity = int(self.rows[ON_HAND][row] - self.opened[row])
            yield Change(int(self.rows[PLACE][row]), int(self.rows[LOT][row]), quantity)

    def preview(self) -> Preview:
        counts = int(self.new.sum()), int(self.changed.sum())
        mark = sha256(self.new.tobytes() + self.changed.tobytes() + self.opened.tobytes())
        return Preview(
            OPENING_STOCK,
            self.reader.sheet,
            *counts,
            len(self.rows) - sum(counts),
            [self._sample(row) for row in map(int, np.flatnonzero(self.new)[:SHOWN])],
            [self._sample(row) for row in map(int, np.flatnonzero(self.changed)[:SHOWN])],
            mark.hexdigest(),
        )

    def _sample(self, row: int) -> Sample:
        lot = self.lots.lots[self.rows[LOT][row]]
        name = f"{self.places.label(self.rows[PLACE][row])} · {self.catalogue.items[lot.item].name}"
        before = "" if self.new[row] else str(self.opened[row])
        differences = [Difference("on_hand", before, str(self.rows[ON_HAND][row]))]
        if self.new[row]:
            described = (("lot", lot.number), ("serial", lot.serial), ("expires_on", str(lot.expires_on or "")))
            differences += [Difference(column, "", text) for column, text in described if text]
        return Sample(int(self.rows[LINE][row]), name, differences)


class OpeningReader(LineReader):
    """Reads and checks the rows of a file of opening stock."""

    def plan(self, today: date) -> OpeningPlan:
        self.lots = Lots(self.reader, self.catalogue, today)
        rows = Columns(4, self._rows())
        keys = rows[PLACE] * max(len(self.lots), 1) + rows[LOT]
        for row, first in repeats(keys):
            said = _("this lot at this place is on line %(line)s already.")
            self.reader.refuse(int(rows[LINE][row]), "lot", said % {"line": rows[LINE][first]})
        self.lots.find()
        history = opening_history(self.places, self.lots)
        found, at = look_up(keys, history[HISTORY_KEY])
        opened = np.where(found, history[OPENED][at], 0) if len(history) else np.zeros(len(rows), dtype=np.int64)
        differs = rows[ON_HAND] != opened
        plan = OpeningPlan(
            self.reader, self.catalogue, self.places, self.lots, rows, opened, ~found & differs, found & differs
        )
        self._refuse_moved(plan, history, at)
        self._refuse_elsewhere(plan)
        return plan

    def _rows(self) -> Iterator[tuple[int, ...]]:
        for row in self.reader.rows():
            where = self.where(row)
            if where is None or row.is_bad:
                continue
            place, item = where
            on_hand = int(str(row.values["on_hand"]))
            lot = self.lots.number(row, item, on_hand)
            if lot is not None:
                yield place, lot, on_hand, row.line

    def _refuse_moved(self, plan: OpeningPlan, history: Columns, at: Numbers) -> None:
        """What differs from the ledger, and has moved since or is promised, is for a count to say."""
        for row in map(int, np.flatnonzero(plan.changed)):
            opened, line = int(plan.opened[row]), int(plan.rows[LINE][row])
            if history[OTHERS][at[row]]:
                said = _("this lot opened here with %(opened)s, and has moved since.") % {"opened": opened}
                self.reader.refuse(line, "on_hand", f"{said} {_(COUNT_IT)}")
        lessened = {
            (int(plan.rows[PLACE][row]), int(plan.rows[LOT][row])): row
            for row in map(int, np.flatnonzero(plan.changed & (plan.rows[ON_HAND] < plan.opened)))
        }
        for held in promised(self.places, self.lots) if lessened else ():
            self._refuse_promised(plan, held, lessened.get((held.place, held.lot)))

    def _refuse_promised(self, plan: OpeningPlan, held: Promised, row: int | None) -> None:
        if row is not None and held.quantity > plan.rows[ON_HAND][row]:
            said = _("%(quantity)s of this lot are promised to orders.") % {"quantity": held.quantity}
            self.reader.refuse(int(plan.rows[LINE][row]), "on_hand", f"{said} {_(COUNT_IT)}")

    def _refuse_elsewhere(self, plan: OpeningPlan) -> None:
        """A thing with a serial number is in one place only."""
        for row in map(int, np.flatnonzero(plan.new)):
            lot = self.lots.lots[plan.rows[LOT][row]]
            if lot.serial and lot.pk in self.lots.somewhere:
                said = _("%(serial)s is at %(place)s already. Transfer it instead.")
                told = {"serial": lot.serial, "place": self.lots.somewhere[lot.pk]}
                self.reader.refuse(int(plan.rows[LINE][row]), "serial", said % told)
