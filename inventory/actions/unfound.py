"""Stock that a picker did not find: set aside, so that it is not promised again, until somebody has counted it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.models import CountLine, CycleCount, StockLevel
from stations.access import require_write
from stations.models import Command, Event, Location, User

State = CycleCount.State


def set_aside(command: Command, levels: Collection[int], *, reason: str, at: datetime) -> None:
    """Set aside what is free of these levels, by their ids, which the caller has locked: whoever found too little of a
    lot has shown that the rest of it is not there either. What is promised to others stays with them."""
    free = StockLevel.objects.filter(pk__in=levels, on_hand__gt=F("allocated"))
    doubted = list(free.select_related("lot", "location__station").order_by("pk"))
    free.update(
        unfound=F("unfound") + F("on_hand") - F("allocated"),
        allocated=F("on_hand"),
        unfound_at=at,
    )
    Event.objects.bulk_create(
        command.event("not found", level.lot, comment=reason, place=str(level.location), quantity=level.available)
        for level in doubted
    )


def clear_unfound(levels: Mapping[int, StockLevel], lines: Iterable[CountLine]) -> None:
    """Free again what these counted lines answer for: those that were counted after the picker looked.

    ``levels`` are the locked ones of the counted place, by lot id; they are changed along.
    """
    counted_at = {line.lot_id: line.counted_at for line in lines if line.counted_at}
    doubted = [level for lot, level in levels.items() if level.unfound_at and lot in counted_at]
    answered = [level for level in doubted if level.unfound_at and counted_at[level.lot_id] >= level.unfound_at]
    StockLevel.objects.filter(pk__in=[level.pk for level in answered]).update(
        allocated=F("allocated") - F("unfound"), unfound=0, unfound_at=None
    )
    for level in answered:
        level.allocated -= level.unfound
        level.unfound, level.unfound_at = 0, None


@transaction.atomic
def count_unfound(*, location: Location, by: User, at: datetime, request_id: UUID) -> CycleCount:
    """Begin to count the lots here that a picker did not find; or add them to the count that is under way, where those
    counted before he looked are to be counted again."""
    command, is_new = Command.objects.claim(request_id, "count_unfound", by=by, at=at, facts={"location": location.pk})
    if not is_new:
        return CycleCount.objects.get(pk=command.answer())
    require_write(by, location.owner)
    Location.objects.select_for_update(no_key=True).get(pk=location.pk)
    under_way = CycleCount.objects.select_for_update(no_key=True).filter(location=location)
    count = under_way.filter(state__in=(State.OPEN, State.COUNTED)).first()
    if count is not None and count.state == State.COUNTED:
        raise DomainError(
            _("A count of %(place)s waits to be posted. Post or cancel it first, then count these lots.")
            % {"place": location}
        )
    levels = list(StockLevel.objects.to_count().filter(location=location))
    if not levels:
        raise DomainError(
            _("Nothing at %(place)s waits to be counted: somebody has counted it meanwhile.") % {"place": location}
        )
    if count is None:
        count = CycleCount.objects.create(location=location, is_spot=True, opened_by=by, opened_at=at)
    _list(count, levels)
    command.log("opened" if count.opened_at == at else "added to", count, is_spot=count.is_spot, lines=len(levels))
    return count


def _list(count: CycleCount, levels: Collection[StockLevel]) -> None:
    """Put the lots on the list, uncounted, as far as they were not counted since."""
    CountLine.objects.bulk_create(
        [CountLine(count=count, lot_id=level.lot_id, expected=level.on_hand) for level in levels], ignore_conflicts=True
    )
    old = count.lines.filter(
        lot__stock_levels__location=count.location_id, lot__stock_levels__unfound_at__gt=F("counted_at")
    )
    CountLine.objects.filter(pk__in=list(old.values_list("pk", flat=True))).update(counted=None, counted_at=None)
