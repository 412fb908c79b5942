"""What a place has of an item, what is on its way, and what it will use of it until the delivery after this one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from inventory.models import ParLevel, StockLevel
from inventory.queries.horizons import Horizons
from inventory.queries.spread import USUAL_SPREAD, daily_spread
from inventory.queries.usage import daily_use
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
    """What the places of these lines need, by location and item. Five queries, however many.

    Where nothing was used in four weeks, a place is taken to use what its par says: as much per unit of par as the
    other places that ask for the item do, and where none of them used any, its par until the delivery after next. Off
    the list, what it asks for stands for its par.
    """
    places = {(line.location_id, line.item_id): line for line in lines}
    locations, items = {place for place, _ in places}, {item for _, item in places}
    usable = _usable(places, horizons)
    coming = _coming(locations, items)
    used = daily_use(at=at, locations=locations, items=items)
    spread = daily_spread(at=at, locations=locations, items=items)
    guessed = _guesses(places, _pars(places, locations, items), used)
    return {
        place: Need(
            usable[place],
            coming.get(place, 0),
            used.get(place) or guessed[place],
            spread.get(place[1], USUAL_SPREAD),
            line.order.station.horizon.days,
            place not in used,
        )
        for place, line in places.items()
    }


def _usable(places: Mapping[Place, OrderLine], horizons: Horizons) -> dict[Place, int]:
    rows = (
        StockLevel.objects.usable_until(horizons.today)
        .filter(location__in={place for place, _ in places}, lot__item__in={item for _, item in places})
        .filter(on_hand__gt=F("allocated"))
        .values_list("location_id", "lot__item_id", "lot__expires_on")
        .annotate(free=Sum(F("on_hand") - F("allocated")))
        .order_by()
    )
    usable = dict.fromkeys(places, 0)
    for location, item, expires_on, free in rows:
        if (line := places.get((location, item))) is None:
            continue
        if expires_on is None or expires_on >= horizons.until(line.order.station, line.item.kind):
            usable[location, item] += free
    return usable


def _coming(locations: Collection[int], items: Collection[int]) -> dict[Place, int]:
    """Promised to a place and not yet received. What it is still owed is what is being shared, and is not counted."""
    rows = (
        OrderLine.objects.filter(order__state__in=ResupplyOrder.UNDER_WAY, location__in=locations, item__in=items)
        .values_list("location_id", "item_id")
        .annotate(total=Sum(F("allocated") + F("shipped") - F("received") - F("damaged") - F("missing")))
        .order_by()
    )
    return {(location, item): total for location, item, total in rows}


def _pars(places: Mapping[Place, OrderLine], locations: Collection[int], items: Collection[int]) -> dict[Place, int]:
    rows = ParLevel.objects.filter(location__in=locations, item__in=items, par__gt=0)
    listed = {(location, item): par for location, item, par in rows.values_list("location_id", "item_id", "par")}
    return {place: listed.get(place) or line.wanted for place, line in places.items()}


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
