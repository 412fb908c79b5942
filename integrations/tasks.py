"""What other systems need done in the background."""

from celery import shared_task
from django.utils import timezone

from integrations.models import ApiCall


@shared_task
def forget_api_calls() -> int:
    """Drop the answers that were kept for long enough; how many."""
    return ApiCall.objects.due(timezone.now()).delete()[0]
