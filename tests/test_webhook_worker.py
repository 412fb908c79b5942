"""Webhooks with real workers: told within a round, and told again when the worker dies in the middle of a call."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_celery_results.models import TaskResult

from integrations.actions import deliveries
from integrations.actions.deliveries import deliver_next
from integrations.actions.numbering import number_all_changes
from integrations.actions.webhooks import add_webhook
from integrations.models import HELD, WebhookDelivery
from integrations.tasks import deliver_webhooks
from stations.models import Event
from tests import make
from tests.conftest import Worker, wait_until
from tests.race import crashes, meet_before, race
from tests.receiver import Receiver, answer, receiving

pytestmark = pytest.mark.django_db(transaction=True)
ALLOWED = {"EMS_WEBHOOK_PRIVATE": "127.0.0.0/8", "EMS_WEBHOOK_HTTP": "1"}


@pytest.fixture
def receiver(settings):
    settings.EMS_WEBHOOK_PRIVATE, settings.EMS_WEBHOOK_HTTP = ["127.0.0.0/8"], True
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def worker(transactional_db, tmp_path):
    worker = Worker(tmp_path, EMS_TASK_SECONDS="60", **ALLOWED)
    try:
        worker.start()
        yield worker
    finally:
        worker.stop()


def webhook_for(receiver: Receiver) -> Any:
    chief = make.chief()
    given: dict[str, Any] = {"by": chief, "at": timezone.now(), "request_id": make.rid()}
    webhook, receiver.secret = add_webhook(name="Finance", url=receiver.url, kinds=[], user=chief, **given)
    return webhook


@pytest.mark.broker
def test_a_worker_tells_what_happened_and_one_that_is_killed_in_a_call_is_followed_by_another(receiver, worker):
    webhook = webhook_for(receiver)
    called, may_answer = threading.Event(), threading.Event()

    def hang(request: Any) -> None:
        called.set()
        may_answer.wait(timeout=30)
        answer(request, 200)

    receiver.reply = hang
    deliver_webhooks.delay()
    wait_until(called.is_set, "the call", log=worker.log)
    worker.kill()
    row = webhook.deliveries.waiting().get()
    assert row.is_being_sent
    # Two minutes later.
    past = timezone.now() - HELD - timedelta(seconds=1)
    WebhookDelivery.objects.update(sent_at=past, next_attempt_at=past + HELD)
    receiver.reply = 200
    may_answer.set()
    worker.start()

    deliver_webhooks.delay()

    wait_until(lambda: webhook.deliveries.filter(state="delivered").exists(), "the message", log=worker.log)
    assert set(receiver.ids) == {row.message_id}
    assert len(receiver.ids) >= 2
    added = Event.objects.get(subject_kind="webhook", verb="added")
    assert receiver.messages[-1]["data"]["changes"][0]["position"] == added.change.position
    ended = TaskResult.objects.filter(task_name="integrations.tasks.deliver_webhooks", status="SUCCESS")
    wait_until(ended.exists, "the round to be noted", log=worker.log)


@pytest.mark.postgres
def test_of_two_workers_at_the_same_message_one_sends_it(receiver, monkeypatch):
    webhook = webhook_for(receiver)
    number_all_changes()
    deliveries._go_on(webhook.pk, timezone.now())  # the message is made, and waits
    meet_before(monkeypatch, deliveries, "_take")

    sent = race(*[lambda: deliver_next(webhook.pk, at=timezone.now())] * 2)

    assert crashes(sent) == []
    assert sorted(map(bool, sent)) == [False, True]
    assert len(receiver.ids) == 1


@pytest.mark.postgres
def test_the_control_two_workers_that_do_not_claim_send_it_twice(receiver, monkeypatch):
    webhook = webhook_for(receiver)
    number_all_changes()
    deliveries._go_on(webhook.pk, timezone.now())  # the message is made, and waits
    meet_before(monkeypatch, deliveries, "_take")
    held = deliveries._take

    def unclaimed(delivery: Any, at: Any) -> bool:
        held(delivery, at)
        return True

    monkeypatch.setattr(deliveries, "_take", unclaimed)
    race(*[lambda: deliver_next(webhook.pk, at=timezone.now())] * 2)
    assert receiver.ids == [receiver.ids[0]] * 2
