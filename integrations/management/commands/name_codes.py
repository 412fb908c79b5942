"""``manage.py name_codes FILE``: names for the codes of medications and procedures, from the division's own list."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.actions.mapping import name_codes
from integrations.models import CareCode
from integrations.records.elements import CODE

SYSTEMS = {"rxnorm": CareCode.System.RXNORM, "snomed": CareCode.System.SNOMED, "": CareCode.System.SNOMED}


class Command(BaseCommand):
    help = "Name codes from a NEMSIS defined list as CSV: columns Value, CodeType (empty: SNOMED), SuggestedLabel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                names = list(_names(csv.DictReader(stream)))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CommandError(f"{file} cannot be read as CSV: {error}") from error
        changed = name_codes(names=names, by=None, at=timezone.now())
        self.stdout.write(f"{len(names)} codes read, {changed} named.")


def _names(rows: "csv.DictReader[str]") -> Iterator[tuple[str, str, str]]:
    if missing := {"Value", "CodeType", "SuggestedLabel"} - set(rows.fieldnames or ()):
        raise CommandError(f"The file has no column {', '.join(sorted(missing))}. Nothing was named.")
    for row in rows:
        code, system = (row["Value"] or "").strip(), (row["CodeType"] or "").strip().lower().partition("-")[0]
        name = (row["SuggestedLabel"] or "").replace("\0", "").strip()[:200]
        if not CODE.fullmatch(code) or system not in SYSTEMS or not name:
            raise CommandError(f"Line {rows.line_num}: a code, its type (RxNorm, SNOMED) and a name are needed.")
        yield SYSTEMS[system].value, code, name
