"""Naming what may be sent when an item is lacking."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.models import Item, Substitute
from inventory.substitution import why_not
from stations.access import require_role
from stations.models import Command, User

MOST = 1_000
LONGEST_NOTE = 200


@transaction.atomic
def set_substitute(
    *,
    item: Item,
    substitute: Item,
    quantity: int = 1,
    per: int = 1,
    preference: int = 1,
    note: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> Substitute:
    """``quantity`` base units of ``substitute`` may be sent for ``per`` of ``item``; replaces what was said of the two
    before. Refuses an item of another kind, and a scheduled drug for an unscheduled item without a note."""
    told = {"quantity": quantity, "per": per, "preference": preference, "note": note.strip()}
    facts = {"item": item.pk, "substitute": substitute.pk, **told}
    command, is_new = Command.objects.claim(request_id, "set_substitute", by=by, at=at, facts=facts)
    if not is_new:  # it may have been changed or taken back since
        return Substitute(item=item, substitute=substitute, **told)
    require_role(by, User.Role.LOGISTICS)
    locked = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    _check(locked, substitute, quantity, per, preference, note)
    before = Substitute.objects.filter(item=locked, substitute=substitute).values(*told).first()
    made, _ = Substitute.objects.update_or_create(item=locked, substitute=substitute, defaults=told)
    details: dict[str, Any] = {name: [(before or {}).get(name), value] for name, value in told.items()}
    command.log("named a substitute", locked, substitute=substitute.sku, **details)
    return made


@transaction.atomic
def remove_substitute(*, item: Item, substitute: Item, by: User, at: datetime, request_id: UUID) -> Item:
    """The substitute is not offered for this item any more. What was approved with it stays."""
    facts = {"item": item.pk, "substitute": substitute.pk}
    command, is_new = Command.objects.claim(request_id, "remove_substitute", by=by, at=at, facts=facts)
    if not is_new:
        return item
    require_role(by, User.Role.LOGISTICS)
    if not Substitute.objects.filter(item=item, substitute=substitute).delete()[0]:
        raise DomainError(
            _("%(substitute)s is not named as a substitute for %(item)s any more.")
            % {"substitute": substitute, "item": item}
        )
    command.log("took back a substitute", item, substitute=substitute.sku)
    return item


def _check(item: Item, substitute: Item, quantity: int, per: int, preference: int, note: str) -> None:
    problems: list[str] = []
    if item.pk == substitute.pk:
        problems.append(_("An item cannot stand in for itself."))
    elif why := why_not(_facts(item), _facts(substitute), note):
        problems.append(f"{substitute}: {why}")
    if not substitute.is_active:
        problems.append(_("%(item)s is no longer in use.") % {"item": substitute})
    if not (1 <= quantity <= MOST and 1 <= per <= MOST and 1 <= preference <= MOST):
        problems.append(_("Write whole numbers from 1 to %(most)s.") % {"most": f"{MOST:,}"})
    if len(note) > LONGEST_NOTE:
        problems.append(_("Tell the crew in at most %(most)s characters.") % {"most": LONGEST_NOTE})
    if problems:
        raise DomainError(_("This substitute cannot be named. Nothing was changed."), problems=problems)


def _facts(item: Item) -> dict[str, object]:
    return {"kind": item.kind, "schedule": item.schedule}
