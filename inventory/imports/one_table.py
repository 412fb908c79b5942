"""A file of one table, that is loaded by itself: held against what is there, shown, and loaded as it was shown."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from inventory.imports.columns import Table
from inventory.imports.problems import Report, Unreadable
from inventory.imports.sheets import Reader, Sheet
from inventory.imports.sources import Source
from inventory.imports.workbooks import raw_of

SHOWN = 10


class Change(Protocol):
    """One row that would be new or another."""

    @property
    def before(self) -> Any:
        """As it is; None: it is new."""

    @property
    def facts(self) -> tuple[Any, ...]:
        """All that would be written, and over what."""


C = TypeVar("C", bound=Change)


@dataclass
class TablePlan(Generic[C]):
    """What a file would change. ``mark`` is equal for two readings only when both would change the same."""

    report: Report = field(default_factory=Report)
    changes: list[C] = field(default_factory=list)
    same: int = 0

    @property
    def is_refused(self) -> bool:
        return bool(self.report.problem_count)

    @property
    def is_nothing(self) -> bool:
        return not self.changes

    @property
    def new(self) -> int:
        return sum(change.before is None for change in self.changes)

    @property
    def changed(self) -> int:
        return len(self.changes) - self.new

    @property
    def first(self) -> list[C]:
        return self.changes[:SHOWN]

    @property
    def mark(self) -> str:
        digest = sha256()
        for change in self.changes:
            digest.update(repr(change.facts).encode())
        return digest.hexdigest()


def read_into(
    plan: TablePlan[Any], table: Table, source: Source, uploaded_rows: int | None, read: Callable[[Reader], None]
) -> None:
    """Give the rows of a CSV or XLSX file to ``read``, which fills the plan; what cannot be read is in its report."""
    with ExitStack() as open_files:
        try:
            sheet = Sheet(table, source.name, raw_of(source, open_files))
        except Unreadable as error:
            plan.report.refuse(source.name, error.line, error.column, error.reason)
            return
        read(Reader(sheet, plan.report, uploaded_rows))
    plan.report.in_order()
