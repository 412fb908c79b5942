"""Scheduled work of the dashboard."""

from celery import shared_task
from django.utils import timezone

from dashboard.actions import mailing, report_mails, snapshots, telling
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
def send_notices() -> dict[str, int]:
    """Tell people of every event that is theirs and not told yet."""
    return {"notices": telling.tell_events(at=timezone.now())}


@shared_task
def mail_notices() -> dict[str, int]:
    """Send the e-mails that are due."""
    return {"sent": mailing.mail_notices(at=timezone.now())}


@shared_task
def flag_what_lasts() -> dict[str, int]:
    """Tell of what has no event: empty shelves, requests that wait, what no run takes, what is owed, counts due."""
    return {"notices": telling.tell_what_lasts(at=timezone.now())}


@shared_task
def flag_expiring() -> dict[str, int]:
    """Tell each station, once a week, what expires there this month."""
    return {"notices": telling.tell_expiring(at=timezone.now())}


@shared_task
def forget_notices() -> dict[str, int]:
    """Remove what was told three months ago."""
    return {"forgotten": telling.forget_notices(at=timezone.now())}


@shared_task
def send_weekly_report() -> dict[str, int]:
    """Send last week's report to the chiefs who want it and have not got it yet."""
    return {"sent": report_mails.send_weekly_report(at=timezone.now())}
