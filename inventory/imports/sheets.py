"""Which table a file or a sheet holds, what its columns are, and its rows as values."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.imports.columns import TABLES, Column, Table
from inventory.imports.csv_files import RawRow, csv_rows
from inventory.imports.headings import heading_problems
from inventory.imports.problems import Report, Unreadable
from inventory.imports.sources import Source
from inventory.imports.values import BadValue, Value, clean, nearest
from inventory.imports.workbooks import open_workbook

MOST_SHOWN = 50
_REMEMBERED = 5_000
_ABSENT = object()
_SHEET = gettext_noop("%(file)s, sheet %(sheet)s")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the values of the columns that the file has. A bad one lacks what could not be read."""

    line: int
    values: dict[str, Value]
    is_bad: bool


@dataclass(frozen=True)
class Sheet:
    """A table as one file or sheet holds it, not yet read. ``sheet``: its name in a workbook."""

    table: Table
    file: str
    raw: Callable[[], Iterator[RawRow]]
    sheet: str = ""

    @cached_property
    def label(self) -> str:
        """What problems call it."""
        return _label(self.file, self.sheet)

    @property
    def kept(self) -> str:
        """The same for the log, which no language changes."""
        return _SHEET % {"file": self.file, "sheet": self.sheet} if self.sheet else self.file


def _label(file: str, sheet: str) -> str:
    return _(_SHEET) % {"file": file, "sheet": sheet} if sheet else file


def find_sheets(sources: Iterable[Source], open_files: ExitStack, report: Report) -> dict[str, Sheet]:
    """The tables in these files by name. Files and sheets that are none, or come twice, are problems."""
    found: dict[str, Sheet] = {}
    for source in sources:
        try:
            sheets = _of_csv(source) if source.suffix == ".csv" else _of_workbook(source, open_files, report)
        except Unreadable as error:
            report.refuse(source.name, error.line, "", error.reason)
            continue
        for sheet in sheets:
            if sheet.table.name in found:
                told = {"tables": sheet.table.title, "file": found[sheet.table.name].label}
                said = _("%(tables)s are in %(file)s already. Keep one of the two.") % told
                report.refuse(sheet.label, None, "", said)
            else:
                found[sheet.table.name] = sheet
    return found


def table_named(name: str) -> Table | None:
    """The table that a file's or sheet's name means, whatever its case, spaces, dashes and “(1)”."""
    plain = re.sub(r"[\W_]", "", re.sub(r"\(\d+\)$", "", name.strip()).casefold())
    return next((table for table in TABLES.values() if table.name.replace("_", "") == plain), None)


def _unknown(name: str, *, is_sheet: bool = False) -> str:
    said = _("its name is not one of the tables: %(tables)s.")
    if is_sheet:
        said = _("the name of the sheet is not one of the tables: %(tables)s.")
    return said % {"tables": ", ".join(TABLES)} + nearest(name, TABLES)


def _of_csv(source: Source) -> list[Sheet]:
    table = table_named(source.stem)
    if table is None:
        raise Unreadable(_unknown(source.stem))

    return [Sheet(table, source.name, csv_rows(source))]


def _of_workbook(source: Source, open_files: ExitStack, report: Report) -> list[Sheet]:
    raws = open_files.enter_context(open_workbook(open_files.enter_context(source.open())))
    sheets: list[Sheet] = []
    is_empty = True
    for title, raw in raws.items():
        table = table_named(title) or (table_named(source.stem) if len(raws) == 1 else None)
        if table is not None:
            sheets.append(Sheet(table, source.name, raw, title))
        elif any(any(cells) for _line, cells in raw()):
            report.refuse(_label(source.name, title), None, "", _unknown(title, is_sheet=True))
        else:
            continue
        is_empty = False
    if is_empty:
        said = _("holds no table. Name its sheets after the tables: %(tables)s.")
        raise Unreadable(said % {"tables": ", ".join(TABLES)})
    return sheets


@dataclass
class Reader:
    """Reads the rows of one sheet, putting every bad cell into the report.

    ``uploaded_rows`` is the most that an upload may have. ``is_whole``: the heading was good and every row could be
    split into cells, so that what is not here is in no row.
    """

    sheet: Sheet
    report: Report
    uploaded_rows: int | None = None
    names: tuple[str, ...] = ()
    is_whole: bool = True
    _memory: dict[str, dict[str, Value]] = field(default_factory=dict)

    @property
    def most_rows(self) -> int:
        return min(self.sheet.table.most_rows, self.uploaded_rows or self.sheet.table.most_rows)

    @property
    def instead(self) -> str:
        return _("Load it in parts, or with manage.py load_division.") if self.uploaded_rows else _("Load it in parts.")

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank. Bad ones are given as well, so that nothing else is blamed for them."""
        try:
            raw = ((line, cells) for line, cells in self.sheet.raw() if any(map(str.strip, cells)))
            columns = self._columns(next(raw, (1, [])))
            self.names = tuple(column.name for column in columns)
            if not columns:
                return
            for count, (line, cells) in enumerate(raw, 1):
                if count > self.most_rows:
                    said = _("has more than %(most)s rows.") % {"most": f"{self.most_rows:,}"}
                    raise Unreadable(f"{said} {self.instead}", line=line)
                yield self._row(line, cells, columns)
        except Unreadable as error:
            self.is_whole = False
            self.refuse(error.line, error.column, error.reason)

    def refuse(self, line: int | None, column: str, reason: str) -> None:
        self.report.refuse(self.sheet.label, line, column, reason)

    def warn(self, line: int | None, column: str, reason: str) -> None:
        self.report.warn(self.sheet.label, line, column, reason)

    def _columns(self, heading: RawRow) -> list[Column]:
        line, cells = heading
        known = {column.name: column for column in self.sheet.table.columns}
        names = [re.sub(r"[\s-]+", "_", cell.replace("\u00a0", " ").strip().casefold()) for cell in cells]
        while names and not names[-1]:
            names.pop()
        problems = list(heading_problems(names, cells, self.sheet.table, known))
        for column, reason in problems[:MOST_SHOWN]:
            self.refuse(line, column, reason)
        if problems:
            self.is_whole = False
            return []
        return [known[name] for name in names]

    def _row(self, line: int, cells: Sequence[str], columns: Sequence[Column]) -> Row:
        values: dict[str, Value] = {}
        is_bad = False
        for place, column in enumerate(columns):
            try:
                values[column.name] = self._value(column, cells[place] if place < len(cells) else "")
            except BadValue as error:
                self.refuse(line, column.name, str(error))
                is_bad = True
        if any(map(str.strip, cells[len(columns) :])):
            said = _("has %(cells)s cells, and the heading %(columns)s. Is a comma not in quotes?")
            self.refuse(line, "", said % {"cells": len(cells), "columns": len(columns)})
            is_bad = True
        return Row(line, values, is_bad)

    def _value(self, column: Column, cell: str) -> Value:
        memory = self._memory.setdefault(column.name, {})
        if (known := memory.get(cell, _ABSENT)) is not _ABSENT:
            return known  # type: ignore[return-value]  # whatever was put there below
        text = clean(cell)
        if not text and column.needed:
            raise BadValue(_("is empty."))
        value = column.kind.read(text) if text else column.default
        if len(memory) < _REMEMBERED:
            memory[cell] = value
        return value
