"""The Celery app. Tasks carry the id of the request that caused them into the worker's log."""

import os
from typing import Any

import structlog
from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ems_supply.settings")

app = Celery("ems_supply")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Being connected is enough: Celery leaves the logging that Django has set up as it is."""


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers["request_id"] = request_id


@signals.task_prerun.connect
def bind_request_id(task_id: str, task: Any, **_: Any) -> None:
    request_id = getattr(task.request, "request_id", None) or task_id
    structlog.contextvars.bind_contextvars(request_id=request_id, task=task.name, task_id=task_id)


@signals.task_postrun.connect
def unbind_request_id(**_: Any) -> None:
    structlog.contextvars.unbind_contextvars("request_id", "task", "task_id")
