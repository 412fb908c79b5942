"""The rows of a register's CSV file, by its own headings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from inventory.imports.csv_files import read_csv
from inventory.imports.problems import Report, Unreadable
from inventory.imports.sources import Source

MOST_ROWS = 20_000
Cells = Mapping[str, str]


@dataclass
class Rows:
    """One file: its headings, and each row that is not blank, by heading."""

    source: Source
    report: Report

    def __post_init__(self) -> None:
        self.names = self._names()

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        try:
            yield from self._rows()
        except Unreadable as error:
            self.refuse(error.line, error.reason)

    def refuse(self, line: int | None, reason: str, column: str = "") -> None:
        self.report.refuse(self.source.name, line, column, reason)

    def leave_out(self, line: int, reason: str) -> None:
        self.report.warn(self.source.name, line, "", reason)

    def _names(self) -> tuple[str, ...]:
        try:
            with self.source.open() as stream:
                return tuple(name.strip().casefold() for name in next(read_csv(stream), (1, []))[1])
        except Unreadable as error:
            self.refuse(error.line, error.reason)
            return ()

    def _rows(self) -> Iterator[tuple[int, Cells]]:
        with self.source.open() as stream:
            for count, (line, cells) in enumerate(read_csv(stream)):
                if not count or not any(map(str.strip, cells)):
                    continue
                if count > MOST_ROWS:
                    said = _("has more than %(most)s rows. Keep those that you may stock.")
                    raise Unreadable(said % {"most": f"{MOST_ROWS:,}"}, line=line)
                if len(cells) != len(self.names):
                    said = _("has %(cells)s cells, and the heading %(columns)s.")
                    self.refuse(line, said % {"cells": len(cells), "columns": len(self.names)})
                    continue
                texts = (text.replace("\0", "").strip() for text in cells)
                yield line, dict(zip(self.names, texts, strict=True))
