"""Notices by e-mail: at once or once a day, with the link, and sent again only where it is not known to have gone."""

import socketserver
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from dashboard.actions import mailing
from dashboard.actions.mailing import mail_notices
from dashboard.actions.notices import choose_channels
from dashboard.actions.telling import tell_events
from dashboard.models import Notice
from dashboard.models import NoticeKind as Kind
from dashboard.queries.mail_times import next_digest
from orders.actions import approval
from stations.models import Membership, User
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db
LEE = "lee@example.org"


@pytest.fixture(autouse=True)
def mail_settings(settings):
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.org", "supply@example.org"
    settings.EMS_ADDRESS = "https://supply.example.org"
    return settings


@pytest.fixture
def division():
    division = Division()
    division.officer.email = LEE
    division.officer.save()
    return division


def approve(division, count=1):
    item = make.item()
    make.par(division.station, item, par=100)
    for _ in range(count):
        division.approved({item.pk: 5})
    tell_events(at=division.at)


def reject(division):
    """Of which the station hears at once."""
    item = make.item()
    make.par(division.station, item, par=100)
    order = division.submitted({item.pk: 5})
    approval.reject_order(order=order, version=order.version, reason="Snow & ice", **division.by(division.logistics))
    tell_events(at=division.at)
    return order


def choose(person, channel, kind=Kind.APPROVED):
    choose_channels(channels={kind: channel}, by=person, at=make.AT)


def test_an_email_says_it_and_links_to_the_page_with_the_action(division):
    order = reject(division)
    assert mail_notices(at=division.at) == 1

    sent: Any = mail.outbox[0]
    link = f"https://supply.example.org{order.get_absolute_url()}"
    assert sent.to == [LEE]
    assert sent.from_email == "supply@example.org"
    assert sent.subject == f"{order} for {division.station} is rejected: Snow & ice"
    assert f"Open the request: {link}\n" in sent.body
    assert "Snow & ice" in sent.body
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert f'<a href="{link}">Open the request</a>' in html
    assert "Snow &amp; ice" in html


def test_an_email_is_in_the_language_of_who_reads_it(division):
    division.officer.language = "es"
    division.officer.save()
    order = reject(division)
    assert mail_notices(at=division.at) == 1

    sent: Any = mail.outbox[0]
    html, _ = sent.alternatives[0]
    link = f"https://supply.example.org{order.get_absolute_url()}"
    assert sent.subject == f"{order} para {division.station} fue rechazada: Snow & ice"
    assert f"Abrir la solicitud: {link}\n" in sent.body
    assert f'<a href="{link}">Abrir la solicitud</a>' in html
    assert 'lang="es"' in html
    assert "Open the request" not in sent.body + html


def test_it_is_sent_once(division):
    reject(division)
    for minutes in (0, 1, 60, 60 * 24):
        mail_notices(at=division.later(minutes=minutes))
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("channel", ["app", "off"])
def test_who_wants_none_gets_none(division, channel):
    choose(division.officer, channel)
    approve(division)
    mail_notices(at=division.later(days=2))
    assert mail.outbox == []


def test_the_daily_email_holds_all_of_the_day(division):
    choose(division.officer, "digest")
    approve(division, 3)  # 10:00 in New York
    assert mail_notices(at=division.later(hours=20)) == 0  # 06:00
    assert mail_notices(at=division.later(hours=1)) == 1

    [sent] = mail.outbox
    assert sent.subject == "3 notices from EMS Supply"
    assert sent.body.count("is approved in full.") == 3


@pytest.mark.parametrize(
    ("told_at", "due_at"),
    [
        (datetime(2026, 3, 7, 11, 59, tzinfo=UTC), datetime(2026, 3, 7, 12, tzinfo=UTC)),  # 07:00 EST
        (datetime(2026, 3, 7, 12, 0, tzinfo=UTC), datetime(2026, 3, 8, 11, tzinfo=UTC)),  # clocks go forward: 07:00 EDT
        (datetime(2026, 10, 31, 12, 0, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)),  # and back: 07:00 EST
    ],
)
def test_the_daily_email_goes_at_its_hour_when_clocks_change(told_at, due_at):
    assert next_digest(told_at) == due_at


@pytest.mark.parametrize(
    ("hour", "told_at", "due_at"),
    [
        # 02:00 is left out that night: it goes at 03:00, which is when 02:00 would have been.
        (2, datetime(2026, 3, 8, 5, 0, tzinfo=UTC), datetime(2026, 3, 8, 7, tzinfo=UTC)),
        (2, datetime(2026, 3, 8, 7, 5, tzinfo=UTC), datetime(2026, 3, 9, 6, tzinfo=UTC)),
        # 01:00 comes twice that night: it goes the first time, and not again.
        (1, datetime(2026, 11, 1, 4, 30, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)),
        (1, datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 2, 6, tzinfo=UTC)),
        (1, datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 2, 6, tzinfo=UTC)),
    ],
)
def test_also_at_an_hour_that_is_left_out_or_comes_twice(settings, hour, told_at, due_at):
    settings.EMS_DIGEST_HOUR = hour
    assert next_digest(told_at).astimezone(UTC) == due_at


def test_a_day_of_it_is_due_when_it_was_told(division):
    choose(division.officer, "digest")
    approve(division)
    due = Notice.objects.get(person=division.officer).mail_due_at
    assert timezone.localtime(due).strftime("%a %H:%M") == "Tue 07:00"


def test_a_change_of_mind_stops_what_waits(division):
    choose(division.officer, "digest")
    approve(division)
    choose(division.officer, "app")
    mail_notices(at=division.later(days=2))
    assert mail.outbox == []


def test_a_change_of_mind_leaves_what_is_on_its_way(division, monkeypatch):
    reject(division)
    send = mailing.message_to

    def changes_their_mind(person, notices):
        choose(person, "app", Kind.RETURNED)
        return send(person, notices)

    monkeypatch.setattr(mailing, "message_to", changes_their_mind)
    assert mail_notices(at=division.at) == 1
    assert Notice.objects.get(person=division.officer).mailed_at == division.at


@pytest.mark.parametrize("change", ["inactive", "elsewhere", "no address"])
def test_nothing_goes_to_who_may_no_longer_see_it(division, change):
    reject(division)
    if change == "elsewhere":
        Membership.objects.filter(user=division.officer).delete()
    else:
        gone = {"is_active": False} if change == "inactive" else {"email": ""}
        User.objects.filter(pk=division.officer.pk).update(**gone)
    assert mail_notices(at=division.at) == 0
    assert mail.outbox == []


def test_without_an_address_to_write_from_nothing_is_kept_for_later(division, settings):
    settings.EMAIL_HOST = ""
    reject(division)
    settings.EMAIL_HOST = "mail.example.org"
    assert mail_notices(at=division.later(days=2)) == 0


def test_what_a_dead_worker_had_claimed_is_sent_by_another(division):
    reject(division)
    mailing.claim_notices(division.officer, claim=make.rid(), at=division.at)  # and then it is killed

    assert mail_notices(at=division.later(minutes=9)) == 0
    assert mail_notices(at=division.later(minutes=1)) == 1
    assert len(mail.outbox) == 1


def test_it_has_the_same_id_when_it_is_sent_again(division):
    reject(division)
    notices = list(Notice.objects.filter(person=division.officer))
    first, again = (mailing.message_to(division.officer, notices) for _ in range(2))
    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def smtp_server(settings, *, refuses="", hangs_up=""):
    """A small mail server on this machine: what it was given. It refuses, or hangs up at, a command that begins so."""
    received = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 ready\r\n")
            for line in self.rfile:
                command = line.decode().strip()
                if hangs_up and command.upper().startswith(hangs_up):
                    return
                if refuses and command.upper().startswith(refuses):
                    self.wfile.write(b"550 no such person\r\n")
                elif command.upper() == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    received.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                    self.wfile.write(b"250 kept\r\n")
                elif command.upper() == "QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    with _Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_USE_TLS = False
        yield received
        server.shutdown()


def test_a_real_mail_server_is_given_each_person_s_email_once(division, mail_settings):
    other = make.officer(division.station)
    User.objects.filter(pk=other.pk).update(email="kim@example.org")
    reject(division)
    with smtp_server(mail_settings) as received:
        assert mail_notices(at=division.at) == 2
        assert mail_notices(at=division.later(minutes=1)) == 0

    assert sorted(line for one in received for line in one.splitlines() if line.startswith("To: ")) == [
        "To: kim@example.org",
        f"To: {LEE}",
    ]
    assert "multipart/alternative" in received[0]


def test_an_address_that_is_refused_waits_longer_each_time_and_is_given_up(division, mail_settings):
    reject(division)
    with smtp_server(mail_settings, refuses="RCPT"):
        for tries in range(1, 9):
            assert mail_notices(at=division.at) == 0
            notice = Notice.objects.get(person=division.officer)
            wait = timedelta(minutes=5 * 2 ** (tries - 1))
            assert (notice.mail_tries, notice.mail_due_at) == (tries, division.at + wait)
            assert mail_notices(at=division.at + wait - timedelta(seconds=1)) == 0
            division.at += wait
    with smtp_server(mail_settings) as received:
        assert mail_notices(at=division.later(days=9)) == 0
    assert received == []


def test_one_that_is_refused_does_not_hold_up_the_others(division, mail_settings):
    other = make.officer(division.station)
    User.objects.filter(pk=other.pk).update(email="kim@example.org")
    reject(division)
    with smtp_server(mail_settings, refuses=f"RCPT TO:<{LEE}".upper()) as received:
        assert mail_notices(at=division.at) == 1
    assert len(received) == 1


def test_a_server_that_hangs_up_is_asked_again_later(division, mail_settings):
    other = make.officer(division.station)
    User.objects.filter(pk=other.pk).update(email="kim@example.org")
    reject(division)
    with smtp_server(mail_settings, hangs_up="MAIL"):
        assert mail_notices(at=division.at) == 0
    # Only the one whose e-mail was being sent waits; the other was not tried.
    assert sorted(Notice.objects.exclude(mail_due_at=None).values_list("mail_tries", flat=True)) == [0, 1]
    with smtp_server(mail_settings) as received:
        assert mail_notices(at=division.later(minutes=5)) == 2
    assert len(received) == 2


def test_a_server_that_is_away_costs_no_try(division, mail_settings):
    reject(division)
    with smtp_server(mail_settings):
        pass
    assert mail_notices(at=division.at) == 0
    assert Notice.objects.get(person=division.officer).mail_tries == 0
