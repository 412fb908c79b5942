"""The lines of stock: an item at a place, what lies there against its par level, and the state that follows."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db.models import DateField, Sum, Value
from django.db.models.functions import Coalesce

from inventory.models import Item, Lot, ParLevel, StockLevel
from inventory.queries.horizons import Horizons, expiring_until
from inventory.queries.states import State, is_judged, state_of
from stations.models import Location

Key = tuple[int, int]
EXPECTED = "expected"  # stands where a lot's status stands


@dataclass
class StockLine:
    """One item at one place, in base units. ``item`` stays empty until ``with_items`` brings it.

    usable: free stock of lots that are not held and last until the station's horizon; expiring: on hand, still good,
    and not for long; held: on hand and of no use, being quarantined, recalled or expired; unfound: of the allocated,
    what a picker did not find.
    """

    location: Location
    item_id: int
    item_name: str
    on_hand: int = 0
    allocated: int = 0
    unfound: int = 0
    usable: int = 0
    expiring: int = 0
    held: int = 0
    first_expiry: date | None = None
    par: int = 0
    minimum: int = 0
    short_below: int = 0
    bin: str = ""
    item: Item = field(default_factory=Item)

    @property
    def state(self) -> State | None:
        """None where nothing is expected."""
        if not is_judged(self.location):
            return None
        return state_of(usable=self.usable, par=self.par, short_below=self.short_below)

    @property
    def is_lacking(self) -> bool:
        return self.state in (State.OUT, State.SHORT)


FILTERS: Mapping[str, Callable[[StockLine], bool]] = {
    "lacking": lambda line: line.is_lacking,
    "out": lambda line: line.state == State.OUT,
    "short": lambda line: line.state == State.SHORT,
    "expiring": lambda line: line.expiring > 0,
    "held": lambda line: line.held > 0,
    "to_count": lambda line: line.unfound > 0,
}


def shown(lines: Sequence[StockLine], which: str) -> Sequence[StockLine]:
    """Only the lines that a filter names; all for anything else."""
    return [line for line in lines if FILTERS[which](line)] if which in FILTERS else lines


def counts_by_filter(lines: Sequence[StockLine]) -> dict[str, int]:
    """How many lines each filter shows."""
    return {"all": len(lines)} | {name: sum(map(rule, lines)) for name, rule in FILTERS.items()}


def stock_lines(
    places: Iterable[Location], *, today: date, items: Collection[int] | None = None
) -> dict[Key, StockLine]:
    """What these places hold or should hold, of all items or these ids, by place and item id; by name, then by place.

    Places come with their station, or unit and its station. Two queries, however many.
    """
    by_pk = {place.pk: place for place in places}
    lines: dict[Key, StockLine] = {}
    horizons, soon = Horizons(today), expiring_until(today)

    @cache
    def until(place: int, kind: str) -> date:
        return horizons.until(by_pk[place].owner, kind)

    for place, item, name, kind, status, expires_on, *sums, par, minimum, short_below, in_bin in _rows(by_pk, items):
        line = lines.setdefault((place, item), StockLine(by_pk[place], item, name))
        if status == EXPECTED:
            line.par, line.minimum, line.short_below, line.bin = par, minimum, short_below, in_bin
            continue
        on_hand, allocated, unfound = sums
        last_day = expires_on or date.max
        line.on_hand += on_hand
        line.allocated += allocated
        line.unfound += unfound
        if status == Lot.Status.USABLE and last_day >= until(place, kind):
            line.usable += on_hand - allocated
        if status != Lot.Status.USABLE or last_day < today:
            line.held += on_hand
        if today <= last_day <= soon[kind]:
            line.expiring += on_hand
        line.first_expiry = min(filter(None, (line.first_expiry, expires_on)), default=None)
    order = {pk: number for number, pk in enumerate(by_pk)}
    return dict(sorted(lines.items(), key=lambda pair: (pair[1].item_name, pair[0][1], order[pair[0][0]])))


def with_items(lines: Sequence[StockLine]) -> Sequence[StockLine]:
    """Bring the items with their packs to the lines that are shown. Two queries."""
    items = Item.objects.prefetch_related("packs").in_bulk({line.item_id for line in lines})
    for line in lines:
        line.item = items[line.item_id]
    return lines


def _rows(places: Collection[int], items: Collection[int] | None) -> Iterable[Any]:
    """Place, item, its name and kind, status and expiry of its lots there, the sums of those that are alike, and no
    par; and where something is expected, ``EXPECTED`` for the status, no lots, and the par level. One query."""
    levels = StockLevel.objects.filter(location__in=places, on_hand__gt=0)
    pars = ParLevel.objects.filter(location__in=places, par__gt=0)
    if items is not None:
        levels, pars = levels.filter(lot__item__in=items), pars.filter(item__in=items)
    alike = ("location_id", "lot__item_id", "lot__item__name", "lot__item__kind", "lot__status", "lot__expires_on")
    nothing = Value(0)
    no_par = {"no_par": nothing, "no_minimum": nothing, "no_short_below": nothing, "no_bin": Value("")}
    sums = levels.order_by().values_list(*alike).annotate(Sum("on_hand"), Sum("allocated"), Sum("unfound"))
    held = sums.annotate(**no_par)
    expected = pars.order_by().values_list(
        *("location_id", "item_id", "item__name", "item__kind", Value(EXPECTED), Value(None, DateField())),
        *(nothing, nothing, nothing),
        *("par", "minimum", Coalesce("short_below", "minimum"), "bin"),
    )
    return held.union(expected, all=True)
