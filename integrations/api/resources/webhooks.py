"""The systems that are told of changes, and what each was sent. The chief's; the auditor reads."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.actions.webhooks import add_webhook, rotate_secret, send_again, send_test, switch_webhook
from integrations.api.asked import Nothing, one_by_code
from integrations.api.base import Reads
from integrations.api.fields import Flag, One, Text
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.permissions import ScopeAllows
from integrations.api.serializers import Asked
from integrations.api.shown.webhooks import (
    DeliveryShown,
    SecretShown,
    WebhookShown,
    shown_deliveries,
    shown_webhooks,
)
from integrations.api.verbs import creates, verb
from integrations.models import ApiToken, Webhook, WebhookDelivery
from integrations.queries.kinds import BY_NAME, closed_to
from integrations.tasks import deliver_to
from stations.access import require_role
from stations.models import User


class NewWebhook(Asked):
    name = Text(max_length=60, help_text="The system that is told.")
    url = Text(max_length=500, help_text="https://, as the other system gives it.")
    user = Text(max_length=150, help_text="User name: it is told of what this person may see.")
    kinds = serializers.ListField(
        child=One(choices=list(BY_NAME)),
        max_length=len(BY_NAME),
        default=list,
        help_text="Only these. None: everything, which takes a token with all:read.",
    )


class Switched(Asked):
    is_on = Flag(help_text="Switched on it goes on where it stopped.")


class Webhooks(Reads):
    """Who is told of changes, and how that fares."""

    area = "changes"
    queryset = Webhook.objects.all()
    serializer_class = WebhookShown
    filterset_class = filters(Webhook, "is_active", user="user__username")

    def seen_by(self, person: User) -> QuerySet[Any]:
        return shown_webhooks(person)

    @creates(NewWebhook, SecretShown)
    def create(self, request: Request) -> Response:
        """Name a system to tell from now on; its secret is in this answer and no other. A token must itself open what
        is told of."""
        asked = self.body(NewWebhook).validated_data
        require_role(self.person, User.Role.CHIEF)
        token: Any = request.auth
        if isinstance(token, ApiToken) and (closed := closed_to(token.scopes, asked["kinds"])):
            said = f"This token lacks {', '.join(closed)}, so it cannot have anybody told of that."
            raise PermissionDenied(said, ScopeAllows.code)
        people = User.objects.filter(is_active=True)
        says = "There is nobody named {} who may act."
        user = one_by_code(people, asked.pop("user"), field="username", says=says, key="user")
        return self._with_secret(*add_webhook(**asked, user=user, **command_of(request)), status=201)

    @verb(Switched, WebhookShown, has_version=False)
    def switch(self, request: Request, pk: str) -> Response:
        """Tell it nothing for now, or go on."""
        asked = self.body(Switched).validated_data
        return self.done(switch_webhook(webhook=self.get_object(), **asked, **command_of(request)))

    @verb(Nothing, SecretShown, has_version=False)
    def rotate(self, request: Request, pk: str) -> Response:
        """Another secret, in this answer and no other. For a day the former one signs as well."""
        self.body(Nothing)
        return self._with_secret(*rotate_secret(webhook=self.get_object(), **command_of(request)))

    @verb(Nothing, WebhookShown, has_version=False)
    def test(self, request: Request, pk: str) -> Response:
        """Send a message that tells of nothing, also to one that is off. /webhook-deliveries/ has how it went."""
        self.body(Nothing)
        return self.done(_sent_now(partial(send_test, webhook=self.get_object()), request))

    def _with_secret(self, webhook: Webhook, secret: str, *, status: int = 200) -> Response:
        shown = self.get_serializer(self.get_queryset().get(pk=webhook.pk)).data
        return Response({**shown, "secret": secret}, status=status, headers={"Cache-Control": "no-store"})


class WebhookDeliveries(Reads):
    """Every message that a webhook was sent in the last thirty days, and how that went."""

    area = "changes"
    queryset = WebhookDelivery.objects.all()
    serializer_class = DeliveryShown
    filterset_class = filters(WebhookDelivery, "webhook", "state", "message_id", "is_by_hand")

    def seen_by(self, person: User) -> QuerySet[Any]:
        return shown_deliveries(person)

    @verb(Nothing, DeliveryShown, has_version=False)
    def send_again(self, request: Request, pk: str) -> Response:
        """Send it once more, word for word and with its id; one that waits for its next try is tried now. The answer
        is what is sent."""
        self.body(Nothing)
        found = self.get_object()
        webhook = _sent_now(partial(send_again, delivery=found), request)
        return self.done(webhook.deliveries.filter(message_id=found.message_id).latest("pk"))


def _sent_now(act: Callable[..., Webhook], request: Request) -> Webhook:
    """Do this, and have it sent at once. Without a broker the next round of the clock sends it."""
    webhook = act(**command_of(request))
    transaction.on_commit(partial(deliver_to.delay, webhook.pk), robust=True)
    return webhook
