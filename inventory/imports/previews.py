"""What a table's file would change, as people are shown it: counts, and the first rows of each sort."""

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.imports.columns import Table
from inventory.imports.records import Entry, Records
from inventory.imports.sheets import Reader, Sheet
from inventory.imports.values import Value

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a row: what it is now and what it would be, as written in a file."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One row that would be new or changed."""

    line: int
    name: str
    differences: list[Difference]


@dataclass(frozen=True)
class Preview:
    """One table. ``mark`` is equal for two readings of the same file only when both would change the same."""

    table: Table
    sheet: Sheet
    new: int
    changed: int
    same: int
    first_new: list[Sample]
    first_changed: list[Sample]
    mark: str

    @property
    def label(self) -> str:
        """Where it stands, in words."""
        return self.sheet.label

    @property
    def changes(self) -> int:
        return self.new + self.changed


def difference(table: Table, column: str, before: Value, after: Value) -> Difference:
    show = table.column(column).kind.show
    return Difference(column, "" if before is None else show(before), show(after))


def of_records(records: Records, reader: Reader, mark: str) -> Preview:
    """The preview of a small table that a file has."""
    table = records.table
    entries = list(records.entries.values())
    new = [entry for entry in entries if entry.before is None]
    changed = [entry for entry in entries if entry.before is not None and entry.differences]
    return Preview(
        table,
        reader.sheet,
        len(new),
        len(changed),
        len(entries) - len(new) - len(changed),
        _samples(table, new),
        _samples(table, changed),
        mark,
    )


def _samples(table: Table, entries: Iterable[Entry]) -> list[Sample]:
    return [
        Sample(
            entry.line,
            " ".join(entry.key),
            [
                difference(table, name, before, after)
                for name, (before, after) in entry.differences.items()
                if name not in table.key and (entry.before is not None or after not in ("", None))
            ],
        )
        for entry in list(entries)[:SHOWN]
    ]
