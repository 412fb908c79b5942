"""The weekly report by e-mail: who wants it, and sending each of them one a week."""

from collections.abc import Sequence
from datetime import datetime, time
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.paper.papers import PAPERS
from core.paper.sheets import Stamp
from core.rows import insert_unless_known
from dashboard.models import ReportMail, ReportSubscription
from dashboard.papers.report import print_report
from dashboard.queries.report import WeekReport, week_report
from dashboard.queries.report_mails import has_mail_server, waiting_for
from dashboard.queries.weeks import Week
from stations.access import require_role
from stations.models import Command, User

logger = structlog.get_logger(__name__)

SENT_FROM = time(6)  # of Monday, in the division's time zone
# The server said no, so nothing left: all else, such as a line that broke, leaves it open.
REFUSALS = (SMTPResponseException, SMTPRecipientsRefused, SMTPNotSupportedError)
NO_SERVER = _("This site has no mail server yet: whoever runs it sets EMAIL_HOST. The report is here as PDF.")


@transaction.atomic
def choose_weekly_report(*, is_wanted: bool, by: User, at: datetime, request_id: UUID) -> User:
    """Have the weekly report sent by e-mail every Monday, or no longer. Chiefs only, with an address."""
    facts = {"is_wanted": is_wanted}
    command, is_new = Command.objects.claim(request_id, "choose_weekly_report", by=by, at=at, facts=facts)
    if not is_new:
        return by
    require_role(by, User.Role.CHIEF)
    if is_wanted and not has_mail_server():
        raise DomainError(str(NO_SERVER))
    if is_wanted and not by.email:
        raise DomainError(gettext("You have no e-mail address here: enter it under People, then come back."))
    if is_wanted:
        ReportSubscription.objects.get_or_create(person=by)
    else:
        ReportSubscription.objects.filter(person=by).delete()
    command.log("asked for the weekly report" if is_wanted else "gave up the weekly report", by)
    return by


def send_weekly_report(*, at: datetime) -> int:
    """Send the report of the week that has ended to each chief who wants it, once: how many were handed over now.

    Safe to run twice, and beside itself: each mail is claimed by its row before it leaves. Whoever asks for it in the
    middle of a week gets the last one at once; a site that was off on Monday sends later.
    """
    local = timezone.localtime(at)
    week = Week.of(local.date()).back(1)
    if not has_mail_server() or (local.weekday() == 0 and local.time() < SENT_FROM):
        return 0
    people = list(waiting_for(week))
    if not people:
        return 0
    spoken = {person.language or settings.LANGUAGE_CODE for person in people}
    messages = {language: ReportMessage(week, at=at, language=language) for language in spoken}
    with get_connection() as connection:  # a server that is away is found out before anything is claimed
        return sum(
            _send_once(messages[person.language or settings.LANGUAGE_CODE], person, connection, at) for person in people
        )


def send_report_to(addresses: Sequence[str], week: Week, *, at: datetime) -> None:
    """Send the report of a week now, to these addresses, whoever got it already. Refuses without a mail server."""
    if not has_mail_server():
        raise DomainError(str(NO_SERVER))
    message = ReportMessage(week, at=at, language=settings.LANGUAGE_CODE)
    with get_connection() as connection:
        for address in addresses:
            message.to(address, connection).send()


class ReportMessage:
    """The report of a week as a mail: drawn once for all who get it in this language."""

    def __init__(self, week: Week, *, at: datetime, language: str) -> None:
        self.week = week
        address = f"{settings.EMS_ADDRESS}{reverse('report')}?week={week}"
        facts = {"division": settings.EMS_DIVISION_NAME, "week": week}
        with translation.override(language):
            report = week_report(week, at=at)
            self.content = print_report(report, Stamp(PAPERS[settings.EMS_PAPER], address, at))
            self.words = _words(report, address)
            self.subject = " ".join((gettext("%(division)s: weekly report %(week)s") % facts).split())

    def to(self, address: str, connection: BaseEmailBackend) -> EmailMessage:
        message = EmailMessage(self.subject, self.words, to=[address], connection=connection)
        message.attach(f"weekly-report-{self.week}.pdf", self.content, "application/pdf")
        return message


def _words(report: WeekReport, address: str) -> str:
    """What the mail itself says, for who reads no attachment on the phone."""
    figures = [f"{one.definition.title}: {one.reading.text} ({one.reading.made_of})" for one in report.figures]
    where = gettext("The whole report is attached, and here: %(address)s") % {"address": address}
    change = gettext("To have it sent no longer: %(address)s") % {
        "address": f"{settings.EMS_ADDRESS}{reverse('reports')}"
    }
    return "\n\n".join([report.sentence, "\n".join(figures), where, change])


def _send_once(message: ReportMessage, person: User, connection: BaseEmailBackend, at: datetime) -> bool:
    """Claim the mail, hand it over, and write down what the server said. Whether it was handed over."""
    mails = ReportMail.objects.filter(person=person, week_begins_on=message.week.monday)
    mail = ReportMail(person=person, week_begins_on=message.week.monday, claimed_at=at)
    is_new = insert_unless_known(mail, "person_id", "week_begins_on")
    refused = mails.filter(sent_at=None).exclude(refusal="")
    if not is_new and not refused.update(refusal="", claimed_at=at):
        return False  # another worker has it
    try:
        message.to(person.email, connection).send()
    except REFUSALS as refusal:
        mails.update(refusal=str(refusal)[:200] or type(refusal).__name__)
        logger.warning("weekly_report_refused", person=person.pk, week=str(message.week))
        return False
    mails.update(sent_at=timezone.now())
    return True
