"""The language in which the system speaks to a person."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from stations.models import Command, User


@transaction.atomic
def choose_language(*, language: str, by: User, at: datetime, request_id: UUID) -> None:
    """Speak to the person in this language from now on, on every device and by e-mail. Refuses one we do not have."""
    facts = {"language": language}
    command, is_new = Command.objects.claim(request_id, "choose_language", by=by, at=at, facts=facts)
    if not is_new:
        return
    names = dict(settings.LANGUAGES)
    if language not in names:
        raise DomainError(_("Choose one of these languages: %(names)s.") % {"names": ", ".join(names.values())})
    User.objects.filter(pk=by.pk).update(language=language)
    command.log("chose", by, language=language)
