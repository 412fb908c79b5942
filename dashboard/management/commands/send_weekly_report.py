from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from core.errors import DomainError
from dashboard.actions.report_mails import send_report_to
from dashboard.queries.weeks import Week


class Command(BaseCommand):
    help = "Send a week's report by e-mail now, to any address; what is sent on Mondays stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", action="append", required=True, help="an address; may be given again")
        parser.add_argument("--week", default="", help="such as 2026-W48; the week that has ended if left out")

    def handle(self, *, to: list[str], week: str, **options: Any) -> None:
        now = timezone.now()
        today = timezone.localdate(now)
        for address in to:
            try:
                validate_email(address)
            except ValidationError as error:
                raise CommandError(f"--to {address}: write an e-mail address.") from error
        try:
            wanted = Week.named(week, today) if week else Week.of(today).back(1)
            send_report_to(to, wanted, at=now)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:  # what the mail server and the way to it say
            raise CommandError(f"The mail server did not take it: {error}") from error
        self.stdout.write(f"The report of {wanted} was sent to {', '.join(to)}.")
