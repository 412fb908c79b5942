"""``manage.py export_division --to FILE.zip``: the whole division in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.commands import JsonCommand
from core.errors import DomainError
from integrations.actions.archives import export_division


class Command(JsonCommand):
    help = "Write everything into one archive, for an empty system to read. See docs/archive.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip", help="a file that is not there yet")

    def carry_out(self, *, to: Path, **options: Any) -> dict[str, Any]:
        if to.exists():
            raise DomainError(f"{to} is there already. Name another file.")
        if not to.parent.is_dir():
            raise DomainError(f"There is no folder {to.parent}. Make it first.")
        begun = to.with_name(f"{to.name}.part")
        try:
            begun.touch(mode=0o600)
            with begun.open("wb") as file:
                manifest = export_division(file, by=None, at=timezone.now(), request_id=uuid4())
            begun.rename(to)
        finally:
            begun.unlink(missing_ok=True)
        return {
            "file": str(to),
            "bytes": to.stat().st_size,
            "made_at": manifest["made_at"],
            "rows": {table["name"]: table["rows"] for table in manifest["tables"]},
        }

    def in_words(self, answer: Any) -> str:
        rows = sum(answer["rows"].values())
        return f"{answer['file']}: {rows:,} rows of {len(answer['rows'])} tables, {answer['bytes']:,} bytes."
