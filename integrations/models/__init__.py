"""Other systems: the tokens by which they act for a person, the answers that they were given, what they are told."""

from integrations.models.calls import KEPT, ApiCall
from integrations.models.changes import Change, ChangeQuerySet, Unnumbered
from integrations.models.tokens import BEGINS, PREFIX_LENGTH, ApiToken, digest_of
from integrations.models.webhooks import HELD, Webhook, WebhookDelivery, draw_salt

__all__ = [
    "BEGINS",
    "HELD",
    "KEPT",
    "PREFIX_LENGTH",
    "ApiCall",
    "ApiToken",
    "Change",
    "ChangeQuerySet",
    "Unnumbered",
    "Webhook",
    "WebhookDelivery",
    "digest_of",
    "draw_salt",
]
