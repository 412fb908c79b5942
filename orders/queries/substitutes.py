"""What could be sent instead of lines that their source cannot fill."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum

from inventory.models import Item, StockLevel, Substitute
from inventory.queries.horizons import Horizons
from orders.models import OrderLine, ResupplyOrder
from stations.models import Location


@dataclass(frozen=True)
class Instead:
    """A substitute for a line, in base units: free at the source, how much of it would be sent, and how much of the
    line that stands in for."""

    substitute: Substitute
    free: int
    quantity: int
    covers: int

    @property
    def item(self) -> Item:
        return self.substitute.substitute


def substitutes_for(lines: Sequence[OrderLine], missing: Mapping[int, int], *, today: date) -> dict[int, list[Instead]]:
    """Substitutes with stock at the source for lines that lack so many base units, by line id, preferred ones first.

    Counts lots as an approval does: usable until the station's horizon, for a stat order any that has not expired.
    Only whole issue packs of the substitute. Lines need ``item`` and ``order.station``. Four queries at most.
    """
    wanting = [line for line in lines if missing.get(line.pk)]
    named: dict[int, list[Substitute]] = defaultdict(list)
    if wanting:
        rows = Substitute.objects.filter(item__in={line.item_id for line in wanting}, substitute__is_active=True)
        for one in rows.select_related("substitute").prefetch_related("substitute__packs"):
            named[one.item_id].append(one)
    free = _free(wanting, named, today) if named else {}
    horizons = Horizons(today) if named else None
    found: dict[int, list[Instead]] = {}
    for line in wanting:
        offers = []
        for one in named[line.item_id]:
            until = today
            if horizons and line.order.priority != ResupplyOrder.Priority.STAT:
                until = horizons.until(line.order.station, one.substitute.kind)
            offers.append(
                _instead(one, missing[line.pk], free.get((line.order.source_id, one.substitute_id), {}), until)
            )
        found[line.pk] = [offer for offer in offers if offer.covers]
    return found


def _free(
    lines: Sequence[OrderLine], named: Mapping[int, Sequence[Substitute]], today: date
) -> dict[tuple[int, int], dict[date | None, int]]:
    rows = (
        StockLevel.objects.usable_until(today)
        .filter(location__station__in={line.order.source_id for line in lines}, location__kind__in=Location.SHELVES)
        .filter(lot__item__in={one.substitute_id for found in named.values() for one in found})
        .filter(on_hand__gt=F("allocated"))
        .values_list("location__station_id", "lot__item_id", "lot__expires_on")
        .annotate(free=Sum(F("on_hand") - F("allocated")))
        .order_by()
    )
    free: dict[tuple[int, int], dict[date | None, int]] = defaultdict(dict)
    for station, item, expires_on, quantity in rows:
        free[station, item][expires_on] = quantity
    return free


def _instead(one: Substitute, missing: int, free: Mapping[date | None, int], until: date) -> Instead:
    there = sum(quantity for day, quantity in free.items() if day is None or day >= until)
    pack = next((pack.quantity for pack in one.substitute.packs.all() if pack.is_issue_pack), 1)
    wanted = -(-one.instead_of(missing) // pack) * pack
    quantity = min(wanted, there // pack * pack)
    return Instead(one, there, quantity, min(missing, one.covers(quantity)))
