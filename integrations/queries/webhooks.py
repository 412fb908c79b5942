"""Which webhooks have something to send."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.models import Change, Webhook, WebhookDelivery


def webhooks_due(at: datetime) -> QuerySet[Webhook]:
    """Those with a message to send now, and those that the feed has gone past and that wait for no answer."""
    of_this = WebhookDelivery.objects.waiting().filter(webhook=OuterRef("pk"))
    now = of_this.filter(next_attempt_at__lte=at)
    in_line = of_this.filter(is_by_hand=False)
    goes_on = Q(~Exists(in_line), position__lt=Change.objects.last_position())
    feed = (Q(Exists(in_line.filter(next_attempt_at__lte=at))) | goes_on) & Q(is_active=True, user__is_active=True)
    return Webhook.objects.filter(Q(Exists(now.filter(is_by_hand=True))) | feed).order_by("pk")
