"""Taking back what one command did to par levels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from inventory.actions.par_levels import ParChange, change_par_levels
from inventory.models import ParLevel
from stations.access import require_role
from stations.models import Command, Event, User


@transaction.atomic
def undo_par_levels(*, done: UUID, by: User, at: datetime, request_id: UUID) -> list[ParLevel]:
    """Set back what the person's own command ``done`` changed; what it added becomes 0/0, which is never ordered for.

    Refused for another's command, and whole if anybody has changed one of them since.
    """
    command, is_new = Command.objects.claim(request_id, "undo_par_levels", by=by, at=at, facts={"done": str(done)})
    if not is_new:
        return list(ParLevel.objects.filter(pk__in=command.events.values("subject_id")).order_by("pk"))
    require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
    before = Command.objects.filter(request_id=done, verb="set_par_levels", by=by).first()
    events = list(before.events.filter(subject_kind="parlevel").order_by("pk")) if before else []
    if not events:
        raise DomainError(_("There is nothing to take back."))
    levels = ParLevel.objects.in_bulk([event.subject_id for event in events])
    last = _last_events(levels)
    if changed := [event for event in events if last[event.subject_id] != event.pk]:
        said = ngettext(
            "%(count)d of these was changed again since. Nothing was taken back: change it in the grid.",
            "%(count)d of these were changed again since. Nothing was taken back: change them in the grid.",
            len(changed),
        )
        raise DomainError(said % {"count": len(changed)})
    return change_par_levels([_back(levels[event.subject_id], event.details) for event in events], command)


def _last_events(levels: Mapping[int, ParLevel]) -> dict[int, int]:
    """The last event of each of these par levels."""
    rows = Event.objects.filter(subject_kind="parlevel", subject_id__in=levels).order_by("pk")
    return dict(rows.values_list("subject_id", "pk"))


def _back(level: ParLevel, details: Mapping[str, Any]) -> ParChange:
    def was(name: str) -> Any:
        return details[name][0] if name in details else getattr(level, name)

    minimum = was("minimum") or 0
    short = was("short_below")
    return ParChange(
        level.location_id,
        level.item_id,
        was("par") or 0,
        minimum,
        bin=was("bin") or "",
        version=level.version,
        mandated_minimum=was("mandated_minimum") or 0,
        short_below=minimum if short is None else short,
    )
