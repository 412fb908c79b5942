"""How webhooks are answered: who is told of what, how that fares, and each message that was sent."""

from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest
from rest_framework import serializers

from integrations.access import webhook_rows
from integrations.api.serializers import Shown
from integrations.models import Change, Webhook, WebhookDelivery
from integrations.queries.kinds import BY_NAME
from stations.models import User


class WebhookShown(Shown):
    """A system that is told of changes."""

    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=list(BY_NAME)), help_text="What it is told of; empty: everything."
    )
    user = serializers.CharField(source="user.username", help_text="It is told what they may see.")
    created_by = serializers.CharField(source="created_by.username")
    behind = serializers.IntegerField(help_text="How many positions of the feed are still ahead.")

    class Meta:
        model = Webhook
        fields = (
            *("id", "name", "url", "kinds", "user", "is_active", "off_reason", "failing_since", "position", "behind"),
            *("rotated_at", "created_by", "created_at"),
        )


class SecretShown(WebhookShown):
    """The same, with the secret that its messages are signed with from now on."""

    secret = serializers.CharField(
        read_only=True, help_text="Shown this once: a repeat of the call has it empty. `rotate` makes another."
    )

    class Meta(WebhookShown.Meta):
        fields = (*WebhookShown.Meta.fields, "secret")  # type: ignore[assignment]  # one more


class DeliveryShown(Shown):
    """One message to a webhook, and how sending it went."""

    class Meta:
        model = WebhookDelivery
        fields = (
            *("id", "webhook", "message_id", "changes", "is_by_hand", "state", "attempts", "next_attempt_at"),
            *("made_at", "sent_at", "status_code", "took_ms", "answer", "problem"),
        )


def shown_webhooks(person: User) -> "QuerySet[Any, Any]":
    """The webhooks that a person sees, as these show them. Two queries."""
    ahead = Greatest(Value(Change.objects.last_position()) - F("position"), Value(0))
    return webhook_rows(person, Webhook.objects.select_related("user", "created_by").annotate(behind=ahead))


def shown_deliveries(person: User) -> "QuerySet[Any, Any]":
    """The messages that a person sees, without what they say."""
    return webhook_rows(person, WebhookDelivery.objects.defer("body"))
