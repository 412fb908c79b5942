"""Whether the shelves of a source cover what is asked of it: after what is promised already, and fresh enough."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import F, Q, Sum

from inventory.models import StockLevel, StockLevelQuerySet
from inventory.queries.horizons import Horizons
from orders.models import OrderLine, ResupplyOrder
from stations.models import Location


def free_for(
    lines: Sequence[OrderLine], *, today: date, free: "Mapping[Key, Expiries] | None" = None
) -> dict[int, int]:
    """Base units by line id that its source could still promise to it. Two queries, however many lines, or one when the
    caller knows what is ``free``.

    Counts lots as ``allocate_lines`` does: usable until the station's horizon, for a stat order any that has not
    expired. Lines that want the same item each see all of it. Needs ``item``, ``order.station`` loaded.
    """
    if free is None:
        free = free_by_expiry({(line.order.source_id, line.item_id) for line in lines}, today)
    horizons = Horizons(today)
    return {
        line.pk: lasting_until(_last_day(line, horizons), free.get((line.order.source_id, line.item_id), {}))
        for line in lines
    }


Key = tuple[int, int]  # (source id, item id)
FEW_SOURCES = 20
Expiries = Mapping[date | None, int]  # base units by the last day on which they may be used


def _of(keys: Collection[Key]) -> Q:
    """Levels of these keys; of many sources, also of the items of one at the others."""
    sources, items = {source for source, _ in keys}, {item for _, item in keys}
    if not 1 < len(sources) <= FEW_SOURCES:
        return Q(location__station__in=sources, lot__item__in=items)
    by_source: defaultdict[int, list[int]] = defaultdict(list)
    for source, item in keys:
        by_source[source].append(item)
    return reduce(or_, (Q(location__station=one, lot__item__in=found) for one, found in by_source.items()))


def free_levels(day: date) -> StockLevelQuerySet:
    """What lies on shelves, promised to nobody, and may be used until ``day``."""
    return StockLevel.objects.usable_until(day).filter(location__kind__in=Location.SHELVES, on_hand__gt=F("allocated"))


def levels_of(keys: Collection[Key], today: date) -> StockLevelQuerySet:
    """What the shelves of these sources hold of these items, usable today and promised to nobody, in no order."""
    return free_levels(today).filter(_of(keys)).order_by()


def free_by_expiry(keys: Collection[Key], today: date) -> defaultdict[Key, dict[date | None, int]]:
    """How much that is, in base units. One query."""
    rows = (
        levels_of(keys, today)
        .values_list("location__station_id", "lot__item_id", "lot__expires_on")
        .annotate(free=Sum(F("on_hand") - F("allocated")))
    )
    free: defaultdict[Key, dict[date | None, int]] = defaultdict(dict)
    for station_id, item_id, expires_on, quantity in rows:
        free[station_id, item_id][expires_on] = quantity
    return free


def _last_day(line: OrderLine, horizons: Horizons) -> date:
    if line.order.priority == ResupplyOrder.Priority.STAT:
        return horizons.today
    return horizons.until(line.order.station, line.item.kind)


def lasting_until(day: date, free: Expiries) -> int:
    """What of it may still be used on that day."""
    return sum(quantity for expires_on, quantity in free.items() if expires_on is None or expires_on >= day)
