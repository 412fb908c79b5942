"""Background work on stock: finds what is due, may run twice or die half-way, and does nothing twice."""

from time import monotonic
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.background import PROGRESS
from core.errors import DomainError
from inventory.actions import proposals
from inventory.actions.division import load_division
from inventory.imports.uploads import KEPT_SECONDS, opened
from inventory.queries.imports import summary
from stations.models import Station, User

# Of the time that a task may take, what this one uses before it hands on to the next.
SHARE = 0.5


@shared_task(bind=True, name="inventory.tasks.propose_par_levels")
def propose_par_levels(
    task: "Task[Any, Any]", stations: list[int] | None = None, by: int | None = None
) -> dict[str, int]:
    """Work out the par levels of these stations, or of all that are due, for as long as one task may.

    What is left is handed to another task; should that be lost, it is still due the next day.
    """
    began = monotonic()
    chosen = None if stations is None else list(Station.objects.filter(pk__in=stations))
    done = proposals.propose_par_levels(
        at=timezone.now(),
        by=User.objects.filter(pk=by).first() if by else None,
        stations=chosen,
        is_over=lambda: monotonic() - began > settings.TASK_SECONDS * SHARE,
        report=lambda levels, whole: _report(task, levels, whole),
    )
    if done.left:
        propose_par_levels.delay(stations=None if stations is None else list(done.left), by=by)
    return {
        "stations": done.stations,
        "levels": done.levels,
        "proposals": done.proposals,
        "left": len(done.left),
    }


def _report(task: "Task[Any, Any]", levels: int, whole: int) -> None:
    """Say how far it is, for the page that waits. Called without a broker, nobody waits."""
    if task.request.id:
        task.update_state(state=PROGRESS, meta={"levels": levels, "whole": whole})


@shared_task(name="inventory.tasks.load_upload")
def load_upload(token: str, seen: str, by: int, request_id: str, language: str | None = None) -> dict[str, str]:
    """Load the files that a person uploaded and looked at: what was loaded, or why nothing was, in their language."""
    with translation.override(language or settings.LANGUAGE_CODE):
        return _load(token, seen, by, request_id)


def _load(token: str, seen: str, by: int, request_id: str) -> dict[str, str]:
    person = User.objects.get(pk=by)
    upload = opened(UUID(token), user=person)
    if upload is None:
        return {"refused": _("That upload is gone: only the last one is kept, for an hour. Choose the files again.")}
    try:
        event = load_division(
            sources=upload.sources,
            seen=seen,
            by=person,
            at=timezone.now(),
            request_id=UUID(request_id),
            report=lambda done, whole: cache.set(_key(request_id), (done, whole), KEPT_SECONDS),
        )
    except DomainError as refusal:
        return {"refused": str(refusal)}
    return {"loaded": summary(event)}


def rows_loaded(request_id: UUID) -> tuple[int, int] | None:
    """How many rows a load has written, and how many it will. In the cache: nobody sees its rows before the end."""
    found: tuple[int, int] | None = cache.get(_key(str(request_id)))
    return found


def _key(request_id: str) -> str:
    return f"division-load:{request_id}"
