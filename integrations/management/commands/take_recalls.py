import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from integrations.actions.recalls import Taken, take_recalls
from integrations.recalls.feed import fetch
from integrations.recalls.files import Unreadable, read_file


class Command(BaseCommand):
    help = "Take recall records from openFDA or FDA files, or from https; exit with 1 when one of them was refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="+", metavar="FILE|URL", help="JSON or XML; each is taken whole or not")
        parser.add_argument("--json", action="store_true", help="print one object for each source")

    def handle(self, *, source: list[str], **options: Any) -> None:
        answers = [self._take(one) for one in source]
        if options["json"]:
            self.stdout.write(json.dumps(answers))
        else:
            for answer in answers:
                self._say(answer)
        if refused := [str(answer["source"]) for answer in answers if "refused" in answer]:
            raise CommandError(f"Nothing was taken from {', '.join(refused)}.")

    def _take(self, source: str) -> dict[str, object]:
        try:
            records = read_file(source, _content(source), most_mb=settings.EMS_RECALL_MB)
            taken: Taken = take_recalls(records=records, by=None, at=timezone.now(), request_id=uuid4())
        except DomainError as refusal:
            return {"source": source, "refused": str(refusal)}
        return {"source": source, **asdict(taken)}

    def _say(self, answer: dict[str, object]) -> None:
        if "refused" in answer:
            self.stderr.write(str(answer["refused"]))
        else:
            words = (
                "{source}: {new} new, {changed} changed, {same} known already; {lots} lots held, {to_review} to review"
            )
            self.stdout.write(words.format(**answer))


def _content(source: str) -> bytes:
    """The bytes of a file, or of what stands at an address; never more than one beyond what may be read."""
    if "://" in source:
        return fetch(source, most_mb=settings.EMS_RECALL_MB)
    try:
        with Path(source).open("rb") as file:
            return file.read(settings.EMS_RECALL_MB * 1_000_000 + 1)
    except OSError as error:
        raise Unreadable(f"{source} cannot be opened: {error.strerror}.") from error
