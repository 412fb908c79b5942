"""Send what is due by e-mail, a person at a time: claim, send, note. Sent at least once, and twice only where a worker
dies between a mail server's yes and the note of it (ADR 29)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from core.fingerprints import fingerprint
from dashboard.models import Notice
from dashboard.queries.mail_times import mail_is_set_up
from dashboard.queries.notices import Told, in_words
from stations.models import User

PEOPLE_AT_ONCE = 500
LONGEST = 50  # notices in one e-mail; the page has the rest
WAITS = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def mail_notices(*, at: datetime) -> int:
    """Send one e-mail to each person for whom some are due: how many were sent. A server that does not answer is
    asked again later, the longer the oftener it did not."""
    people = _people(at) if mail_is_set_up() else []
    if not people:
        return 0
    sent = 0
    server: BaseEmailBackend = get_connection()
    try:
        server.open()
        for person in people:
            sent += _mail(person, server, at)
    except OSError as error:  # also all of smtplib's: the rest is still due in a minute
        log.warning("mail_server_unreachable", error=str(error))
    finally:
        server.close()
    return sent


def _people(at: datetime) -> list[User]:
    due = Notice.objects.visible().due_by_mail(at).order_by().values("person")
    return list(User.objects.filter(pk__in=due).exclude(email="").order_by("pk")[:PEOPLE_AT_ONCE])


def _mail(person: User, server: BaseEmailBackend, at: datetime) -> bool:
    """Send a person what is due, unless another worker is doing it. Raises what the server's connection raises."""
    claim = uuid4()
    notices = claim_notices(person, claim=claim, at=at)
    if not notices:
        return False
    try:
        server.send_messages([message_to(person, notices)])
    except OSError as error:
        _release(claim, max(notice.mail_tries for notice in notices), at)
        log.warning("mail_not_sent", person=person.pk, notices=len(notices), error=str(error))
        if isinstance(error, SMTPRecipientsRefused | SMTPDataError):  # this one e-mail, not the server
            return False
        raise
    _claimed(claim).update(mailed_at=at, mail_claim=None)
    return True


def claim_notices(person: User, *, claim: UUID, at: datetime) -> list[Notice]:
    """Take what is due for this person, newest first; nobody else gets it until the claim has run out.

    Of two that run at once the second waits for the first and then finds nothing due. The condition must be of the
    row alone: through a join it would be judged by what the row was before.
    """
    due = list(Notice.objects.of(person).due_by_mail(at).values_list("pk", flat=True))
    # A claim that is not settled by then is of a worker that died: no task runs that long.
    lasts = timedelta(seconds=settings.TASK_SECONDS * 5 // 2)
    rows = Notice.objects.due_by_mail(at).filter(pk__in=due)
    taken = rows.update(mail_due_at=at + lasts, mail_claim=claim, mail_tries=F("mail_tries") + 1)
    return list(_claimed(claim).order_by("-made_at", "-pk")) if taken else []


def _claimed(claim: UUID) -> QuerySet[Notice]:
    """Those of this claim that nobody else took over meanwhile."""
    return Notice.objects.filter(mail_claim=claim)


def _release(claim: UUID, tries: int, at: datetime) -> None:
    """Let them be sent again: after 5 minutes, then 10, 20, 40 …"""
    _claimed(claim).update(mail_claim=None, mail_due_at=at + WAITS * 2 ** (tries - 1))


def message_to(person: User, notices: Sequence[Notice]) -> EmailMultiAlternatives:
    """One e-mail of these notices, as text and as simple HTML. Sent again, it has the same id, by which mail programs
    show it once."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        told = in_words(notices[:LONGEST])
        context = {
            "person": person,
            "told": told,
            "more": len(notices) - len(told),
            "site": settings.EMS_ADDRESS,
            "division": settings.EMS_DIVISION_NAME,
        }
        return EmailMultiAlternatives(
            subject=_subject(told, len(notices)),
            body=render_to_string("dashboard/notices_mail.txt", context),
            to=[person.email],
            from_email=settings.DEFAULT_FROM_EMAIL,
            headers={"Message-ID": _message_id(notices), "Auto-Submitted": "auto-generated"},
            alternatives=[(render_to_string("dashboard/notices_mail.html", context), "text/html")],
        )


def _subject(told: Sequence[Told], count: int) -> str:
    """What the only one says, or how many there are."""
    if count == 1:
        return " ".join(told[0].text.split())
    return gettext("%(count)d notices from %(division)s") % {"count": count, "division": settings.EMS_DIVISION_NAME}


def _message_id(notices: Sequence[Notice]) -> str:
    """Made of the notices alone, so that it is the same when the same ones are sent again."""
    which = fingerprint({"notices": sorted(notice.pk for notice in notices)})[:32]
    return f"<{which}@{urlsplit(settings.EMS_ADDRESS).hostname}>"
