"""Who works here: the chief enters people, says what they do and where, and lets them go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from stations.access import require_role
from stations.models import Command, Membership, Station, User


@dataclass(frozen=True, slots=True)
class Duty:
    """What a person does: the role, and for an officer the stations where they act and those they only look at."""

    role: str
    acts_at: Sequence[Station] = ()
    looks_at: Sequence[Station] = ()

    def facts(self) -> dict[str, object]:
        return {
            "role": self.role,
            "acts_at": sorted(station.code for station in self.acts_at),
            "looks_at": sorted(station.code for station in self.looks_at),
        }


@transaction.atomic
def add_person(
    *,
    username: str,
    first_name: str,
    last_name: str,
    email: str = "",
    duty: Duty,
    by: User | None,
    at: datetime,
    request_id: UUID,
) -> User:
    """Enter a person, without a password: they choose one through a sign-in link.

    Chiefs only; nobody (``by`` None) from the command line, for a division's first person."""
    facts = {"username": username, "name": [first_name, last_name], "email": email, **duty.facts()}
    command, is_new = Command.objects.claim(request_id, "add_person", by=by, at=at, facts=facts)
    if not is_new:
        return User.objects.get(pk=command.answer())
    if by is not None:
        require_role(by, User.Role.CHIEF)
    check_username(username)
    check_email(email)
    if User.objects.filter(username__iexact=username).exists():
        raise DomainError(_("Somebody is already called %(name)s: choose another user name.") % {"name": username})
    check_duty(duty)
    person = User(username=username, first_name=first_name, last_name=last_name, email=email, role=duty.role)
    person.set_unusable_password()
    person.save()
    _write_memberships(person, duty)
    command.log("entered", person, duty=duty.facts())
    return person


@transaction.atomic
def change_person(
    *,
    person: User,
    first_name: str,
    last_name: str,
    email: str,
    duty: Duty,
    is_active: bool,
    by: User,
    at: datetime,
    request_id: UUID,
) -> User:
    """Change what a person is called and does, or let them go: they can no longer sign in, and what they did stays.

    Chiefs only, and never about themselves: a division keeps a chief who can let others in.
    """
    facts = {"person": person.pk, "name": [first_name, last_name], "email": email, "is_active": is_active}
    command, is_new = Command.objects.claim(request_id, "change_person", by=by, at=at, facts=facts | duty.facts())
    if not is_new:
        return User.objects.get(pk=command.answer())
    require_role(by, User.Role.CHIEF)
    check_duty(duty)
    locked = _locked(person, by)
    if locked.pk == by.pk and (duty.role != locked.role or not is_active):
        raise DomainError(_("Another chief must change your own role, or let you go."))
    check_email(email)
    before = duty_of(locked).facts() | {"is_active": locked.is_active}
    locked.first_name, locked.last_name, locked.email = first_name, last_name, email
    locked.role, locked.is_active = duty.role, is_active
    locked.save(update_fields=["first_name", "last_name", "email", "role", "is_active"])
    _write_memberships(locked, duty)
    command.log("changed", locked, before=before, after=duty.facts() | {"is_active": is_active})
    return locked


@transaction.atomic
def give_sign_in_link(*, person: User, by: User, at: datetime, request_id: UUID) -> User:
    """Note that a chief took a link with which this person may choose a new password. Making it is the page's work."""
    command, is_new = Command.objects.claim(request_id, "give_sign_in_link", by=by, at=at, facts={"person": person.pk})
    if is_new:
        require_role(by, User.Role.CHIEF)
        if not person.is_active:
            raise DomainError(_("%(person)s has been let go: take them back first.") % {"person": person})
        command.log("gave a sign-in link to", person)
    return person


def duty_of(person: User) -> Duty:
    """What a person does now."""
    memberships = list(person.memberships.select_related("station"))
    return Duty(
        person.role,
        acts_at=[one.station for one in memberships if not one.is_read_only],
        looks_at=[one.station for one in memberships if one.is_read_only],
    )


def _locked(person: User, by: User) -> User:
    """The person, for a chief who is one still: of two chiefs who let each other go, the second is refused."""
    both = User.objects.filter(pk__in=[person.pk, by.pk]).order_by("pk").select_for_update(no_key=True)
    found = {one.pk: one for one in both}
    require_role(found[by.pk], User.Role.CHIEF)
    if not found[by.pk].is_active:
        raise PermissionDenied
    return found[person.pk]


def check_username(username: str) -> None:
    """Refuse what cannot be a user name."""
    try:
        ASCIIUsernameValidator()(username)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    if not username or len(username) > 150:
        raise DomainError(_("Choose a user name of up to 150 letters."))


def check_email(email: str) -> None:
    """Refuse what cannot be an address for mail; nobody needs one."""
    try:
        if email:
            validate_email(email)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error


def check_duty(duty: Duty) -> None:
    """Refuse a role that there is not, and an officer who belongs nowhere, or to a station in two ways."""
    if duty.role not in User.Role.values:
        raise DomainError(_("Choose what this person does."))
    if duty.role == User.Role.OFFICER and not (duty.acts_at or duty.looks_at):
        raise DomainError(_("An officer belongs to a station: choose at least one."))
    if twice := {station.pk for station in duty.acts_at} & {station.pk for station in duty.looks_at}:
        names = ", ".join(station.name for station in duty.acts_at if station.pk in twice)
        raise DomainError(_("Choose for %(stations)s either to act there or only to look.") % {"stations": names})


def _write_memberships(person: User, duty: Duty) -> None:
    wanted = {} if duty.role != User.Role.OFFICER else {station.pk: False for station in duty.acts_at}
    if duty.role == User.Role.OFFICER:
        wanted |= {station.pk: True for station in duty.looks_at}
    person.memberships.exclude(station__in=wanted).delete()
    Membership.objects.bulk_create(
        [Membership(user=person, station_id=pk, is_read_only=only) for pk, only in wanted.items()],
        update_conflicts=True,
        unique_fields=["user", "station"],
        update_fields=["is_read_only"],
    )
