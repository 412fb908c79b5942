"""The last time that the ledger was added up again, by the schedule or on demand."""

import json
from dataclasses import dataclass
from datetime import datetime

from django_celery_results.models import TaskResult

from orders.tasks import verify_ledger

ENDED = ("SUCCESS", "FAILURE")


@dataclass(frozen=True)
class Verification:
    """How it ended and when; ``differences`` is none where it did not come to an end."""

    ended_at: datetime
    differences: int | None


def read(result: TaskResult) -> Verification:
    found = json.loads(result.result or "null") if result.status == "SUCCESS" else None
    return Verification(result.date_done, found["differences"] if isinstance(found, dict) else None)


def last_verification() -> Verification | None:
    """The last one that ended; none if there was none yet."""
    results = TaskResult.objects.filter(task_name=verify_ledger.name, status__in=ENDED)
    result = results.order_by("-date_done").first()
    return read(result) if result else None
