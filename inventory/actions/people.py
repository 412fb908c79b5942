"""Loading a file of people: all or nothing, and nothing the second time."""

from datetime import datetime
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.imports.sources import Source
from inventory.queries.people_file import PeoplePlan, PersonChange, plan_people
from stations.access import require_role
from stations.actions.people import add_person, change_person
from stations.models import Command, Event, Station, User


class PeopleRefused(DomainError):
    """The file has problems: each with its line, column and reason. Nothing was loaded."""

    def __init__(self, plan: PeoplePlan) -> None:
        super().__init__(
            _("This file cannot be loaded as it is. Nothing was loaded; mend what is listed and try again."),
            problems=[str(problem) for problem in plan.report.problems],
        )


@transaction.atomic
def load_people(*, source: Source, seen: str, by: User, at: datetime, request_id: UUID) -> Event:
    """Enter and change everybody whom the file names, or refuse all with every reason. Returns the event that tells how
    many. Who is new gets no password; who is not named stays as they are.

    Chiefs only. Nobody's file changes their own role, and of two who let each other go one is refused: a chief is left.
    ``seen`` is the mark of the plan that the person agreed to; another is refused.
    """
    facts = {"seen": seen, "file": source.name, "content": source.digest()}
    command, is_new = Command.objects.claim(request_id, "load_people", by=by, at=at, facts=facts)
    if not is_new:
        return command.events.order_by("pk")[0]
    require_role(by, User.Role.CHIEF)
    # Who changes people at the same time waits here, and may be a chief no longer when it is their turn.
    list(User.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    if not User.objects.filter(pk=by.pk, role=User.Role.CHIEF, is_active=True).exists():
        raise PermissionDenied
    plan = plan_people(source, by=by)
    if plan.is_refused:
        raise PeopleRefused(plan)
    if plan.is_nothing:
        raise DomainError(_("There is nothing to change: people are as this file says already."))
    if plan.mark != seen:
        raise DomainError(_("People have changed since you looked. Nothing was loaded; look again, then load."))
    for change in plan.changes:
        _write(change, plan.stations, by=by, at=at, request_id=uuid5(request_id, change.username))
    return command.log("loaded people", command, file=source.name, new=plan.new, changed=plan.changed, same=plan.same)


def _write(change: PersonChange, stations: dict[str, Station], *, by: User, at: datetime, request_id: UUID) -> None:
    """By the actions of the People page. Somebody new who no longer works here is entered, and let go."""
    told = change.after
    names = {"first_name": told.first_name, "last_name": told.last_name, "email": told.email}
    duty, person = told.duty(stations), change.person
    if person is None:
        person = add_person(username=change.username, **names, duty=duty, by=by, at=at, request_id=request_id)
        if told.active:
            return
        request_id = uuid5(request_id, "let go")
    change_person(person=person, **names, duty=duty, is_active=told.active, by=by, at=at, request_id=request_id)
