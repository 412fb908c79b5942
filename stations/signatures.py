"""A second person signs on the first one's screen, with their own password: a witness is not a name from a list."""

from dataclasses import dataclass

import structlog
from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.errors import DomainError
from stations.models import User

log = structlog.get_logger(__name__)


class WrongPassword(DomainError):
    """The password is not that of the person who was to sign, or was wrong too often."""


@dataclass(frozen=True, slots=True)
class Signature:
    """That a person was there and said so themselves, and how. Pages get one from ``sign`` and nowhere else."""

    person: User
    how: str = "password"


def sign(request: HttpRequest, person: User, password: str) -> Signature:
    """Whose password this is, as their signature. It is checked and not kept, and nobody is signed in by it.

    Wrong ones count toward the same lock as those at the door: five in five minutes for a person, whoever types them.
    """
    try:
        found = get_adapter().authenticate(request, username=person.username, password=password)
    except ValidationError as error:
        log.warning("signature locked", person=person.pk)
        refusal = _(
            "%(person)s had too many wrong passwords. Nothing was recorded. Wait five minutes or choose another person."
        )
        raise WrongPassword(refusal % {"person": person}) from error
    if found is None or found.pk != person.pk or not found.is_active:
        log.warning("signature refused", person=person.pk)
        refusal = _("That is not the password of %(person)s. Nothing was recorded; %(person)s types it once more.")
        raise WrongPassword(refusal % {"person": person})
    return Signature(person)
