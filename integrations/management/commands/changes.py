import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils import timezone

from integrations.actions.numbering import number_all_changes
from integrations.queries.changes import BeyondTheFeed, piece_after
from integrations.queries.kinds import BY_NAME, of_kinds


class Command(BaseCommand):
    help = "Print what happened after a position of the change feed, oldest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--after", type=int, default=0, metavar="N", help="the position to begin after")
        parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many")
        parser.add_argument("--kind", nargs="+", default=[], choices=BY_NAME, metavar="KIND", help=" ".join(BY_NAME))
        parser.add_argument("--json", action="store_true", help="print an object, as the API answers")

    def handle(self, *, after: int, limit: int, kind: list[str], **options: Any) -> None:
        if after < 0 or limit < 1:
            raise CommandError("Write --after 0 or more, and --limit 1 or more.")
        number_all_changes()
        try:
            piece = piece_after(after, limit=limit, wanted=Q() & of_kinds(kind))
        except BeyondTheFeed as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            facts = {"results": [asdict(one) for one in piece.changes], "after": piece.after, "more": piece.has_more}
            self.stdout.write(json.dumps(facts, cls=DjangoJSONEncoder))
            return
        for one in piece.changes:
            at = timezone.localtime(one.at)
            self.stdout.write(
                f"{one.position} {at:%Y-%m-%d %H:%M:%S} {one.by or 'system'} {one.verb} {one.kind} {one.id}"
            )
        self.stdout.write(f"after {piece.after}{', and there is more' if piece.has_more else ''}")
