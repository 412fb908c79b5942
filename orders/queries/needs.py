"""What a place has of an item, what is on its way, and what it will use of it until the delivery after this one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import DateField, F, Sum, Value

from inventory.models import ParLevel, StockLevel
from inventory.queries.horizons import Horizons
from inventory.queries.spread import USUAL_SPREAD, use_and_spread
from orders.models import OrderLine, ResupplyOrder

Place = tuple[int, int]  # (location id, item id)


@dataclass(frozen=True, slots=True)
class Need:
    """Base units. ``usable``: free there and good until its horizon; ``coming``: promised to it or on its way;
    ``per_day``: mean use; ``spread``: its variance ÷ mean; ``days``: until the delivery after this one;
    ``is_guess``: nothing was used there in four weeks, so ``per_day`` comes from its par."""

    usable: int
    coming: int
    per_day: float
    spread: float
    days: int
    is_guess: bool

    @property
    def stock(self) -> int:
        return self.usable + self.coming

    @property
    def mean(self) -> float:
        """What it will use until the delivery after this one."""
        return self.per_day * self.days

    def cover_days(self, more: int = 0) -> float:
        """How many days its stock and so much more last."""
        return (self.stock + more) / self.per_day if self.per_day else float("inf")


def needs(lines: Sequence[OrderLine], *, at: datetime, horizons: Horizons) -> dict[Place, Need]:
    """What the places of these lines need, by location and item. Two queries, however many.

    Where nothing was used in four weeks, a place is taken to use what its par says: as much per unit of par as the
    other places that ask for the item do, and where none of them used any, its par until the delivery after next. Off
    the list, what it asks for stands for its par.
    """
    places = {(line.location_id, line.item_id): line for line in lines}
    locations, items = {place for place, _ in places}, {item for _, item in places}
    now = _now(places, locations, items, horizons)
    used, spread = use_and_spread(at=at, locations=locations, items=items)
    pars = {place: now.par.get(place) or line.wanted for place, line in places.items()}
    guessed = _guesses(places, pars, used)
    return {
        place: Need(
            now.usable[place],
            now.coming[place],
            used.get(place) or guessed[place],
            spread.get(place[1], USUAL_SPREAD),
            line.order.station.horizon.days,
            place not in used,
        )
        for place, line in places.items()
    }


class _Now:
    """What is usable at some places, on its way to them and their par, by place. All 0 where there is none."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.usable = dict.fromkeys(places, 0)
        self.coming = self.usable.copy()
        self.par = self.usable.copy()


def _now(
    places: Mapping[Place, OrderLine], locations: Collection[int], items: Collection[int], horizons: Horizons
) -> _Now:
    """One query."""
    now = _Now(places)
    for what, location, item, expires_on, units in _rows(locations, items, horizons):
        if (line := places.get((location, item))) is None:
            continue
        if what == "coming":
            now.coming[location, item] = units
        elif what == "par":
            now.par[location, item] = units
        elif expires_on is None or expires_on >= horizons.until(line.order.station, line.item.kind):
            now.usable[location, item] += units
    return now


def _rows(locations: Collection[int], items: Collection[int], horizons: Horizons) -> Iterable[Any]:
    """What it is, location, item and base units: of ``usable`` by expiry. ``coming`` is promised to a place and not yet
    received; what it is still owed is what is being shared, and is not counted."""
    usable = StockLevel.objects.usable_until(horizons.today).filter(
        location__in=locations, lot__item__in=items, on_hand__gt=F("allocated")
    )
    coming = OrderLine.objects.filter(order__state__in=ResupplyOrder.UNDER_WAY, location__in=locations, item__in=items)
    pars = ParLevel.objects.filter(location__in=locations, item__in=items, par__gt=0).order_by()
    never = Value(None, DateField())
    return (
        usable.order_by()
        .values_list(Value("usable"), "location_id", "lot__item_id", "lot__expires_on")
        .annotate(units=Sum(F("on_hand") - F("allocated")))
        .union(
            coming.order_by()
            .values_list(Value("coming"), "location_id", "item_id", never)
            .annotate(units=Sum(F("allocated") + F("shipped") - F("received") - F("damaged") - F("missing"))),
            pars.values_list(Value("par"), "location_id", "item_id", never, "par"),
            all=True,
        )
    )


def _guesses(
    places: Mapping[Place, OrderLine], pars: Mapping[Place, int], used: Mapping[Place, float]
) -> dict[Place, float]:
    """What each place would use a day if it were like the others, for its par."""
    par: defaultdict[int, int] = defaultdict(int)
    use: defaultdict[int, float] = defaultdict(float)
    for place, units in pars.items():
        par[place[1]] += units
        use[place[1]] += used.get(place, 0)
    return {
        place: units * use[place[1]] / par[place[1]]
        if use[place[1]]
        else units / max(places[place].order.station.horizon.days, 1)
        for place, units in pars.items()
    }
