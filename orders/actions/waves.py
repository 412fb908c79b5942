"""One walk for all that a run takes: its shipments are begun together, and picked line by line for all of them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from orders.actions.locks import lock_orders_of, lock_run, lock_shipments
from orders.actions.runs import BEFORE_DEPARTURE
from orders.actions.taking import take
from orders.errors import WrongState
from orders.models import DeliveryRun, Shipment
from stations.access import require_role
from stations.actions.versions import check_version
from stations.models import Command, Event, User

State = Shipment.State


@transaction.atomic
def start_wave(*, run: DeliveryRun, by: User, at: datetime, request_id: UUID) -> DeliveryRun:
    """Take everything of a run that nobody picks yet: from now on nothing is added to it."""
    command, is_new = Command.objects.claim(request_id, "start_wave", by=by, at=at, facts={"run": run.pk})
    if not is_new:
        return DeliveryRun.objects.get(pk=command.answer())
    require_role(by, User.Role.LOGISTICS)
    locked = lock_run(run)
    if locked.state not in BEFORE_DEPARTURE:
        raise WrongState(
            locked, locked.get_state_display(), _("only what a van has not left with can be picked for it.")
        )
    waiting = Shipment.objects.filter(stop__run=locked, state=State.PLANNED)
    found = [one for one in lock_shipments(waiting.values_list("pk", flat=True)) if one.state == State.PLANNED]
    if not found:
        raise DomainError(
            _("Nothing of %(run)s waits to be begun: somebody picks it, or it is packed.") % {"run": locked}
        )
    for one in found:
        one.state, one.picker = State.PICKING, by
        one.version += 1
    write_rows(found, ["state", "picker", "version"])
    Event.objects.bulk_create(command.event("began picking", one) for one in (locked, *found))
    return locked


@transaction.atomic
def confirm_wave(
    *,
    versions: Mapping[int, int | None],
    picked: Mapping[int, int],
    reason: str = "",
    by: User,
    at: datetime,
    request_id: UUID,
) -> list[Shipment]:
    """Say how much of each shipment line, by id, is in its tote, for several shipments at once: all of it, or nothing.

    ``versions``: of the shipments that these lines are of, as they were looked at, by id; None: nobody looked. What is
    short is owed and set aside as in ``confirm_picks``.
    """
    pks = sorted(versions)
    facts = {"versions": sorted(versions.items()), "picked": sorted(picked.items()), "reason": reason}
    command, is_new = Command.objects.claim(request_id, "confirm_wave", by=by, at=at, facts=facts)
    if not is_new:
        return list(Shipment.objects.filter(pk__in=pks).order_by("pk"))
    require_role(by, User.Role.LOGISTICS)
    orders = lock_orders_of(Shipment.objects.filter(pk__in=pks))
    locked = lock_shipments(pks)
    if not picked or len(locked) < len(pks):
        raise DomainError(_("Nothing of this is on the list any more. Look at the list below and try again."))
    for one in locked:
        check_version(one, versions[one.pk])
    take(command, locked, orders, picked, reason=reason, at=at)
    return locked
