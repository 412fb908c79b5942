"""What other systems need done in the background."""

import time
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from integrations.actions.deliveries import deliver_next
from integrations.actions.numbering import number_all_changes
from integrations.models import ApiCall, WebhookDelivery
from integrations.queries.webhooks import webhooks_due

KEPT = timedelta(days=30)
# One receiver's share of a worker; what is left goes on with the next round.
SECONDS_AT_ONCE = 30
ROUND_SECONDS = 10


@shared_task
def forget_api_calls() -> int:
    """Drop the answers that were kept for long enough; how many."""
    return ApiCall.objects.due(timezone.now()).delete()[0]


@shared_task
def forget_deliveries() -> int:
    """Drop what webhooks were sent more than thirty days ago; how many."""
    return WebhookDelivery.objects.kept_for(KEPT, timezone.now()).delete()[0]


@shared_task
def deliver_webhooks() -> dict[str, int]:
    """Bring the change feed up to date, and have each webhook that is behind served by itself: a slow receiver keeps
    none of the others waiting."""
    numbered = number_all_changes()
    due = list(webhooks_due(timezone.now()).values_list("pk", flat=True))
    for pk in due:
        deliver_to.apply_async((pk,), expires=ROUND_SECONDS)
    return {"changes": numbered, "webhooks": len(due)}


@shared_task
def deliver_to(webhook_id: int) -> int:
    """Send a webhook what is due, one message after the other, until one fails or it has had its share; how many."""
    ends, sent = time.monotonic() + SECONDS_AT_ONCE, 0
    while time.monotonic() < ends and deliver_next(webhook_id, at=timezone.now()):
        sent += 1
    return sent
