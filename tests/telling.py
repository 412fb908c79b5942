"""Steps of telling another system: a webhook for it, something that happens, and the messages that are due."""

from typing import Any

from django.utils import timezone

from integrations.actions.deliveries import deliver_next
from integrations.actions.numbering import number_all_changes
from integrations.actions.webhooks import add_webhook
from integrations.models import Webhook, WebhookDelivery
from stations.models import Command, User
from tests import make
from tests.receiver import Receiver


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
