"""``manage.py take_records FILE|FOLDER …``: take files of patient-care records."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.actions.records import Taken, take_records
from integrations.records.folder import Outcome, files_in, tried
from integrations.records.reading import read_care_path
from stations.models import User


class Command(BaseCommand):
    help = "Take patient-care records (NEMSIS 3.5 EMSDataSet). Ends with 1 if a file was refused. See docs/records.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("places", nargs="+", type=Path, metavar="FILE|FOLDER", help="of a folder, its .xml files")
        parser.add_argument("--by", metavar="USERNAME", help="who takes them: somebody of logistics (default: system)")
        parser.add_argument("--json", action="store_true", help="print an object with what became of each file")

    def handle(self, *, places: list[Path], by: str | None, **options: Any) -> None:
        person = User.objects.filter(username=by, is_active=True).first() if by else None
        if by and person is None:
            raise CommandError(f"There is nobody named {by}.")
        if missing := [str(place) for place in places if not place.exists()]:
            raise CommandError(f"There is no {', no '.join(missing)}. Nothing was taken.")

        def take(path: Path) -> Taken:
            return take_records(file=read_care_path(path), by=person, at=timezone.now(), request_id=uuid4())

        try:
            outcomes = [tried(path, take) for place in places for path in files_in(place)]
        except PermissionDenied as refusal:
            raise CommandError(f"{by} is not of logistics, who alone take records.") from refusal
        self._show(outcomes, as_json=options["json"])
        if refused := sum(bool(one.refusal) for one in outcomes):
            raise CommandError(f"{refused} of {len(outcomes)} files refused.")

    def _show(self, outcomes: list[Outcome], *, as_json: bool) -> None:
        if as_json:
            files = [
                {"file": one.name} | ({"refused": one.refusal} if one.refusal else asdict(one.taken))
                for one in outcomes
            ]
            self.stdout.write(json.dumps({"files": files}))
            return
        for one in outcomes:
            self.stdout.write(f"{one.name}: {one.refusal or one.taken}")
        if not outcomes:
            self.stdout.write("No .xml file is here.")
