"""Work that a page starts and a worker does: sent once, and asked after until it has ended."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from celery import Task
from django.utils.translation import gettext_lazy as _
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

PROGRESS = "PROGRESS"  # running, and it has said how far it is
UNREACHABLE = _("The background worker cannot be reached, so nothing was started. Try again in a minute, or tell IT.")


def start(task: "Task[Any, Any]", task_id: UUID, **arguments: object) -> str:
    """Send the task once, by the request id of the form that asked for it; why not, if it cannot be sent."""
    if TaskResult.objects.filter(task_id=str(task_id)).exists():
        return ""
    try:
        task.apply_async(task_id=str(task_id), kwargs=arguments)
    except OperationalError:
        return str(UNREACHABLE)
    return ""


@dataclass(frozen=True)
class Progress:
    """How far a task is, and what it answered once it has succeeded, or so far."""

    state: str
    answer: Any = None

    @property
    def is_running(self) -> bool:
        return self.state in ("PENDING", "STARTED", "RETRY", PROGRESS)


def progress_of(task: "Task[Any, Any]", task_id: UUID) -> Progress | None:
    """None if the id is that of another task."""
    result = TaskResult.objects.filter(task_id=str(task_id)).first()
    if result is None:
        return Progress("PENDING")
    if result.task_name not in (None, task.name):
        return None
    has_told = result.status in ("SUCCESS", PROGRESS)
    return Progress(result.status, json.loads(result.result or "null") if has_told else None)
