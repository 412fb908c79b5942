import json
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from integrations.actions.tokens import issue_token
from integrations.scopes import SCOPES
from stations.models import User


class Command(BaseCommand):
    help = "Issue a token for another system, and print it: it is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="NAME", help="for whom it acts, within their role")
        parser.add_argument("--scope", nargs="+", required=True, choices=SCOPES, metavar="SCOPE", help=" ".join(SCOPES))
        parser.add_argument("--name", default="", help="the system that uses it; the user's name unless given")
        parser.add_argument("--days", type=int, default=365, help="how long it lasts, at most a year")
        parser.add_argument("--json", action="store_true", help="print an object with the token's facts")

    def handle(self, *, user: str, scope: list[str], name: str, days: int, **options: Any) -> None:
        person = User.objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"There is nobody named {user}. Enter them first: manage.py add_person {user} --role …")
        try:
            token, text = issue_token(
                name=name or user,
                user=person,
                scopes=scope,
                days=days,
                by=None,
                at=timezone.now(),
                request_id=uuid4(),
            )
        except DomainError as refusal:
            raise CommandError("\n".join([str(refusal), *refusal.problems])) from refusal
        if options["json"]:
            facts = {"token": text, "name": token.name, "user": user, "scopes": token.scopes}
            self.stdout.write(json.dumps(facts | {"expires_at": token.expires_at.isoformat()}))
        else:
            self.stdout.write(text)
