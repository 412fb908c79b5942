"""``ems webhook`` and ``ems webhook-delivery``. What is to be sent goes out with the clock's next round."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from integrations.actions.webhooks import add_webhook, rotate_secret, send_again, send_test, switch_webhook
from integrations.api.shown.webhooks import DeliveryShown, WebhookShown, shown_deliveries, shown_webhooks
from integrations.command_line.readers import UnknownCodes, shown, shows
from integrations.command_line.table import ID, Asked, Field, Noun, Verb, listing, whole
from integrations.models import Webhook, WebhookDelivery
from integrations.queries.kinds import BY_NAME
from stations.access import require_role
from stations.models import User


def _webhook(asked: Asked) -> Webhook:
    webhook: Webhook = get_object_or_404(shown_webhooks(asked.by), pk=asked["id"])
    return webhook


def _shown(asked: Asked, webhook: Webhook) -> Any:
    return shown(WebhookShown, shown_webhooks(asked.by), webhook.pk)


def _add(asked: Asked) -> Any:
    require_role(asked.by, User.Role.CHIEF)
    user = User.objects.filter(username=asked["user"], is_active=True).first()
    if user is None:
        raise UnknownCodes(f"There is nobody named {asked['user']} who may act. Nothing was changed.")
    facts = {"name": asked["name"], "url": asked["url"], "kinds": [line["kind"] for line in asked.lines]}
    webhook, secret = add_webhook(**facts, user=user, **asked.command)
    return _shown(asked, webhook) | {"secret": secret}


def _rotate(asked: Asked) -> Any:
    webhook, secret = rotate_secret(webhook=_webhook(asked), **asked.command)
    return _shown(asked, webhook) | {"secret": secret}


def _switch(asked: Asked, *, is_on: bool) -> Any:
    return _shown(asked, switch_webhook(webhook=_webhook(asked), is_on=is_on, **asked.command))


WEBHOOKS = Noun(
    "webhook",
    "systems that are told of changes",
    (
        listing("list", "all of them", lambda asked: shown_webhooks(asked.by), shows(WebhookShown)),
        Verb("show", "one, with how it fares", lambda asked: _shown(asked, _webhook(asked)), ID),
        Verb(
            "add",
            "name a system to tell from now on; prints its secret, once",
            _add,
            Field("name", "the system that is told", needed=True),
            (
                Field("url", "https://, as the other system gives it", needed=True),
                Field("user", "username: it is told of what this person may see", needed=True),
            ),
            (Field("kind", f"told of this; without lines of everything: {', '.join(BY_NAME)}", needed=True),),
        ),
        Verb("switch-on", "go on where it stopped", lambda asked: _switch(asked, is_on=True), ID),
        Verb("switch-off", "tell it nothing for now", lambda asked: _switch(asked, is_on=False), ID),
        Verb("rotate", "make another secret; prints it, once", _rotate, ID),
        Verb(
            "test",
            "send a message that tells of nothing",
            lambda asked: _shown(asked, send_test(webhook=_webhook(asked), **asked.command)),
            ID,
        ),
    ),
)


def _deliveries(asked: Asked) -> QuerySet[Any]:
    rows = shown_deliveries(asked.by)
    if asked["webhook"] is not None:
        rows = rows.filter(webhook=asked["webhook"])
    return rows.filter(state=asked["state"]) if asked["state"] else rows


def _send_again(asked: Asked) -> Any:
    delivery = get_object_or_404(shown_deliveries(asked.by), pk=asked["id"])
    webhook = send_again(delivery=delivery, **asked.command)
    sent = webhook.deliveries.filter(message_id=delivery.message_id).latest("pk")
    return shown(DeliveryShown, shown_deliveries(asked.by), sent.pk)


WEBHOOK_DELIVERIES = Noun(
    "webhook-delivery",
    "what webhooks were sent, and how that went",
    (
        listing(
            "list",
            "every message of the last thirty days",
            _deliveries,
            shows(DeliveryShown),
            Field("webhook", "to this webhook, by its id", whole),
            Field("state", "in this state", choices=WebhookDelivery.State.values),
        ),
        Verb("send-again", "once more, word for word; one that waits is tried now", _send_again, ID),
    ),
)
