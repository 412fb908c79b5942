"""What a person does with their notices: see them, and choose how to be told. Theirs alone, so no log keeps it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from dashboard.models import Channel, Notice, NoticeChoice
from dashboard.notice_kinds import USUAL
from stations.models import User

BY_MAIL = (Channel.AT_ONCE, Channel.DIGEST)


def see_notice(*, notice: Notice, by: User, at: datetime) -> None:
    """Note that the person has seen it; when they first did stays."""
    Notice.objects.filter(pk=notice.pk, person=by, seen_at=None).update(seen_at=at)


def see_all(*, up_to: int, by: User, at: datetime) -> int:
    """Note that the person has seen all that were on their page, up to this id: what came since stays new."""
    return Notice.objects.filter(person=by, seen_at=None, pk__lte=up_to).update(seen_at=at)


def unsee(*, seen_at: datetime, by: User) -> int:
    """Take back that the person saw all at this moment: those marked then are new again. How many, 0 if done before."""
    return Notice.objects.filter(person=by, seen_at=seen_at).update(seen_at=None)


@transaction.atomic
def choose_channels(*, channels: Mapping[str, str], by: User, at: datetime) -> None:
    """Keep how a person is told of these kinds. What waits for an e-mail of a kind that they no longer get by e-mail
    is not sent, unless it is on its way."""
    unknown = channels.keys() - USUAL[by.role].keys()
    if unknown or not set(channels.values()) <= set(Channel.values):
        raise DomainError(_("Choose for the kinds that you are told of, in the ways that the page offers."))
    NoticeChoice.objects.bulk_create(
        [NoticeChoice(person=by, kind=kind, channel=channel) for kind, channel in channels.items()],
        update_conflicts=True,
        unique_fields=["person", "kind"],
        update_fields=["channel"],
    )
    without = [kind for kind, channel in channels.items() if channel not in BY_MAIL]
    waiting = Notice.objects.filter(person=by, kind__in=without, mailed_at=None, mail_claim=None)
    waiting.update(mail_due_at=None)
