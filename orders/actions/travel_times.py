"""Loading the division's own travel times: all or nothing, and nothing the second time."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.imports.sources import Source
from orders.models import TravelTime
from orders.queries.travel_file import TravelPlan, plan_travel_times
from stations.access import require_role
from stations.models import Command, Event, Station, User


class TravelTimesRefused(DomainError):
    """The file has problems: each with its line, column and reason, which ``found`` has apart. Nothing was loaded."""

    def __init__(self, plan: TravelPlan) -> None:
        super().__init__(
            _("This file cannot be loaded as it is. Nothing was loaded; mend what is listed and try again."),
            problems=[str(problem) for problem in plan.report.problems],
        )
        self.found = plan.report.problems


@transaction.atomic
def load_travel_times(*, source: Source, seen: str, by: User | None, at: datetime, request_id: UUID) -> Event:
    """Load every way in the file, or refuse all with every reason. Returns the event that tells what changed.

    ``seen`` is the mark of the plan that the person agreed to; another is refused. Ways that the file does not name
    stay. ``by`` None is the system.
    """
    facts = {"seen": seen, "file": source.name, "content": source.digest()}
    command, is_new = Command.objects.claim(request_id, "load_travel_times", by=by, at=at, facts=facts)
    if not is_new:
        return command.events.order_by("pk")[0]
    if by is not None:
        require_role(by, User.Role.LOGISTICS)
    # Who loads at the same time waits here; stations keep their codes meanwhile.
    list(Station.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    plan = plan_travel_times(source)
    if plan.is_refused:
        raise TravelTimesRefused(plan)
    if plan.is_nothing:
        raise DomainError(_("There is nothing to change: the travel times are as this file says already."))
    if plan.mark != seen:
        raise DomainError(
            _("The travel times have changed since you looked. Nothing was loaded; look again, then load.")
        )
    TravelTime.objects.bulk_create(
        (
            TravelTime(origin_id=one.way[0], destination_id=one.way[1], metres=one.after[0], seconds=one.after[1])
            for one in plan.changes
        ),
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["origin", "destination"],
        update_fields=["metres", "seconds"],
    )
    return command.log(
        "loaded travel times", command, file=source.name, new=plan.new, changed=plan.changed, same=plan.same
    )
