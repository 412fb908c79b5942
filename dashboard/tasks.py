"""Scheduled work of the dashboard."""

from celery import shared_task
from django.utils import timezone

from dashboard.actions import report_mails, snapshots
from dashboard.queries.kept import keep_division


@shared_task
def snapshot_metrics() -> dict[str, int]:
    """Bring the day's snapshot up to date. Safe to run twice, and beside itself."""
    return {"rows": snapshots.snapshot_metrics(at=timezone.now())}


@shared_task
def work_out_division() -> dict[str, bool]:
    """Work out the division for the pages of those who see all of it, where it is too large to do so for each visit."""
    return {"kept": keep_division(at=timezone.now())}


@shared_task
def send_weekly_report() -> dict[str, int]:
    """Send last week's report to the chiefs who want it and have not got it yet."""
    return {"sent": report_mails.send_weekly_report(at=timezone.now())}
