"""What the chief asks of a station. They order nothing themselves: whoever may request for it is told."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from dashboard.queries.asked import ASKED_FOR, asked_lately
from inventory.models import Item, ParLevel
from stations.access import require_role
from stations.models import Command, Station, User


@transaction.atomic
def ask_for(*, station: Station, item: Item, by: User, at: datetime, request_id: UUID) -> None:
    """Ask those who keep a station to request an item that it should hold. Chiefs only, once a day for each item."""
    facts = {"station": station.pk, "item": item.pk}
    command, is_new = Command.objects.claim(request_id, "ask_for", by=by, at=at, facts=facts)
    if not is_new:
        return
    require_role(by, User.Role.CHIEF)
    if not station.supplied_by_id:
        raise DomainError(_("No other station supplies this one: logistics buys for it."))
    if not ParLevel.objects.filter(location__station=station, item=item, par__gt=0).exists():
        raise DomainError(_("This station is not meant to hold this item."))
    Station.objects.select_for_update(no_key=True).get(pk=station.pk)  # so that two chiefs at once ask once
    if (station.pk, item.sku) in asked_lately([station.pk], at=at):
        raise DomainError(_("The station was asked for this today already."))
    command.log(ASKED_FOR, station, comment=str(item), item=item.sku)
