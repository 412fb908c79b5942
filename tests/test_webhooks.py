"""Telling other systems: signed, in order, at least once, and again when they did not hear."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.actions import deliveries
from integrations.actions.deliveries import GIVES_UP, claim, deliver_next, settle
from integrations.actions.webhooks import switch_webhook
from integrations.calling import Answer
from integrations.models import HELD, Change
from integrations.queries.webhooks import webhooks_due
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.receiver import receiving
from tests.telling import by, drain, happens, waiting, webhook_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings):
    settings.EMS_WEBHOOK_PRIVATE, settings.EMS_WEBHOOK_HTTP = ["127.0.0.0/8"], True
    with receiving() as receiver:
        yield receiver


def test_each_change_is_told_once_and_the_receivers_library_accepts_it(receiver, monkeypatch):
    monkeypatch.setattr(deliveries, "CHANGES_AT_ONCE", 2)
    webhook = webhook_for(receiver)
    station = make.station()
    happens(station, "one", "two", "three")

    assert drain(webhook) == 2
    assert drain(webhook) == 0

    assert [change["verb"] for change in receiver.changes] == ["one", "two", "three"]
    first, second = receiver.messages
    assert (first["type"], first["data"]["changes"][0]["resource"]) == ("changes", f"/api/v1/stations/{station.code}/")
    assert second["data"]["after"] == Change.objects.last_position()
    assert receiver.ids == list(webhook.deliveries.order_by("pk").values_list("message_id", flat=True))[1:]
    delivered = webhook.deliveries.latest("pk")
    assert (delivered.state, delivered.status_code, delivered.answer) == ("delivered", 200, "thank you")
    assert delivered.attempts == 1


def test_a_wrong_secret_is_noticed_by_the_receiver(receiver):
    webhook = webhook_for(receiver)
    receiver.secret = "whsec_" + "A" * 43 + "="
    happens(make.station(), "one")

    assert drain(webhook) == 0
    assert receiver.messages == []
    assert waiting(webhook).answer == "No matching signature found"
    assert waiting(webhook).problem == "Answered 401 Unauthorized."


def test_it_is_told_what_its_person_sees_of_the_kinds_that_were_chosen(receiver):
    division = Division()
    make.par(division.station, item := make.item(), par=10)
    officer = webhook_for(receiver, division.officer)
    outsider = webhook_for(receiver, make.officer(make.station()))
    runs = webhook_for(receiver, division.logistics, "run")
    for webhook, kinds in ((officer, {"order", "shipment"}), (outsider, set()), (runs, {"run"})):
        receiver.messages.clear()
        receiver.secret = webhook.secret
        if webhook == officer:
            make.stock(division.warehouse, item, on_hand=50)
            division.received({item.pk: 10})
        drain(webhook)
        assert {change["kind"] for change in receiver.changes} == kinds
        webhook.refresh_from_db()
        assert webhook.position == Change.objects.last_position()


def test_what_fails_is_tried_again_later_each_time_and_holds_what_comes_after(receiver):
    webhook = webhook_for(receiver)
    station, at = make.station(), timezone.now()
    happens(station, "one")
    receiver.reply, receiver.is_another_time = 500, True
    waits = []
    for _ in range(7):
        assert drain(webhook, at) == 0
        happens(station, "more")
        row = waiting(webhook)
        assert row.next_attempt_at is not None
        waits.append((row.next_attempt_at - at).total_seconds())
        assert drain(webhook, row.next_attempt_at - timedelta(seconds=1)) == 0
        at = row.next_attempt_at
    assert waiting(webhook).attempts == 7
    assert len(set(receiver.ids)) == 1  # the same message, by its id
    usual = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]
    assert all(0.8 * about <= wait <= 1.2 * about for wait, about in zip(waits, usual, strict=True))
    assert waits[5] != waits[6]

    receiver.reply = 204
    assert drain(webhook, at) == 2

    told = [change["position"] for change in receiver.messages[-2]["data"]["changes"]]
    assert told == [change["position"] for change in receiver.messages[0]["data"]["changes"]]
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_after_five_days_it_goes_off_and_switched_on_it_goes_on_where_it_stopped(receiver):
    webhook = webhook_for(receiver)
    station, at = make.station(), timezone.now()
    happens(station, "one")
    receiver.reply, receiver.is_another_time = 503, True
    began = at
    while webhook.is_active:
        drain(webhook, at)
        at = waiting(webhook).next_attempt_at or at
        webhook.refresh_from_db()
    assert GIVES_UP <= at - began < GIVES_UP + timedelta(days=1)
    assert webhook.off_reason == "Nothing arrived for 5 days. Answered 503 Service Unavailable."
    assert Event.objects.filter(verb="switched off", command__by=None).count() == 1
    happens(station, "two")
    assert drain(webhook, at) == 0
    receiver.reply = 200
    receiver.messages.clear()

    switch_webhook(webhook=webhook, is_on=True, **by(at=at))
    drain(webhook, at)

    verbs = [change["verb"] for change in receiver.changes if change["kind"] == "station"]
    assert verbs == ["one", "two"]


def test_one_that_says_it_is_gone_goes_off_at_once(receiver):
    webhook = webhook_for(receiver)
    receiver.reply = 410
    happens(make.station(), "one")
    drain(webhook)
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert webhook.off_reason.startswith("It answered that it is gone.")


def test_two_workers_do_not_send_the_same_and_one_that_is_killed_is_followed_by_another(receiver):
    webhook, at = webhook_for(receiver), timezone.now()
    happens(make.station(), "one")

    killed = claim(webhook.pk, at=at)  # and never heard of again

    assert killed is not None
    assert waiting(webhook).is_being_sent
    assert claim(webhook.pk, at=at) is None
    assert not webhooks_due(at).exists()
    later = at + HELD
    assert webhooks_due(later).get() == webhook
    assert deliver_next(webhook.pk, at=later)
    assert receiver.ids == [killed.message_id]
    # The first comes back from the dead: what it says of its try changes nothing any more.
    settle(killed, Answer(None, 1, problem="The connection failed."), at=later)
    row = webhook.deliveries.latest("pk")
    assert (row.state, row.attempts) == ("delivered", 2)


def test_the_database_keeps_one_message_in_line(receiver):
    webhook, at = webhook_for(receiver), timezone.now()
    happens(make.station(), "one")
    claim(webhook.pk, at=at)
    row = waiting(webhook)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
