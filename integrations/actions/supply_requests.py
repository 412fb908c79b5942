"""A supply request of another system: one line, sent to its approvers by the same actions as from a page."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from integrations.models import SupplyIdentifier
from inventory.models import Item
from orders.actions.drafts import create_order, submit_order
from orders.models import OrderLine
from stations.models import Station, User


class AlreadyAsked(DomainError):
    """The identifier stands for another request of the same person."""


@transaction.atomic
def request_supply(
    *,
    station: Station,
    item: Item,
    quantity: int,
    priority: int,
    needed_by: datetime | None = None,
    comment: str = "",
    is_draft: bool = False,
    identifiers: Iterable[tuple[str, str]] = (),
    by: User,
    at: datetime,
    request_id: UUID,
) -> tuple[OrderLine, bool]:
    """Ask for so many base units of one item for a station; as a draft, or submitted. ``identifiers``: (system, value)
    by which the caller knows it. Gives the line, and whether it is new: repeating a ``request_id`` gives that which it
    made."""
    order = create_order(
        station=station,
        quantities={item.pk: quantity},
        priority=priority,
        needed_by=needed_by,
        comment=comment,
        by=by,
        at=at,
        request_id=uuid5(request_id, "create"),
    )
    is_new = order.created_at == at
    if not is_draft:
        order = submit_order(order=order, version=None, by=by, at=at, request_id=uuid5(request_id, "submit"))
    line = order.lines.order_by("pk")[0]
    for system, value in identifiers:
        known, _made = SupplyIdentifier.objects.get_or_create(
            user=by, system=system, value=value, defaults={"line": line}
        )
        if known.line_id != line.pk:
            words = _("You asked for something else as %(identifier)s already. Nothing was asked for.")
            raise AlreadyAsked(words % {"identifier": known})
    return line, is_new
