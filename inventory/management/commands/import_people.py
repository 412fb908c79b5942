from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from core.commands import JsonCommand
from core.errors import DomainError
from inventory.actions.people import PeopleRefused, load_people
from inventory.imports.sources import from_folder
from inventory.queries.people_file import plan_people
from stations.access import require_role
from stations.models import User


class Command(JsonCommand):
    help = "Enter and change people from a CSV or XLSX file: shows what would change; --apply does it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="as export_tables writes people.csv or people.xlsx")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="the chief who does it")
        parser.add_argument("--apply", action="store_true", help="do it; else it is only shown")
        parser.add_argument("--request-id", type=UUID, help="a UUID: sent twice, it is done once")
        super().add_arguments(parser)

    def carry_out(self, *, file: Path, by: str, apply: bool, request_id: UUID | None, **options: Any) -> dict[str, Any]:
        chief = User.objects.filter(username=by, is_active=True).first()
        if chief is None:
            raise DomainError(f"There is nobody named {by} who may act. Nothing was changed.")
        require_role(chief, User.Role.CHIEF)
        if not file.is_file():
            raise DomainError(f"{file} is not a file.")
        [source], _ = from_folder(file)
        plan = plan_people(source, by=chief)
        if plan.is_refused:
            raise PeopleRefused(plan)
        answer = {"new": plan.new, "changed": plan.changed, "same": plan.same, "applied": False}
        if apply and not plan.is_nothing:
            at = timezone.now()
            load_people(source=source, seen=plan.mark, by=chief, at=at, request_id=request_id or uuid4())
            answer["applied"] = True
        people = [{"username": one.username, "changes": one.differences} for one in plan.changes]
        return answer | {"people": people}

    def in_words(self, answer: Any) -> str:
        done = "Loaded." if answer["applied"] else "Nothing was changed."
        return f"People: {answer['new']:,} new, {answer['changed']:,} changed, {answer['same']:,} the same. {done}"
