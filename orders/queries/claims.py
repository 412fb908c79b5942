"""Who wants stock of a source, and whether there is enough for all: owed lines and those that wait for approval."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q, Sum

from inventory.queries.horizons import Horizons
from orders.models import OrderLine
from orders.queries.cover import Expiries, Key, free_by_expiry, lasting_until
from orders.queries.doubt import in_doubt


@dataclass(frozen=True, slots=True)
class Shortage:
    """An item of which a source cannot give everybody what they want. Base units: ``wanted`` of ``free``."""

    source_id: int
    item_id: int
    criticality: str
    priority: int
    wanted: int
    free: int

    @property
    def key(self) -> Key:
        return self.source_id, self.item_id

    @property
    def urgency(self) -> tuple[str, int, float, int, int]:
        """What is worst comes first: life-saving, then stat, then the least of what is wanted."""
        return self.criticality, -self.priority, self.free / self.wanted, self.source_id, self.item_id


Wanted = Mapping[date, int]  # base units by the day until which they must last


def shortages(
    horizons: Horizons, keys: Collection[Key] | None = None, *, free: Mapping[Key, Expiries] | None = None
) -> list[Shortage]:
    """What is short at its source, for these (source id, item id) or everywhere, the worst first. Two queries, or one
    when the caller knows what is ``free``; everywhere, up to three more that leave out what there is plenty of.

    Short: what is free cannot fill every owed line plus what waits for approval, each with stock that lasts until the
    horizon of its station.
    """
    if keys is None and free is None:
        keys = in_doubt(horizons)
    wanted, facts = _wanted(horizons, keys)
    if free is None:
        free = free_by_expiry(list(wanted), horizons.today)
    found = [
        Shortage(*key, *facts[key], sum(wants.values()), sum(free.get(key, {}).values()))
        for key, wants in wanted.items()
        if not is_covered(wants, free.get(key, {}))
    ]
    return sorted(found, key=lambda shortage: shortage.urgency)


def _wanted(horizons: Horizons, keys: Collection[Key] | None) -> tuple[dict[Key, Wanted], dict[Key, tuple[str, int]]]:
    """What is wanted by the day until which it must last, and (criticality, highest priority), by source and item."""
    rows = (
        OrderLine.objects.claims()
        .filter(_of(keys))
        .values_list(
            *("order__source_id", "item_id", "item__kind", "item__criticality"),
            *("order__station__review_days", "order__station__lead_days"),
        )
        .annotate(total=Sum("wants"), priority=Max("order__priority"))
        .order_by()
    )
    wanted: defaultdict[Key, dict[date, int]] = defaultdict(dict)
    facts: dict[Key, tuple[str, int]] = {}
    for source, item, kind, criticality, review, lead, total, priority in rows:
        until = horizons.after(timedelta(days=review + lead), kind)
        wants = wanted[source, item]
        wants[until] = wants.get(until, 0) + total
        facts[source, item] = criticality, max(priority, facts.get((source, item), ("", 0))[1])
    return {key: wanted[key] for key in wanted if keys is None or key in keys}, facts


def _of(keys: Collection[Key] | None) -> Q:
    if keys is None:
        return Q()
    return Q(order__source__in={source for source, _ in keys}, item__in={item for _, item in keys})


def is_covered(wants: Wanted, free: Expiries) -> bool:
    """Whether everybody can have what they want of stock that lasts long enough for them: what must last the longest is
    covered by what does, and so on down."""
    return all(
        sum(units for other, units in wants.items() if other >= until) <= lasting_until(until, free) for until in wants
    )


def claims_on(keys: Collection[Key]) -> dict[Key, list[OrderLine]]:
    """The lines that want these items of these sources: stat before urgent before routine, then the oldest. Two
    queries. With ``order.station``, ``order.source``, ``location`` and the item with its packs."""
    rows = (
        OrderLine.objects.claims()
        .filter(_of(keys))
        .select_related("item", "order__station", "order__source", "location")
        .prefetch_related("item__packs")
        .order_by("-order__priority", "order__submitted_at", "pk")
    )
    found: dict[Key, list[OrderLine]] = {key: [] for key in keys}
    for line in rows:
        if (key := (line.order.source_id, line.item_id)) in found:
            found[key].append(line)
    return found
