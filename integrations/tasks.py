"""What other systems need done in the background."""

from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import structlog
from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from core.errors import DomainError
from integrations.actions import archives, records, waiting
from integrations.actions.deliveries import deliver_next
from integrations.actions.numbering import number_all_changes
from integrations.actions.recalls import match_recalls as match
from integrations.actions.recalls import take_recalls
from integrations.models import ApiCall, KeptArchive, WebhookDelivery
from integrations.queries.webhooks import webhooks_due
from integrations.recalls.feed import fetch
from integrations.recalls.files import read_file
from integrations.records.folder import Outcome, take_waiting
from integrations.records.reading import read_care_path

log = structlog.get_logger(__name__)
# Of the time that a task may take, what this one uses; the next goes on.
SHARE = 0.5
# The same of what writes an archive: the rest is for keeping it.
ARCHIVE_SHARE = 0.6
SHOWN_SECONDS = 60 * 60
DELIVERIES_KEPT = timedelta(days=30)
# One receiver's share of a worker; what is left goes on with the next round.
SECONDS_AT_ONCE = 30
ROUND_SECONDS = 10


@shared_task
def forget_api_calls() -> int:
    """Drop the answers that were kept for long enough; how many."""
    return ApiCall.objects.due(timezone.now()).delete()[0]


@shared_task
def book_records() -> int:
    """Book what waited for a code or a unit that is known by now, for as long as a task may; how many uses."""
    began, booked = monotonic(), 0
    while (found := waiting.book_due(at=timezone.now())) and monotonic() - began < settings.TASK_SECONDS * SHARE:
        booked += found
    return booked + found


@shared_task
def take_records() -> dict[str, int]:
    """Take the files of patient-care records that lie in the folder of the settings, for as long as a task may."""
    folder = Path(settings.EMS_RECORDS_FOLDER)
    if not settings.EMS_RECORDS_FOLDER or not folder.is_dir():
        log.error("records_folder_missing", folder=settings.EMS_RECORDS_FOLDER)
        return {"taken": 0, "refused": 0}
    began, outcomes = monotonic(), list[Outcome]()
    for outcome in take_waiting(folder, _take):
        outcomes.append(outcome)
        if monotonic() - began > settings.TASK_SECONDS * SHARE:
            break
    refused = sum(bool(one.refusal) for one in outcomes)
    return {"taken": len(outcomes) - refused, "refused": refused}


def _take(path: Path) -> records.Taken:
    return records.take_records(file=read_care_path(path), by=None, at=timezone.now(), request_id=uuid4())


@shared_task
def match_recalls() -> dict[str, int]:
    """Hold what came since and is recalled, and close what has nothing left."""
    return {"lots": match(at=timezone.now())}


@shared_task
def fetch_recalls() -> dict[str, int]:
    """Take what the feeds of ``EMS_RECALL_FEED`` give. One that cannot be read is in the log, and hinders no other."""
    done = {"new": 0, "changed": 0, "lots": 0, "to_review": 0, "unread": 0}
    for address in settings.EMS_RECALL_FEED:
        try:
            found = read_file(address, fetch(address, most_mb=settings.EMS_RECALL_MB), most_mb=settings.EMS_RECALL_MB)
            taken = take_recalls(records=found, by=None, at=timezone.now(), request_id=uuid4())
        except DomainError as refusal:
            log.warning("recall_feed_unread", feed=address, why=str(refusal))
            done["unread"] += 1
        else:
            for name in ("new", "changed", "lots", "to_review"):
                done[name] += getattr(taken, name)
    return done


@shared_task
def forget_deliveries() -> int:
    """Drop what webhooks were sent more than thirty days ago; how many."""
    return WebhookDelivery.objects.kept_for(DELIVERIES_KEPT, timezone.now()).delete()[0]


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
    ends, sent = monotonic() + SECONDS_AT_ONCE, 0
    while monotonic() < ends and deliver_next(webhook_id, at=timezone.now()):
        sent += 1
    return sent


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
            is_over=lambda: monotonic() - began > settings.TASK_SECONDS * ARCHIVE_SHARE,
        )


def rows_done(request_id: UUID) -> tuple[int, int] | None:
    """How many rows an archive has by now, and how many it will have. In the cache: the database is being read as it
    was when the archive began."""
    found: tuple[int, int] | None = cache.get(_key(str(request_id)))
    return found


def _key(request_id: str) -> str:
    return f"archive:{request_id}"
