"""``manage.py import_archive FILE.zip``: a division into an empty system."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import JsonCommand
from core.errors import DomainError
from integrations.actions.archives import import_archive
from stations.models import User
from stations.sign_in import sign_in_path


class Command(JsonCommand):
    help = "Load an archive of export_division into this empty system, all or nothing. See docs/archive.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def carry_out(self, *, file: Path, **options: Any) -> dict[str, Any]:
        if not file.is_file():
            raise DomainError(f"There is no file {file}.")
        done = import_archive(file)
        chiefs = User.objects.filter(role=User.Role.CHIEF, is_active=True).order_by("pk")
        return {
            "division": done.division,
            "made_at": done.made_at,
            "rows": done.rows,
            "sign_in": {chief.username: sign_in_path(chief) for chief in chiefs},
        }

    def in_words(self, answer: Any) -> str:
        links = [f"{name} chooses a new password at {path}" for name, path in answer["sign_in"].items()]
        rows = sum(answer["rows"].values())
        return "\n".join([f"{answer['division']}, as of {answer['made_at']}: {rows:,} rows. It adds up.", *links])
