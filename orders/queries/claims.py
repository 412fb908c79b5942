"""Who wants stock of a source, and whether there is enough for all: owed lines and those that wait for approval."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, F, Max, Q, Sum, Value

from inventory.models import Item
from inventory.queries.horizons import Horizons
from inventory.queries.packed import with_packs
from inventory.queries.policies import lost_unit_cents
from orders.models import OrderLine
from orders.queries.cover import Expiries, Key, lasting_until, levels_of
from orders.queries.doubt import in_doubt

FREE = ""  # stands where an item's class stands


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


@dataclass(frozen=True)
class Weighed:
    """What is short, the worst first, and what is free at the sources by the last day on which it may be used."""

    short: Sequence[Shortage]
    free: Mapping[Key, Expiries]


def shortages(
    horizons: Horizons, keys: Collection[Key] | None = None, *, free: Mapping[Key, Expiries] | None = None
) -> Sequence[Shortage]:
    """What is short at its source, for these (source id, item id) or everywhere, the worst first. One query;
    everywhere, up to three more that leave out what there is plenty of.

    Short: what is free cannot fill every owed line plus what waits for approval, each with stock that lasts until the
    horizon of its station. Free is what the caller knows to be, or what is on the shelves.
    """
    return weigh(horizons, keys, free=free).short


def weigh(
    horizons: Horizons,
    keys: Collection[Key] | None = None,
    *,
    more: Collection[Key] = (),
    free: Mapping[Key, Expiries] | None = None,
) -> Weighed:
    """The same with what is free of it, and of ``more`` that the caller wants to know of."""
    if keys is None:
        keys = in_doubt(horizons)
    wanted, facts, found = _read(horizons, keys, {*keys, *more} if free is None else ())
    free = found if free is None else free
    short = [
        Shortage(*key, *facts[key], sum(wants.values()), sum(free.get(key, {}).values()))
        for key, wants in wanted.items()
        if not is_covered(wants, free.get(key, {}))
    ]
    return Weighed(sorted(short, key=lambda shortage: shortage.urgency), free)


def _read(
    horizons: Horizons, keys: Collection[Key], free_of: Collection[Key]
) -> tuple[dict[Key, Wanted], dict[Key, tuple[str, int]], dict[Key, Expiries]]:
    """By source and item: what is wanted by the day until which it must last, (criticality, highest priority), and what
    is free. One query."""
    wanted: defaultdict[Key, dict[date, int]] = defaultdict(dict)
    facts: dict[Key, tuple[str, int]] = {}
    free: defaultdict[Key, dict[date | None, int]] = defaultdict(dict)
    for source, item, expires_on, kind, criticality, review, lead, total, priority in _rows(
        keys, free_of, horizons.today
    ):
        key = source, item
        if criticality == FREE:
            free[key][expires_on] = total
        elif key in keys:
            until = horizons.after(timedelta(days=review + lead), kind)
            wanted[key][until] = wanted[key].get(until, 0) + total
            facts[key] = criticality, max(priority, facts.get(key, ("", 0))[1])
    return dict(wanted), facts, dict(free)


def _rows(keys: Collection[Key], free_of: Collection[Key], today: date) -> Iterable[Any]:
    never, nothing = Value(None, DateField()), Value(0)
    free = (
        levels_of(free_of, today)
        .values_list(
            "location__station_id", "lot__item_id", "lot__expires_on", Value(""), Value(FREE), nothing, nothing
        )
        .annotate(total=Sum(F("on_hand") - F("allocated")), priority=nothing)
    )
    claims = (
        OrderLine.objects.claims()
        .filter(_of(keys))
        .order_by()
        .values_list(
            *("order__source_id", "item_id", never, "item__kind", "item__criticality"),
            *("order__station__review_days", "order__station__lead_days"),
        )
        .annotate(total=Sum("wants"), priority=Max("order__priority"))
    )
    return free.union(claims, all=True) if free_of else claims


def _of(keys: Collection[Key]) -> Q:
    return Q(order__source__in={source for source, _ in keys}, item__in={item for _, item in keys})


def is_covered(wants: Wanted, free: Expiries) -> bool:
    """Whether everybody can have what they want of stock that lasts long enough for them: what must last the longest is
    covered by what does, and so on down."""
    return all(
        sum(units for other, units in wants.items() if other >= until) <= lasting_until(until, free) for until in wants
    )


def claims_on(keys: Collection[Key], items: Mapping[int, Item] | None = None) -> dict[Key, list[OrderLine]]:
    """The lines that want these items of these sources: stat before urgent before routine, then the oldest. Two
    queries, or one when the caller knows the ``items`` with their packs.

    With ``order.station``, ``order.source``, ``location``, the item with its packs, and what a lost unit of it costs as
    ``lost_unit_cents``.
    """
    if items is None:
        items = {item.pk: item for item in with_packs(Item.objects.filter(pk__in={item for _, item in keys}))}
    rows = (
        OrderLine.objects.claims()
        .filter(_of(keys))
        .select_related("order__station", "order__source", "location")
        .annotate(lost_unit_cents=lost_unit_cents("item__criticality"))
        .order_by("-order__priority", "order__submitted_at", "pk")
    )
    found: dict[Key, list[OrderLine]] = {key: [] for key in keys}
    for line in rows:
        if (key := (line.order.source_id, line.item_id)) in found:
            line.item = items[line.item_id]
            found[key].append(line)
    return found
