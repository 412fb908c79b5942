"""The weekly report by e-mail: to the chiefs who want it, each once a week, whatever happens to the worker."""

from datetime import date, timedelta
from io import BytesIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from dashboard.actions import report_mails
from dashboard.actions.report_mails import choose_weekly_report, send_weekly_report
from dashboard.models import ReportMail, ReportSubscription
from dashboard.tasks import send_weekly_report as task
from stations.models import Event
from tests import make
from tests.pages import form_in, has_form, text_of
from tests.paper import text_of_pdf
from tests.race import meet_before, race

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LAST_MONDAY = date(2026, 10, 26)


@pytest.fixture(autouse=True)
def server(settings, monkeypatch):
    """A site with a mail server, on Monday, Nov 2, 2026, 10:00."""
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.org", "supply@example.org"
    settings.EMS_ADDRESS = "https://supply.example.org"
    settings.EMS_DIVISION_NAME = "Marlow County EMS"
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


def chief(address="bartlett@example.org", *, wants=True):
    person = make.person("chief", email=address)
    if wants:
        ReportSubscription.objects.create(person=person)
    return person


def refuse(monkeypatch, error):
    """A mail server that ends every mail with this."""

    def send_messages(backend, messages):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)


# --- Sending ----------------------------------------------------------------------------------------------------------


def test_the_report_of_the_week_that_has_ended_goes_to_each_chief_who_wants_it():
    chief()
    chief("second@example.org")
    chief("no@example.org", wants=False)

    assert task() == {"sent": 2}

    assert sorted(one.to[0] for one in mail.outbox) == ["bartlett@example.org", "second@example.org"]
    [(name, content, kind)] = mail.outbox[0].attachments
    assert (name, kind) == ("weekly-report-2026-W44.pdf", "application/pdf")
    text = text_of_pdf(PdfReader(BytesIO(content)))
    assert "Weekly report 2026-W44" in text
    assert "https://supply.example.org/report/?week=2026-W44" in text
    assert "Printed Mon, Nov 2, 2026, 10:00 · Marlow County EMS" in text
    assert mail.outbox[0].subject == "Marlow County EMS: weekly report 2026-W44"
    assert mail.outbox[0].from_email == "supply@example.org"
    assert "No stations yet" in mail.outbox[0].body
    assert "Line fill rate: –" in mail.outbox[0].body


def test_each_chief_reads_mail_and_pdf_in_their_own_language():
    chief()
    lopez = chief("lopez@example.org")
    lopez.language = "es"
    lopez.save()

    assert task() == {"sent": 2}

    sent = {one.to[0]: one for one in mail.outbox}
    english, spanish = sent["bartlett@example.org"], sent["lopez@example.org"]
    papers = [text_of_pdf(PdfReader(BytesIO(one.attachments[0][1]))) for one in (english, spanish)]
    assert english.subject == "Marlow County EMS: weekly report 2026-W44"
    assert spanish.subject == "Marlow County EMS: informe semanal 2026-W44"
    assert "The whole report is attached" in english.body
    assert "El informe completo va adjunto" in spanish.body
    assert "Tasa de surtido por renglón: –" in spanish.body
    assert "Weekly report 2026-W44" in papers[0]
    assert "Informe semanal 2026-W44" in papers[1]
    assert "Weekly" not in papers[1]


def test_it_goes_out_once_a_week_however_often_the_task_runs():
    chief()

    counts = [send_weekly_report(at=make.AT + hours * timedelta(hours=1)) for hours in (0, 1, 30, 24 * 6, 24 * 7)]

    assert counts == [1, 0, 0, 0, 1]
    assert [one.week_begins_on for one in ReportMail.objects.order_by("pk")] == [LAST_MONDAY, date(2026, 11, 2)]
    assert len(mail.outbox) == 2


def test_nothing_goes_out_before_six_on_monday():
    chief()

    early = make.AT.replace(hour=10, minute=59)  # 5:59 in the division
    assert send_weekly_report(at=early) == 0
    assert send_weekly_report(at=early + timedelta(minutes=1)) == 1


def test_a_division_that_was_off_on_monday_gets_it_later():
    chief()

    assert send_weekly_report(at=make.AT + 4 * DAY) == 1
    assert ReportMail.objects.get().week_begins_on == LAST_MONDAY


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}, {"role": "logistics"}])
def test_who_has_no_address_or_is_no_chief_any_more_gets_nothing(fields):
    person = chief()
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()

    assert send_weekly_report(at=make.AT) == 0
    assert not ReportMail.objects.exists()


def test_without_a_mail_server_nothing_is_claimed(settings):
    settings.EMAIL_HOST = ""
    chief()

    assert send_weekly_report(at=make.AT) == 0
    assert not ReportMail.objects.exists()


def test_a_server_that_is_away_is_found_out_before_anything_is_claimed(monkeypatch):
    def away(backend):
        raise ConnectionRefusedError("away")

    chief()
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", away)
        with pytest.raises(ConnectionRefusedError):
            task()
    assert not ReportMail.objects.exists()

    assert send_weekly_report(at=make.AT) == 1


def test_a_worker_that_dies_while_sending_sends_no_second_mail(monkeypatch):
    """Nobody knows whether the first one left."""
    chief()
    with monkeypatch.context() as patch:
        refuse(patch, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            task()

    assert send_weekly_report(at=make.AT + DAY) == 0
    assert mail.outbox == []
    assert ReportMail.objects.get().sent_at is None


def test_a_line_that_breaks_is_no_refusal(monkeypatch):
    chief()
    with monkeypatch.context() as patch:
        refuse(patch, SMTPServerDisconnected("gone"))
        with pytest.raises(SMTPServerDisconnected):
            task()

    assert send_weekly_report(at=make.AT + DAY) == 0


def test_what_the_server_refused_is_said_and_tried_again(client, monkeypatch):
    person = chief()
    chief("second@example.org")
    with monkeypatch.context() as patch:
        refuse(patch, SMTPRecipientsRefused({"bartlett@example.org": (550, b"No such user")}))
        assert task() == {"sent": 0}
    client.force_login(person)
    assert "The mail server refused 2026-W44" in text_of(client.get(reverse("reports")))

    assert send_weekly_report(at=make.AT + DAY) == 2
    assert send_weekly_report(at=make.AT + DAY) == 0
    assert "2026-W44 was sent" in text_of(client.get(reverse("reports")))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("was_refused", [False, True])
def test_two_workers_send_one_mail(monkeypatch, was_refused):
    person = chief()
    if was_refused:
        ReportMail.objects.create(person=person, week_begins_on=LAST_MONDAY, claimed_at=make.AT, refusal="550")
    meet_before(monkeypatch, report_mails, "insert_unless_known")

    answers = race(lambda: send_weekly_report(at=make.AT), lambda: send_weekly_report(at=make.AT))

    assert answers in ([0, 1], [1, 0])
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_two_mails_without_the_claim(monkeypatch):
    """The control of the race."""
    chief()
    monkeypatch.setattr(report_mails, "insert_unless_known", lambda *_: True)
    meet_before(monkeypatch, report_mails, "insert_unless_known")

    answers = race(lambda: send_weekly_report(at=make.AT), lambda: send_weekly_report(at=make.AT))

    assert answers == [1, 1]


# --- Choosing ---------------------------------------------------------------------------------------------------------


def choose(client, wanted):
    form = form_in(client.get(reverse("reports")), reverse("choose_report"))
    return client.post(reverse("choose_report"), form | {"wanted": wanted}, follow=True)


def test_a_chief_asks_for_it_and_gives_it_up(client):
    person = chief(wants=False)
    client.force_login(person)

    assert "It comes by e-mail from now on." in text_of(choose(client, "yes"))
    assert "Comes by e-mail to bartlett@example.org every Monday" in text_of(client.get(reverse("reports")))
    choose(client, "yes")
    assert ReportSubscription.objects.get().person == person
    assert "no longer comes by e-mail" in text_of(choose(client, "no"))
    assert not ReportSubscription.objects.exists()
    verbs = ["asked for the weekly report", "asked for the weekly report", "gave up the weekly report"]
    assert [event.verb for event in Event.objects.about(person)] == verbs


def test_a_repeat_of_the_button_changes_nothing():
    person, once = chief(wants=False), make.rid()
    choose_weekly_report(is_wanted=True, by=person, at=make.AT, request_id=once)
    choose_weekly_report(is_wanted=False, by=person, at=make.AT, request_id=make.rid())
    choose_weekly_report(is_wanted=True, by=person, at=make.AT, request_id=once)

    assert not ReportSubscription.objects.exists()


def test_without_a_mail_server_the_page_says_so_and_offers_no_button(client, settings):
    client.force_login(chief(wants=False))
    form_of_before = form_in(client.get(reverse("reports")), reverse("choose_report"))
    settings.EMAIL_HOST = ""

    page = client.get(reverse("reports"))

    assert "This site has no mail server yet" in text_of(page)
    assert not has_form(page, reverse("choose_report"))
    refused = client.post(reverse("choose_report"), form_of_before | {"wanted": "yes"}, follow=True)
    assert "no mail server" in text_of(refused)
    assert not ReportSubscription.objects.exists()


def test_without_an_address_the_page_says_where_to_enter_one(client):
    person = chief("", wants=False)
    client.force_login(person)

    page = client.get(reverse("reports"))

    assert "You have no e-mail address here" in text_of(page)
    assert reverse("person", args=[person.pk]) in page.text
    refused = client.post(reverse("choose_report"), {"wanted": "yes", "request_id": make.rid()}, follow=True)
    assert "enter it under People" in text_of(refused)


@pytest.mark.parametrize("role", ["auditor", "logistics", "officer", "driver"])
def test_only_a_chief_has_it_sent(client, role):
    client.force_login(make.person(role, email="x@example.org"))

    response = client.post(reverse("choose_report"), {"wanted": "yes", "request_id": make.rid()})

    assert response.status_code == 403
    assert not ReportSubscription.objects.exists()


# --- The command ------------------------------------------------------------------------------------------------------


def test_the_command_sends_a_weeks_report_to_any_address(capsys):
    chief()

    call_command("send_weekly_report", to=["board@example.org"], week="2026-W40")

    assert [(one.to, one.attachments[0][0]) for one in mail.outbox] == [
        (["board@example.org"], "weekly-report-2026-W40.pdf")
    ]
    assert "The report of 2026-W40 was sent to board@example.org." in capsys.readouterr().out
    assert not ReportMail.objects.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"to": ["nobody"]}, "nobody: write an e-mail address"),
        ({"to": ["a@example.org"], "week": "soon"}, "Write a week as"),
        ({"to": ["a@example.org"], "host": ""}, "no mail server"),
    ],
)
def test_the_command_says_what_it_cannot_do(settings, options, said):
    settings.EMAIL_HOST = options.pop("host", "mail.example.org")

    with pytest.raises(CommandError, match=said):
        call_command("send_weekly_report", **options)
    assert mail.outbox == []


def test_the_command_says_what_the_server_said(monkeypatch):
    refuse(monkeypatch, SMTPRecipientsRefused({"a@example.org": (550, b"No")}))

    with pytest.raises(CommandError, match="did not take it"):
        call_command("send_weekly_report", to=["a@example.org"])
