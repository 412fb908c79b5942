"""Two workers at once, and an event that is committed late: everybody is told of everything, and once."""

from contextlib import nullcontext
from functools import partial
from threading import Barrier
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from dashboard.actions import mailing, telling
from dashboard.actions.telling import tell_events
from dashboard.models import Notice, Untold
from dashboard.models import NoticeKind as Kind
from dashboard.queries.told_events import NEWS
from orders.models import ResupplyOrder
from stations.models import Command, Event, User
from tests import make
from tests.flow import Division
from tests.race import crashes, meet_before, race, without_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def approved(division):
    """An order that was approved and not told of yet."""
    item = make.item()
    make.par(division.station, item, par=100)
    return division.approved({item.pk: 5})


@pytest.mark.parametrize("guard", ["lock and constraint", "constraint alone", "none"])
def test_of_two_workers_one_tells(division, approved, monkeypatch, guard):
    """The control has neither the lock that gives each worker other events nor the constraint that ends a repeat."""
    if guard == "none":
        monkeypatch.setattr(telling, "ONCE", "")
    meet_before(monkeypatch, telling, "tell")

    with nullcontext() if guard == "lock and constraint" else without_locks():
        answers: list[Any] = race(*[partial(tell_events, at=division.at)] * 2)

    told = Notice.objects.filter(person=division.officer, kind=Kind.APPROVED)
    if guard == "none":
        assert [type(crash) for crash in crashes(answers)] == [IntegrityError], "the second tells it all again"
    else:
        assert not crashes(answers)
        assert (told.count(), sum(answers), Untold.objects.count()) == (1, Notice.objects.count(), 0)


def test_an_event_that_is_committed_late_is_told_late(division, approved):
    """Its id is lower than one that was told already: a reader that goes on after the highest id, the control, never
    sees it."""
    tell_events(at=division.at)
    written, read = Signal(), Signal()
    other = ResupplyOrder.objects.get()

    def commits_late():
        with transaction.atomic():
            event = Command.objects.begin("approve_order", by=None, at=division.at).log("approved", other)
            written.set()
            assert read.wait(timeout=20)
        return event.pk

    def commits_first():
        assert written.wait(timeout=20)
        event = Command.objects.begin("approve_order", by=None, at=division.at).log("approved", other)
        tell_events(at=division.at)
        seen = list(Notice.objects.filter(person=division.officer).values_list("event", flat=True))
        read.set()
        return event.pk, seen

    answers: list[Any] = race(commits_late, commits_first)
    late, (first, seen) = answers
    tell_events(at=division.at)

    assert late < first
    assert first in seen
    assert late not in seen
    assert Notice.objects.filter(person=division.officer, event=late).exists()
    assert not Event.objects.filter(pk__gt=max(seen), pk=late).exists(), "the control: it is behind the cursor"


@pytest.mark.parametrize("is_conditional", [True, False], ids=["conditional", "control"])
def test_of_two_workers_one_mails(division, approved, settings, monkeypatch, is_conditional):
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.org", "supply@example.org"
    User.objects.filter(pk=division.officer.pk).update(email="lee@example.org")
    tell_events(at=division.at)
    Notice.objects.filter(person=division.officer).update(mail_due_at=division.at)

    both_read = Barrier(2)

    def takes_what_it_read(person, *, claim, at):
        due = list(Notice.objects.of(person).due_by_mail(at))
        both_read.wait(timeout=20)
        Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(mail_claim=claim, mail_tries=1)
        return due

    if is_conditional:
        meet_before(monkeypatch, mailing, "claim_notices")
    else:
        monkeypatch.setattr(mailing, "claim_notices", takes_what_it_read)

    answers = race(*[partial(mailing.mail_notices, at=division.at)] * 2)

    assert not crashes(answers)
    assert len(mail.outbox) == (1 if is_conditional else 2)


def claim_through_a_join(person, *, claim, at):
    """The control: PostgreSQL judges the joined copy of the row by what it was when the statement began."""
    taken = Notice.objects.of(person).due_by_mail(at).update(mail_due_at=at + NEWS, mail_claim=claim)
    return [None] * taken


@pytest.mark.parametrize(
    ("take", "taken"), [(mailing.claim_notices, 0), (claim_through_a_join, 1)], ids=["of the row", "control"]
)
def test_who_waits_for_a_claim_gets_nothing(division, approved, take, taken):
    tell_events(at=division.at)
    Notice.objects.filter(person=division.officer).update(mail_due_at=division.at)
    claimed, waits = Signal(), Signal()

    def first():
        with transaction.atomic():
            found = len(take(division.officer, claim=uuid4(), at=division.at))
            claimed.set()
            waits.wait(timeout=1)  # until the second waits for the row
        return found

    def second():
        assert claimed.wait(timeout=20)
        return len(take(division.officer, claim=uuid4(), at=division.at))

    assert race(first, second) == [1, taken]
