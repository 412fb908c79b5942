"""What the division wants to reach: the chief sets it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.errors import DomainError
from dashboard.models import FigureTarget
from dashboard.queries.figures import BY_SLUG
from dashboard.queries.targets import target_of, tenths_of, unit_of
from stations.access import require_role
from stations.models import Command, User


@transaction.atomic
def set_target(
    *, figure: str, tenths: int | None, seen: int | None, by: User, at: datetime, request_id: UUID
) -> FigureTarget:
    """Say what a figure should be, in tenths of its unit; none for no target. ``seen``: the target that was there when
    this one was chosen; refused if another has been set since. Chiefs only."""
    facts = {"figure": figure, "tenths": tenths, "seen": seen}
    command, is_new = Command.objects.claim(request_id, "set_target", by=by, at=at, facts=facts)
    if not is_new:
        return FigureTarget.objects.get(pk=command.answer())
    require_role(by, User.Role.CHIEF)
    definition = BY_SLUG[figure]
    unit, usual = unit_of(definition), tenths_of(definition, definition.usual)
    if tenths is not None and not 0 <= tenths <= unit.most * 10:
        refusal = _("Choose a target from 0 to %(most)s %(unit)s.")
        raise DomainError(refusal % {"most": f"{unit.most:,}", "unit": unit.name})
    FigureTarget.objects.get_or_create(figure=figure, defaults={"tenths": usual})
    target = FigureTarget.objects.select_for_update().get(figure=figure)
    if target.tenths != seen:
        refusal = _("Another chief has set this target since: %(target)s. Look at it again.")
        now = target_of(definition, target.tenths).text or pgettext("target", "none")
        raise DomainError(refusal % {"target": now})
    with translation.override(None):  # the log is kept in English
        told = [target_of(definition, number).text or "none" for number in (target.tenths, tenths)]
        title = str(definition.title)
    target.tenths = tenths
    target.save(update_fields=["tenths"])
    command.log("set", target, figure=title, target=told)
    return target
