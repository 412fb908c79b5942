"""Background work: each task finds what is due, may run twice or die half-way, and does nothing twice."""

from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from orders.actions import allocation, schedule, sweep
from orders.queries.verify import all_differences

log = structlog.get_logger(__name__)


@shared_task(name="orders.tasks.sweep_par_levels")
def sweep_par_levels() -> dict[str, int]:
    """Find what is short everywhere and bring the automatic drafts up to date."""
    done = sweep.sweep_par_levels(at=timezone.now())
    return {"stations": done.stations, "shortfalls": done.shortfalls, "drafts": done.drafts}


@shared_task(name="orders.tasks.allocate_backorders")
def allocate_backorders() -> dict[str, int]:
    """Promise stock to every backorder that it can fill."""
    return {"promised": allocation.allocate_backorders(at=timezone.now())}


@shared_task(name="orders.tasks.schedule_deliveries")
def schedule_deliveries() -> dict[str, int]:
    """Put every waiting shipment onto a run."""
    return {"runs": len(schedule.schedule_deliveries(at=timezone.now()))}


@shared_task(name="orders.tasks.verify_ledger")
def verify_ledger() -> dict[str, Any]:
    """Add the whole ledger up again; an error in the log for every difference."""
    differences = all_differences()
    for difference in differences:
        log.error("ledger_difference", what=difference.what, written=difference.written, added=difference.added_up)
    return {"differences": len(differences)}
