"""Promising all that a source has of a short item, as it was proposed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from inventory.models import Item
from orders.actions.allocation import owed_lines, promise_lines
from orders.actions.locks import lock_orders
from orders.models import OrderLine, ResupplyOrder
from orders.queries.cover import Key
from orders.queries.shares import Proposal
from stations.access import require_role
from stations.models import Command, Station, User

SHARED = "shared stock"


@transaction.atomic
def share_stock(*, source: Station, item: Item, seen: str, by: User, at: datetime, request_id: UUID) -> int:
    """Promise every approved line its share of an item that is short at its source; how many base units.

    ``seen`` is the mark of the proposal that the person looked at. Refused if it is another one by now: stock came or
    went, or somebody asked, approved or promised meanwhile. What requests that wait for approval would get stays free.
    """
    facts = {"source": source.pk, "item": item.pk, "seen": seen}
    command, is_new = Command.objects.claim(request_id, "share_stock", by=by, at=at, facts=facts)
    if not is_new:
        return int(command.events.get(verb=SHARED).details["promised"])
    require_role(by, User.Role.LOGISTICS)
    owed = OrderLine.objects.owed().filter(order__source=source, item=item)
    orders = [
        order
        for order in lock_orders(owed.values_list("order_id", flat=True))
        if order.state in ResupplyOrder.UNDER_WAY
    ]
    lines = [line for line in owed_lines(orders) if line.item_id == item.pk]
    check = _same_as(seen, (source.pk, item.pk))
    promised = promise_lines(command, lines, at=at, choices={}, explain=True, check=check)
    if not promised:
        raise DomainError(
            _("Nothing of %(item)s can be promised now. What is free is kept for requests that wait.") % {"item": item}
        )
    command.log(SHARED, item, source=source.code, promised=promised)
    return promised


def _same_as(seen: str, key: Key) -> Callable[[Mapping[Key, Proposal]], None]:
    def check(shared: Mapping[Key, Proposal]) -> None:
        if key not in shared or shared[key].mark != seen:
            raise StaleEdit(
                _(
                    "What is there or asked for has changed since you opened this page. Nothing was promised; look at "
                    "the new proposal."
                )
            )

    return check
