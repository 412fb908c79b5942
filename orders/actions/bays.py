"""All that stands in a bay is received at once, as it was sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from orders.actions.locks import lock_orders_of, lock_shipments
from orders.actions.receipts import receive
from orders.models import Shipment
from stations.access import require_write
from stations.models import Command, User

State = Shipment.State


@transaction.atomic
def receive_shipments(*, versions: Mapping[int, int], by: User, at: datetime, request_id: UUID) -> list[Shipment]:
    """Take these shipments in, each in the version that was looked at, by id: all as sent, or none of them."""
    pks = sorted(versions)
    facts = {"shipments": [(pk, versions[pk]) for pk in pks]}
    command, is_new = Command.objects.claim(request_id, "receive_shipments", by=by, at=at, facts=facts)
    if not is_new:
        return list(Shipment.objects.filter(pk__in=pks).select_related("destination").order_by("pk"))
    orders = lock_orders_of(Shipment.objects.filter(pk__in=pks))
    locked = lock_shipments(pks)
    require_write(by, *{one.destination for one in locked})
    _check_all(locked, versions)
    receive(command, locked, orders, {}, by=by, at=at)
    return locked


def _check_all(locked: Sequence[Shipment], versions: Mapping[int, int]) -> None:
    """Refuse them all, and name each that cannot be received as it was seen."""
    if not locked or len(locked) < len(versions):
        raise DomainError(_("Choose at least one delivery that is there. Nothing was received."))
    problems = [
        _("%(shipment)s is %(state)s.") % {"shipment": one, "state": one.get_state_display().lower()}
        for one in locked
        if one.state != State.DELIVERED
    ]
    problems += [
        _("%(shipment)s was changed while you had it open.") % {"shipment": one}
        for one in locked
        if one.state == State.DELIVERED and one.version != versions[one.pk]
    ]
    if problems:
        raise DomainError(
            _("Not all of these can be received as you saw them, so none was. Look at what is left below."),
            problems=problems,
        )
