"""What the chief does with webhooks: adds them, tests them, sends again, switches off and on, makes another secret."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core.errors import DomainError
from integrations.actions.deliveries import claim, deliver_next
from integrations.actions.webhooks import add_webhook, rotate_secret, send_again, send_test, switch_webhook
from integrations.models import Webhook, WebhookDelivery
from integrations.queries.webhooks import webhooks_due
from integrations.tasks import forget_deliveries
from stations.models import User
from tests import make
from tests.receiver import receiving
from tests.telling import by, drain, happens, waiting, webhook_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings):
    settings.EMS_WEBHOOK_PRIVATE, settings.EMS_WEBHOOK_HTTP = ["127.0.0.0/8"], True
    with receiving() as receiver:
        yield receiver


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
