"""What every versioned thing needs: an edit of an older state is refused with what has changed since."""

from typing import Protocol

from django.utils.translation import gettext as _

from core.errors import StaleEdit
from core.moments import weekday_clock
from core.sayings import again
from stations.models import Event
from stations.verbs import verb_in_words


class Versioned(Protocol):
    """A row that people edit: ``version`` grows by one with every command that changes it."""

    pk: int
    version: int


def check_version(subject: Versioned, seen: int | None) -> None:
    """Refuse to change what another person has changed since version ``seen``. None: the caller did not look."""
    if seen is None or subject.version == seen:
        return
    name = subject._meta.model_name  # type: ignore[attr-defined]  # every versioned thing is a model
    since = Event.objects.filter(subject_kind=name, subject_id=subject.pk).select_related("command__by")
    said = [_said(event) for event in since.order_by("-pk")[: max(1, subject.version - seen)]]
    raise StaleEdit(
        _("This was changed while you had it open. Nothing of yours was saved; reload to see it as it is now."),
        problems=said,
    )


def _said(event: Event) -> str:
    """Who did what and when, and why."""
    who, when = event.command.by or _("The system"), weekday_clock(event.command.at)
    words = f"{who}: {verb_in_words(event.verb)}, {when}"
    return f"{words} ({again(event.comment)})" if event.comment else words
