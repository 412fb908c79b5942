"""Par levels of many stations side by side: items down, stations across."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from inventory.models import Item, ParLevel
from inventory.queries.stock import matching
from stations.models import Location, Station

STATIONS = 8
ITEMS = 40
Pair = tuple[int, int]  # (location id, item id)


@dataclass(frozen=True)
class Grid:
    """One page of it. ``levels`` by (location id, item id): a pair that is not there has no par level."""

    places: Sequence[Location]
    items: Sequence[Item]
    levels: Mapping[Pair, ParLevel]


def grid_places(stations: QuerySet[Station], kind: str) -> QuerySet[Location]:
    """The shelves of a kind of these stations, by the stations' codes."""
    places = Location.objects.filter(station__in=stations, kind=kind)
    return places.select_related("station").order_by("station__code", "pk")


def grid_items(text: str, kind: str) -> QuerySet[Item]:
    """The catalogue by name, or what of it bears these words or is of this kind."""
    items = matching(Item.objects.filter(is_active=True), text)
    return items.filter(kind=kind).order_by("name", "pk") if kind else items.order_by("name", "pk")


def grid_of(places: Sequence[Location], items: Sequence[Item]) -> Grid:
    """The par levels of these items at these places. One query."""
    rows = ParLevel.objects.filter(location__in=places, item__in=items)
    return Grid(places, items, {(row.location_id, row.item_id): row for row in rows})
