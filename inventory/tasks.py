"""Background work on stock: finds what is due, may run twice or die half-way, and does nothing twice."""

from time import monotonic
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.utils import timezone

from inventory.actions import proposals
from stations.models import Station, User

PROGRESS = "PROGRESS"
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
