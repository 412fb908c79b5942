"""Several requests looked at together: what they would take of their sources, and what that leaves."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from inventory.models import Item
from inventory.queries.horizons import Horizons
from orders.models import OrderLine, ResupplyOrder
from orders.queries.claims import weigh
from orders.queries.cover import Key, free_for
from stations.models import Station


@dataclass
class Taken:
    """What these requests take of one item at one source, in base units. ``is_short``: others want it too, and there is
    not enough for all, so that each gets a fair share."""

    item: Item
    source: Station
    free: int
    is_short: bool
    asked: int = 0
    requests: set[int] = field(default_factory=set)

    @property
    def left(self) -> int:
        return max(self.free - self.asked, 0)

    @property
    def owed(self) -> int:
        return max(self.asked - self.free, 0)

    @property
    def rank(self) -> tuple[bool, bool, str, str]:
        """What cannot be filled first, then life-saving items."""
        return not self.owed, not self.is_short, self.item.criticality, self.item.name


@dataclass
class Request:
    """One of the requests: how many lines it has, and how many of them are not covered once the others took theirs."""

    order: ResupplyOrder
    lines: int = 0
    uncovered: int = 0


@dataclass(frozen=True)
class Together:
    """The requests, the most urgent first, and all that they take, the worst first."""

    requests: Sequence[Request]
    taken: Sequence[Taken]

    @property
    def lines(self) -> int:
        return sum(request.lines for request in self.requests)

    @property
    def uncovered(self) -> int:
        return sum(request.uncovered for request in self.requests)


def together(orders: Sequence[ResupplyOrder], *, today: date) -> Together:
    """What these requests would take if all were granted in full. Needs ``station`` and ``source`` loaded. Four
    queries, however many requests."""
    ranked = sorted(orders, key=lambda order: (-order.priority, order.submitted_at or order.created_at, order.pk))
    by_pk = {order.pk: order for order in ranked}
    requests = {order.pk: Request(order) for order in ranked}
    lines = list(_lines(by_pk))
    weighed = weigh(Horizons(today), {_key(line) for line in lines})
    free = free_for(lines, today=today, free=weighed.free)
    short = {one.key for one in weighed.short}
    taken: dict[Key, Taken] = {}
    gone: defaultdict[Key, int] = defaultdict(int)
    place = {pk: number for number, pk in enumerate(by_pk)}
    for line in sorted(lines, key=lambda line: (place[line.order_id], line.pk)):
        key, wanted = _key(line), _wanted(line)
        one = taken.setdefault(key, Taken(line.item, line.order.source, 0, key in short))
        one.free = max(one.free, free[line.pk])
        one.asked += wanted
        one.requests.add(line.order_id)
        requests[line.order_id].lines += 1
        requests[line.order_id].uncovered += gone[key] + wanted > free[line.pk] or key in short
        gone[key] += wanted
    return Together(list(requests.values()), sorted(taken.values(), key=lambda one: one.rank))


def _lines(orders: dict[int, ResupplyOrder]) -> Sequence[OrderLine]:
    rows = OrderLine.objects.filter(order__in=list(orders)).select_related("item").prefetch_related("item__packs")
    lines = [line for line in rows if _wanted(line)]
    for line in lines:
        line.order = orders[line.order_id]
    return lines


def _wanted(line: OrderLine) -> int:
    return line.asked if line.approved is None else line.approved


def _key(line: OrderLine) -> Key:
    return line.order.source_id, line.item_id
