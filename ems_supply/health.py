"""/healthz: this process answers. /readyz: everything that the division's work depends on is well.

Both are answered before hosts, sessions and redirects are looked at, so that any monitor on the
network may ask. Neither tells addresses, names or errors of the parts: hints say where to look.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

import redis
import structlog
from celery.schedules import BaseSchedule
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_celery_results.models import TaskResult

from ems_supply.broker import answers
from ems_supply.middleware import GetResponse

logger = structlog.get_logger(__name__)

LEEWAY = timedelta(minutes=2)
HEARTBEAT = "heartbeat"


@dataclass(frozen=True)
class Part:
    """How one part is, and what to do when it is not well."""

    status: Literal["ok", "failed"]
    hint: str = ""
    last_success_at: str | None = None


OK = Part("ok")


def health_pages(get_response: GetResponse) -> GetResponse:
    """Middleware that answers the two pages and lets everything else through."""
    pages: Mapping[str, Callable[[], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        page = pages.get(request.path)
        if page is None or request.method not in {"GET", "HEAD"}:
            return get_response(request)
        with translation.override(translation.get_language_from_request(request)):  # nobody has looked for it yet
            response = page()
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def healthz() -> HttpResponse:
    return JsonResponse({"status": "ok"})


def readyz() -> HttpResponse:
    """200 when every part is ok, else 503; each part with its status and a hint."""
    parts = check_parts()
    failed = sorted(name for name, part in parts.items() if part.status == "failed")
    if failed:
        logger.warning("not ready", parts=failed)
    body = {
        "status": "failed" if failed else "ok",
        "parts": {name: {key: value for key, value in asdict(part).items() if value} for name, part in parts.items()},
    }
    return JsonResponse(body, status=503 if failed else 200)


def check_parts() -> dict[str, Part]:
    """All parts. While the database is away, what is kept in it is not asked for."""
    parts = {"broker": check_broker(), "database": check_database()}
    if parts["database"] is OK:
        parts["migrations"] = check_migrations()
        if parts["migrations"] is OK:
            parts |= check_schedule(now=timezone.now())
    return parts


def check_broker() -> Part:
    try:
        is_there = answers(settings.BROKER)
    except redis.RedisError:  # it is there, and refuses us
        is_there = False
    return OK if is_there else Part("failed", _("Redis does not answer: is it running, and is REDIS_URL right?"))


def check_database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Part("failed", _("The database does not answer: is it running, and is DATABASE_URL right?"))
    return OK


def check_migrations() -> Part:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    words = ngettext(
        "%(count)d migrations wait: run manage.py migrate.",
        "%(count)d migrations wait: run manage.py migrate.",
        len(waiting),
    )
    return Part("failed", words % {"count": len(waiting)}) if waiting else OK


def check_schedule(*, now: datetime) -> dict[str, Part]:
    """The worker's heartbeat and the last success of each scheduled task, in two queries."""
    entries: Mapping[str, dict[str, object]] = settings.CELERY_BEAT_SCHEDULE
    names = [str(entry["task"]) for entry in entries.values()]
    successes: dict[str | None, datetime] = dict(
        TaskResult.objects.filter(task_name__in=names, status="SUCCESS")
        .order_by()
        .values_list("task_name")
        .annotate(Max("date_done"))
    )
    installed_at = MigrationRecorder(connection).migration_qs.aggregate(at=Min("applied"))["at"]
    parts = {}
    for name, entry in entries.items():
        when = entry["schedule"]
        assert isinstance(when, BaseSchedule)  # noqa: S101 - settings make nothing else
        title = "worker" if name == HEARTBEAT else name
        parts[title] = check_task(when, last=successes.get(str(entry["task"])), installed_at=installed_at, now=now)
    return parts


def check_task(when: BaseSchedule, *, last: datetime | None, installed_at: datetime, now: datetime) -> Part:
    """Late once a run is overdue by a whole interval and some leeway; before its first, counted from installation."""
    reference = last or installed_at
    due_in = when.remaining_estimate(reference)
    interval = when.remaining_estimate(now)
    shown = last.isoformat() if last else None
    if due_in + interval + LEEWAY < timedelta(0):
        return Part(
            "failed", _("No run has succeeded for too long: are worker and beat running? See their logs."), shown
        )
    return Part("ok", last_success_at=shown)
