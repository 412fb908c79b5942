"""Background work: each task finds what is due, may run twice or die half-way, and does nothing twice."""

from datetime import date
from typing import Any
from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from core.errors import DomainError
from orders.actions import allocation, schedule, sweep, transfers
from orders.queries.verify import all_differences
from stations.models import Station, User

log = structlog.get_logger(__name__)


@shared_task(name="orders.tasks.sweep_par_levels")
def sweep_par_levels() -> dict[str, int]:
    """Find what is short everywhere, bring the automatic drafts up to date, and work out which stations could help."""
    at = timezone.now()
    done = sweep.sweep_par_levels(at=at)
    proposed = transfers.propose_transfers(at=at)
    return {"stations": done.stations, "shortfalls": done.shortfalls, "drafts": done.drafts, "transfers": proposed}


@shared_task(name="orders.tasks.allocate_backorders")
def allocate_backorders() -> dict[str, int]:
    """Promise stock to every backorder that it can fill."""
    return {"promised": allocation.allocate_backorders(at=timezone.now())}


@shared_task(name="orders.tasks.schedule_deliveries")
def schedule_deliveries() -> dict[str, int]:
    """Put every waiting shipment onto a run."""
    return {"runs": len(schedule.schedule_deliveries(at=timezone.now()))}


@shared_task(name="orders.tasks.replan_day")
def replan_day(depot: int, day: str, by: int, request_id: str) -> dict[str, Any]:
    """Plan a depot's day again for the person who pressed the button: what moved, or why it was refused."""
    try:
        moves = schedule.replan_day(
            depot=Station.objects.get(pk=depot),
            day=date.fromisoformat(day),
            by=User.objects.get(pk=by),
            at=timezone.now(),
            request_id=UUID(request_id),
        )
    except DomainError as refusal:
        return {"refused": str(refusal)}
    return {"moves": moves}


@shared_task(name="orders.tasks.verify_ledger")
def verify_ledger() -> dict[str, Any]:
    """Add the whole ledger up again; an error in the log for every difference."""
    differences = all_differences()
    for difference in differences:
        log.error("ledger_difference", what=difference.what, written=difference.written, added=difference.added_up)
    return {"differences": len(differences)}
