"""What other systems need done in the background."""

from time import monotonic
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from integrations.actions import archives
from integrations.models import ApiCall, KeptArchive

# Of the time that a task may take, what writing an archive may use: the rest is for keeping it.
SHARE = 0.6
SHOWN_SECONDS = 60 * 60


@shared_task
def forget_api_calls() -> int:
    """Drop the answers that were kept for long enough; how many."""
    return ApiCall.objects.due(timezone.now()).delete()[0]


@shared_task
def forget_archives() -> int:
    """Drop the archives that were kept for long enough, with their parts; how many rows."""
    return KeptArchive.objects.due(timezone.now()).delete()[0]


@shared_task
def make_archive(request_id: str) -> None:
    """Make the archive that a chief asked for; nothing once another was asked for in its place."""
    began = monotonic()
    archive = KeptArchive.objects.filter(request_id=UUID(request_id)).first()
    if archive is not None:
        archives.make_archive(
            archive=archive,
            at=timezone.now(),
            report=lambda done, whole: cache.set(_key(request_id), (done, whole), SHOWN_SECONDS),
            is_over=lambda: monotonic() - began > settings.TASK_SECONDS * SHARE,
        )


def rows_done(request_id: UUID) -> tuple[int, int] | None:
    """How many rows an archive has by now, and how many it will have. In the cache: the database is being read as it
    was when the archive began."""
    found: tuple[int, int] | None = cache.get(_key(str(request_id)))
    return found


def _key(request_id: str) -> str:
    return f"archive:{request_id}"
