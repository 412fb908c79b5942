"""``manage.py export_tables --to FOLDER``: every table in the columns in which it is imported."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import JsonCommand
from core.errors import DomainError
from core.exports import WRITERS
from core.snapshots import one_moment
from inventory.imports.rows_out import columns_out
from orders.queries.tables_out import TABLES_OUT, rows_of

MOST_OF_A_SHEET = 1_048_575  # beside the heading, says Excel


class Command(JsonCommand):
    help = "Write each table as load_division and load_travel_times read it. See docs/import.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="made if it is not there")
        parser.add_argument("--format", choices=sorted(WRITERS), default="csv")

    def carry_out(self, *, to: Path, format: str, **options: Any) -> dict[str, Any]:  # noqa: A002 - as people type it
        to.mkdir(parents=True, exist_ok=True)
        files = {name: to / f"{name}.{format}" for name in TABLES_OUT}
        if there := [file.name for file in files.values() if file.exists()]:
            raise DomainError(f"{to} holds {', '.join(there)} already. Name another folder.")
        with one_moment():
            rows = {name: self._write(name, file, format) for name, file in files.items()}
        return {"folder": str(to), "rows": rows}

    def _write(self, name: str, file: Path, kind: str) -> int:
        table, count = TABLES_OUT[name], 0

        def counted() -> Any:
            nonlocal count
            for row in rows_of(table):
                count += 1
                if kind == "xlsx" and count > MOST_OF_A_SHEET:
                    raise DomainError(f"{table.title}: more rows than a sheet holds. Write CSV.")
                yield row

        with file.open("wb") as out:
            WRITERS[kind](out, columns_out(table), counted(), name)
        return count

    def in_words(self, answer: Any) -> str:
        return "\n".join(f"{name}: {rows:,} rows" for name, rows in answer["rows"].items())
