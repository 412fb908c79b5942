"""Loading a division from its tables: all or nothing, and nothing the second time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.imports.applying import apply_plan
from inventory.imports.planning import Plan, plan_division
from inventory.imports.problems import Problem
from inventory.imports.progress import Progress, Report, nobody
from inventory.imports.sources import Source
from inventory.models import Item, Pack, Substitute
from stations.access import require_role
from stations.models import Command, Event, Location, Station, Unit, User

log = structlog.get_logger(__name__)


class DivisionRefused(DomainError):
    """The files have problems: each with its file, line, column and reason. Nothing was loaded."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            _("These files cannot be loaded as they are. Nothing was loaded; mend what is listed and try again."),
            problems=[str(problem) for problem in plan.report.problems],
        )
        self.rows: list[Problem] = plan.report.problems


class NothingToLoad(DomainError):
    """The division is as the files say already."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to change: the division is as these files say already."))


class PlanChanged(DomainError):
    """Since the person looked at what would change, somebody else has changed it."""

    def __init__(self) -> None:
        super().__init__(
            _("The division has changed since you looked. Nothing was loaded; look at it again, then load.")
        )


def load_division(
    *,
    sources: Sequence[Source],
    seen: str,
    by: User | None,
    at: datetime,
    request_id: UUID,
    report: Report = nobody,
) -> Event:
    """Load every table in these files, or refuse all with every reason. Returns the event that tells what changed.

    ``seen`` is the mark of the plan that the person agreed to; another plan is refused. ``by`` None is the system.
    Nothing is ever removed: a row that no file names stays as it is.
    """
    try:
        return _load(sources=sources, seen=seen, by=by, at=at, request_id=request_id, report=report)
    except IntegrityError as error:
        # Two people added the same station, item or lot at once: the database let one of them through.
        log.warning("load_division refused by the database", error=str(error))
        raise DomainError(
            _("Somebody added the same things while this was being loaded. Nothing was loaded; look at it again.")
        ) from error


@transaction.atomic
def _load(
    *, sources: Sequence[Source], seen: str, by: User | None, at: datetime, request_id: UUID, report: Report
) -> Event:
    facts = {"seen": seen, "files": [(source.name, source.digest()) for source in sources]}
    command, is_new = Command.objects.claim(request_id, "load_division", by=by, at=at, facts=facts)
    if not is_new:
        return command.events.order_by("pk")[0]
    if by is not None:
        require_role(by, User.Role.LOGISTICS)
    _lock()
    plan = plan_division(sources, today=timezone.localdate(at))
    if plan.is_refused:
        raise DivisionRefused(plan)
    if plan.is_nothing:
        raise NothingToLoad
    if plan.mark != seen:
        raise PlanChanged
    event = command.log("loaded", command, **_summary(plan))
    apply_plan(plan, command, Progress(plan.changes, report), by=by, at=at)
    return event


def _lock() -> None:
    """Hold back everybody else who edits a station, a unit, an item or the par levels of a place, in this order.

    Stock keeps moving: these locks do not touch the ledger.
    """
    for table in (Station.objects, Unit.objects, Item.objects, Pack.objects, Substitute.objects, Location.objects):
        rows: QuerySet[Any, Any] = table.select_for_update(no_key=True).order_by("pk").values_list("pk")
        for _row in rows.iterator(chunk_size=5_000):
            pass


def _summary(plan: Plan) -> dict[str, Any]:
    tables = {
        preview.table.name: {
            "file": preview.sheet.kept,
            "new": preview.new,
            "changed": preview.changed,
            "same": preview.same,
        }
        for preview in plan.previews
    }
    return {"tables": tables, "locations": len(plan.locations)}
