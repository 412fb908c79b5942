"""What the pages of par levels show."""

from collections.abc import Iterable
from typing import TypedDict

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from inventory.models import Item, ParLevel
from stations.models import Event, Location, Station

FOUND = 12


class Held(TypedDict):
    """How many par levels a station has, and at how many of its places."""

    levels: int
    places: int


def held_by(stations: Iterable[Station]) -> dict[int, Held]:
    """The counts of these stations, their units included, in one query."""
    pks = [station.pk for station in stations]
    rows = (
        ParLevel.objects.filter(Q(location__station__in=pks) | Q(location__unit__station__in=pks))
        .values_list("location", Coalesce("location__station", "location__unit__station"))
        .annotate(levels=Count("pk"))
        .order_by()
    )
    held: dict[int, Held] = {}
    for _, owner, levels in rows:
        one = held.setdefault(owner, Held(levels=0, places=0))
        one["levels"] += levels
        one["places"] += 1
    return held


def places_of(station: Station) -> list[Location]:
    """The places of a station where par levels make sense, shelves first, with how many each has."""
    places = Location.objects.at(station).filter(kind__in=Location.PHYSICAL).exclude(kind=Location.Kind.VAN)
    return list(
        places.select_related("station", "unit")
        .annotate(levels=Count("par_levels"))
        .order_by(F("unit__code").asc(nulls_first=True), "-kind")
    )


def levels_at(place: Location, words: str) -> QuerySet[ParLevel]:
    """The par levels of a place by bin and name, with their items; only those that hold these words."""
    rows = ParLevel.objects.filter(location=place).select_related("item").prefetch_related("item__packs")
    if words:
        rows = rows.filter(Q(item__name__icontains=words) | Q(item__sku__icontains=words) | Q(bin__iexact=words))
    return rows.order_by("bin", "item__name", "pk")


def items_to_add(place: Location, words: str) -> list[Item]:
    """Items in use that match these words and are not on the list of this place."""
    if not words:
        return []
    items = Item.objects.filter(is_active=True).exclude(par_levels__location=place)
    return list(items.filter(Q(name__icontains=words) | Q(sku__icontains=words)).order_by("name")[:FOUND])


def last_change(place: Location) -> Event | None:
    """The last event about a par level of this place."""
    newest = Event.objects.filter(
        subject_kind="parlevel", subject_id__in=ParLevel.objects.filter(location=place).values("pk")
    ).aggregate(newest=Max("pk"))["newest"]
    return Event.objects.select_related("command__by").filter(pk=newest).first()
