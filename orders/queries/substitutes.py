"""What could be sent instead of lines that their source cannot fill."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.joined import joined
from inventory.models import Item, Substitute
from inventory.queries.horizons import Horizons
from orders.models import OrderLine, ResupplyOrder
from orders.queries.cover import Expiries, Key, free_by_expiry, free_for


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


Named = Mapping[int, Sequence[Substitute]]  # by the id of the item that they stand in for, preferred ones first


def substitutes_of(items: Collection[int]) -> Named:
    """The substitutes that are in use for these items, with their items and packs. One query."""
    rows = Substitute.objects.filter(item__in=items, substitute__is_active=True).select_related("substitute")
    named: defaultdict[int, list[Substitute]] = defaultdict(list)
    if items:
        for one in joined(rows, "substitute__packs", order="quantity"):
            named[one.item_id].append(one)
    return named


def keys_of(lines: Iterable[OrderLine], named: Named) -> set[Key]:
    """Where the substitutes for these lines would be sent from: (source id, item id)."""
    return {(line.order.source_id, one.substitute_id) for line in lines for one in named.get(line.item_id, ())}


def substitutes_for(
    lines: Sequence[OrderLine],
    missing: Mapping[int, int],
    *,
    today: date,
    named: Named | None = None,
    free: Mapping[Key, Expiries] | None = None,
) -> dict[int, list[Instead]]:
    """Substitutes with stock at the source for lines that lack so many base units, by line id, preferred ones first.

    Counts lots as an approval does: usable until the station's horizon, for a stat order any that has not expired.
    Only whole issue packs of the substitute. Lines need ``item`` and ``order.station``. Three queries at most, one less
    for each that the caller knows: which are ``named`` for these items, and what is ``free`` of them.
    """
    wanting = [line for line in lines if missing.get(line.pk)]
    if named is None:
        named = substitutes_of({line.item_id for line in wanting})
    if free is None:
        keys = keys_of(wanting, named)
        free = free_by_expiry(keys, today) if keys else {}
    horizons = Horizons(today) if named else None
    found: dict[int, list[Instead]] = {}
    for line in wanting:
        offers = []
        for one in named.get(line.item_id, ()):
            until = today
            if horizons and line.order.priority != ResupplyOrder.Priority.STAT:
                until = horizons.until(line.order.station, one.substitute.kind)
            offers.append(
                _instead(one, missing[line.pk], free.get((line.order.source_id, one.substitute_id), {}), until)
            )
        found[line.pk] = [offer for offer in offers if offer.covers]
    return found


def offers_for(lines: Sequence[OrderLine], *, today: date) -> dict[int, list[Instead]]:
    """What could stand in now for what the source cannot fill of these lines, by line id. Five queries at most."""
    granted = {line.pk: line.asked if line.approved is None else line.approved for line in lines}
    free = free_for(lines, today=today)
    missing = {pk: quantity - min(quantity, free[pk]) for pk, quantity in granted.items()}
    return substitutes_for(lines, missing, today=today)


def offers_on(order: ResupplyOrder, *, today: date) -> dict[int, list[Instead]]:
    """The same for the lines of a request that waits for approval; none for all others."""
    if order.state != ResupplyOrder.State.SUBMITTED or order.is_transfer:
        return {}
    lines = list(order.lines.select_related("item").order_by("pk"))
    for line in lines:
        line.order = order
    return offers_for(lines, today=today)


def _instead(one: Substitute, missing: int, free: Mapping[date | None, int], until: date) -> Instead:
    there = sum(quantity for day, quantity in free.items() if day is None or day >= until)
    pack = next((pack.quantity for pack in one.substitute.packs.all() if pack.is_issue_pack), 1)
    wanted = -(-one.instead_of(missing) // pack) * pack
    quantity = min(wanted, there // pack * pack)
    return Instead(one, there, quantity, min(missing, one.covers(quantity)))
