"""The small tables: what the file says of a row, what the database says, and what it would become."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from inventory.imports.columns import Table
from inventory.imports.sheets import Reader, Row
from inventory.imports.values import Value

Key = tuple[str, ...]
Record = dict[str, Value]


@dataclass(slots=True)
class Entry:
    """One row of a file beside the same row of the database: ``before`` is None for a new one."""

    key: Key
    line: int
    before: Record | None
    after: Record
    is_bad: bool

    @property
    def differences(self) -> dict[str, tuple[Value, Value]]:
        """Column → (before, after) of what changes; of a new row, every column."""
        if self.before is None:
            return {name: (None, value) for name, value in self.after.items()}
        return {name: (old, self.after[name]) for name, old in self.before.items() if old != self.after[name]}


@dataclass
class Records:
    """A small table as it is and as the file would have it. Without a file, nothing would change."""

    table: Table
    now: dict[Key, Record]
    entries: dict[Key, Entry] = field(default_factory=dict)
    reader: Reader | None = None

    @property
    def is_whole(self) -> bool:
        """Whether a row that is not here is truly missing, and not merely unreadable."""
        return self.reader is None or self.reader.is_whole

    def final(self) -> Iterator[tuple[Key, Record]]:
        """Every row as it would be."""
        for key, record in self.now.items():
            if key not in self.entries:
                yield key, record
        for key, entry in self.entries.items():
            yield key, entry.after

    def get(self, key: Key) -> Record | None:
        """One row as it would be."""
        entry = self.entries.get(key)
        return entry.after if entry else self.now.get(key)

    def good(self) -> Iterator[Entry]:
        """The rows of the file that could be read whole, for further checks."""
        return (entry for entry in self.entries.values() if not entry.is_bad)

    def refuse(self, entry: Entry, column: str, reason: str) -> None:
        if self.reader:
            self.reader.refuse(entry.line, column, reason)


def current(table: Table) -> dict[Key, Record]:
    """The table as the database has it, in one query."""
    columns = table.columns
    blanks = {column.name: column.default for column in columns if column.default == ""}
    model: Any = table.model
    rows: dict[Key, Record] = {}
    for values in model.objects.values_list(*[column.field for column in columns]).iterator(chunk_size=5_000):
        record: Record = {column.name: value for column, value in zip(columns, values, strict=True)}
        record.update({name: blank for name, blank in blanks.items() if record[name] is None})
        rows[tuple(str(record[name]) for name in table.key)] = record
    return rows


def read_records(table: Table, reader: Reader | None) -> Records:
    """The table beside its file. Rows of the same key are refused, and new rows that lack what they need."""
    records = Records(table, current(table), reader=reader)
    if reader is None:
        return records
    for row in reader.rows():
        if any(name not in row.values for name in table.key):
            continue
        entry = _entry(records, reader, row)
        if earlier := records.entries.get(entry.key):
            said = _("%(name)s is on line %(line)s already.") % {"name": " ".join(entry.key), "line": earlier.line}
            reader.refuse(row.line, table.key[0], said)
        else:
            records.entries[entry.key] = entry
    return records


def _entry(records: Records, reader: Reader, row: Row) -> Entry:
    table = records.table
    key = tuple(str(row.values[name]) for name in table.key)
    before = records.now.get(key)
    base = before if before is not None else {column.name: column.default for column in table.columns}
    missing = [column.name for column in table.columns if column.needed and column.name not in reader.names]
    if before is None and missing:
        reader.refuse(row.line, ", ".join(missing), _("%(name)s is new and needs this.") % {"name": " ".join(key)})
    return Entry(key, row.line, before, base | row.values, row.is_bad or (before is None and bool(missing)))
