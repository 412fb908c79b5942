"""Where stock lies: the places of a station, and what a person may take or put away there."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from inventory.models import Item, StockLevel
from inventory.queries.horizons import expiring_until
from stations.models import Location, Station


def places_of(station: Station) -> list[Location]:
    """The shelves of a station, then its units. Not its vans: their load belongs to their deliveries."""
    places = Location.objects.at(station).exclude(kind=Location.Kind.VAN).select_related("station", "unit__station")
    return sorted(places, key=lambda place: (place.kind == Location.Kind.UNIT, place.kind != "supply_room", place.name))


def expiring_soon(today: date, path: str = "lot__") -> Q:
    """Still good today, and not beyond the days that the division set for its kind."""
    soon = Q(pk__in=[])
    for kind, last_day in expiring_until(today).items():
        soon |= Q(**{f"{path}item__kind": kind, f"{path}expires_on__lte": last_day})
    return Q(**{f"{path}expires_on__gte": today}) & soon


def matching(items: "QuerySet[Any]", text: str, path: str = "") -> "QuerySet[Any]":
    """Items by a part of their name, or the begin of a code on their box."""
    for word in text.split()[:6]:
        items = items.filter(
            Q(**{f"{path}name__icontains": word})
            | Q(**{f"{path}sku__istartswith": word})
            | Q(**{f"{path}gtin": word})
            | Q(**{f"{path}ndc__startswith": word})
        )
    return items


@dataclass
class TakeRow:
    """An item that may be taken from a place today, with its lots, first expired first, and what was typed for it."""

    item: Item
    levels: list[StockLevel]
    available: int
    typed: str = ""
    error: str = ""
    lot: str = ""

    @property
    def key(self) -> int:
        return self.item.pk


def items_to_take(location: Location, *, today: date) -> list[TakeRow]:
    """What may be used from here today, by name."""
    rows: dict[int, TakeRow] = {}
    levels = StockLevel.objects.usable_until(today).filter(location=location, on_hand__gt=F("allocated"))
    for level in levels.select_related("lot__item").prefetch_related("lot__item__packs").first_expired_first():
        row = rows.setdefault(level.lot.item_id, TakeRow(level.lot.item, [], 0))
        row.levels.append(level)
        row.available += level.available
    return sorted(rows.values(), key=lambda row: (row.item.name, row.item.pk))


@dataclass
class LotRow:
    """A lot at a place that may be put away, and what was typed for it."""

    level: StockLevel
    is_expired: bool
    typed: str = ""
    error: str = ""

    @property
    def key(self) -> int:
        return self.level.lot_id


def lots_to_put_away(location: Location, *, today: date) -> list[LotRow]:
    """Every lot here that is not promised to an order: the expired first, then by name."""
    levels = StockLevel.objects.filter(location=location, on_hand__gt=F("allocated"))
    levels = levels.select_related("lot__item").prefetch_related("lot__item__packs").order_by("lot__item__name", "pk")
    rows = [LotRow(level, bool(level.lot.expires_on and level.lot.expires_on < today)) for level in levels]
    return sorted(rows, key=lambda row: not row.is_expired)
