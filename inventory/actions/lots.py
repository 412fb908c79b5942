"""Holding a lot back, and letting it go again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from inventory.actions.lines import needed_reason
from inventory.models import Lot
from stations.access import require_role
from stations.models import Command, Event, User


@transaction.atomic
def set_lot_status(
    *, lot: Lot, status: str, reason: str, was: str | None = None, by: User, at: datetime, request_id: UUID
) -> Lot:
    """Quarantine, recall or release a lot everywhere at once, with a reason. Logistics only.

    ``was`` is the status that the person saw; the command is refused if another person has changed it since.
    """
    facts = {"lot": lot.pk, "status": status, "reason": reason, "was": was}
    command, is_new = Command.objects.claim(request_id, "set_lot_status", by=by, at=at, facts=facts)
    if not is_new:
        return Lot.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    if status not in Lot.Status.values:
        raise DomainError(_("Choose usable, quarantined or recalled."))
    reason = needed_reason(reason, _("the status of this lot changes"))
    locked = Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
    if was is not None and locked.status != was:
        raise StaleEdit(_changed(locked))
    if locked.status == status:
        raise DomainError(_("This lot is %(status)s already.") % {"status": locked.get_status_display().lower()})
    before, locked.status = locked.status, status
    locked.save(update_fields=["status"])
    command.log(locked.status, locked, comment=reason, status=[before, status])
    return locked


def _changed(lot: Lot) -> str:
    event = Event.objects.about(lot).last()
    who = str(event.command.by or _("The system")) if event else _("Somebody")
    return _(
        "%(who)s made this lot %(status)s while you had it open. Nothing was changed; "
        "read the reason below before you decide."
    ) % {"who": who, "status": lot.get_status_display().lower()}
