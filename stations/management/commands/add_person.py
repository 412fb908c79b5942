from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from stations.actions.people import Duty, add_person
from stations.models import Station, User
from stations.sign_in import sign_in_path


class Command(BaseCommand):
    help = "Enter a person, and print the path of the page on which they choose their password (good for three days)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=User.Role.values, required=True)
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--station", action="append", default=[], metavar="CODE", help="Where an officer acts.")

    def handle(self, *args: Any, **options: Any) -> None:
        stations = {station.code: station for station in Station.objects.filter(code__in=options["station"])}
        if unknown := [code for code in options["station"] if code not in stations]:
            raise CommandError(f"No such station: {', '.join(unknown)}")
        try:
            person = add_person(
                username=options["username"],
                first_name=options["first_name"],
                last_name=options["last_name"],
                email=options["email"],
                duty=Duty(options["role"], acts_at=list(stations.values())),
                by=None,
                at=timezone.now(),
                request_id=uuid4(),
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(sign_in_path(person))
