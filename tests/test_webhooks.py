"""Telling other systems: signed, in order, at least once, and again when they did not hear."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import DomainError
from integrations.actions import deliveries
from integrations.actions.deliveries import GIVES_UP, claim, deliver_next, settle
from integrations.actions.numbering import number_all_changes
from integrations.actions.webhooks import add_webhook, rotate_secret, send_again, send_test, switch_webhook
from integrations.calling import Answer
from integrations.models import HELD, Change, Webhook, WebhookDelivery
from integrations.queries.webhooks import webhooks_due
from integrations.tasks import forget_deliveries
from stations.models import Command, Event, User
from tests import make
from tests.flow import Division
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings):
    settings.EMS_WEBHOOK_PRIVATE, settings.EMS_WEBHOOK_HTTP = ["127.0.0.0/8"], True
    with receiving() as receiver:
        yield receiver


def by(person: User | None = None, at: Any = None) -> dict[str, Any]:
    return {"by": person or make.chief(), "at": at or timezone.now(), "request_id": make.rid()}


def webhook_for(receiver: Receiver, user: User | None = None, *kinds: str) -> Webhook:
    user = user or make.logistics()
    webhook, receiver.secret = add_webhook(name="Finance", url=receiver.url, kinds=kinds, user=user, **by())
    drain(webhook)  # that it was added is the first thing it is told
    receiver.messages.clear()
    receiver.ids.clear()
    return webhook


def happens(subject: Any, *verbs: str) -> None:
    command = Command.objects.begin("something", by=None, at=make.AT)
    for verb in verbs:
        command.log(verb, subject)
    number_all_changes()


def drain(webhook: Webhook, at: Any = None) -> int:
    number_all_changes()
    sent = 0
    while deliver_next(webhook.pk, at=at or timezone.now()):
        sent += 1
    return sent


def waiting(webhook: Webhook) -> WebhookDelivery:
    return webhook.deliveries.waiting().get()


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


def test_send_again_sends_the_same_beside_the_line(receiver):
    webhook = webhook_for(receiver)
    happens(make.station(), "one")
    drain(webhook)
    first = webhook.deliveries.latest("pk")

    send_again(delivery=first, **by())
    assert deliver_next(webhook.pk, at=timezone.now())

    assert receiver.ids == [first.message_id] * 2
    assert receiver.messages[0] == receiver.messages[1]
    again = webhook.deliveries.latest("pk")
    assert (again.is_by_hand, again.state, again.changes) == (True, "delivered", 1)
    receiver.reply = 500
    send_again(delivery=first, **by())
    drain(webhook)
    assert webhook.deliveries.filter(is_by_hand=True, state="failed", attempts=1).count() == 1
    webhook.refresh_from_db()
    assert webhook.failing_since is None  # by hand says nothing about the line


def test_what_waits_is_sent_now_by_hand_but_not_what_is_being_sent(receiver):
    webhook, at = webhook_for(receiver), timezone.now()
    happens(make.station(), "one")
    receiver.reply = 500
    drain(webhook, at)
    row = waiting(webhook)
    assert not webhooks_due(at).exists()
    send_again(delivery=row, **by(at=at))
    assert claim(webhook.pk, at=at) == row
    send_again(delivery=row, **by(at=at))
    assert claim(webhook.pk, at=at) is None
    assert webhook.deliveries.filter(message_id=row.message_id).count() == 1


def test_a_test_is_sent_also_to_what_is_off(receiver):
    webhook = webhook_for(receiver)
    switch_webhook(webhook=webhook, is_on=False, **by())
    happens(make.station(), "one")
    given = by()
    for _ in range(2):  # the second tap
        send_test(webhook=webhook, **given)
    assert webhooks_due(timezone.now()).get() == webhook

    assert drain(webhook) == 1

    [message] = receiver.messages
    assert (message["type"], message["data"]) == ("test", {})


def test_nothing_is_told_for_somebody_who_has_left(receiver):
    webhook = webhook_for(receiver)
    User.objects.filter(pk=webhook.user_id).update(is_active=False)
    happens(make.station(), "one")
    assert not webhooks_due(timezone.now()).exists()
    assert drain(webhook) == 0
    assert receiver.ids == []


def test_another_secret_signs_beside_the_old_one_for_a_day(receiver, settings):
    webhook = webhook_for(receiver)
    old = receiver.secret
    rotated, new = rotate_secret(webhook=webhook, **by())
    assert new != old
    for secret in (old, new):
        receiver.secret = secret
        happens(make.station(), "one")
        assert drain(webhook) >= 1
    assert rotated.signing_secrets(timezone.now() + timedelta(hours=25)) == [new]
    # A new key of the site makes new secrets; as long as the old key is kept, the old ones sign too.
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "k" * 60, [settings.SECRET_KEY]
    assert rotated.secret not in (old, new)
    happens(make.station(), "one")
    assert drain(webhook) >= 1


def test_the_secret_is_not_in_the_database(receiver):
    webhook = webhook_for(receiver)
    kept = str(Webhook.objects.values().get(pk=webhook.pk)) + str(list(WebhookDelivery.objects.values()))
    assert webhook.secret.startswith("whsec_")
    assert webhook.secret.removeprefix("whsec_") not in kept


def test_a_repeat_of_the_form_shows_no_secret_and_adds_nothing(settings):
    given = by()
    facts: Any = {"name": "Finance", "url": "https://hooks.example.org/", "kinds": ["order"], "user": make.logistics()}
    first, secret = add_webhook(**facts, **given)
    assert secret
    assert add_webhook(**facts, **given) == (first, "")
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": "http://hooks.example.org/"}, "https://"),
        ({"url": "https://10.0.0.7/hook"}, "no public address"),
        ({"url": "https://me:secret@hooks.example.org/"}, "no name or password"),
        ({"kinds": ["odrer"]}, "no kind odrer"),
        ({"name": "  "}, "Name the system"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_to_do(wrong, says):
    facts = {"name": "Finance", "url": "https://hooks.example.org/", "kinds": [], "user": make.logistics()}
    with pytest.raises(DomainError) as refusal:
        add_webhook(**{**facts, **wrong}, **by())
    assert says in " ".join(refusal.value.problems)
    assert not Webhook.objects.exists()


def test_only_the_chief_commands_webhooks(receiver):
    webhook = webhook_for(receiver)
    for person in (make.logistics(), make.auditor(), make.officer(make.station())):
        for command in (rotate_secret, send_test):
            with pytest.raises(PermissionDenied):
                command(webhook=webhook, **by(person))
        with pytest.raises(PermissionDenied):
            switch_webhook(webhook=webhook, is_on=False, **by(person))


def test_what_was_sent_is_forgotten_after_thirty_days_but_not_what_waits(receiver):
    webhook = webhook_for(receiver)
    happens(make.station(), "one")
    claim(webhook.pk, at=timezone.now())
    webhook.deliveries.update(made_at=timezone.now() - timedelta(days=31))
    assert forget_deliveries() == 1
    assert waiting(webhook)


def test_which_are_due_is_one_question_for_many_as_for_one(receiver, django_assert_num_queries):
    for _ in range(4):
        webhook_for(receiver)
    happens(make.station(), "one")
    with django_assert_num_queries(2):  # the end of the feed, the webhooks
        assert webhooks_due(timezone.now()).count() == 4
