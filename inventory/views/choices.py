"""What many pages ask first: which station, which place, and where to go afterwards."""

from collections.abc import Sequence

from django.db.models import Case, Value, When
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from stations.access import visible_stations
from stations.models import Location, Station, User


def stations_of(user: User) -> list[Station]:
    """The stations that a person may look at, warehouses first."""
    first = Case(When(kind=Station.Kind.WAREHOUSE, then=Value(0)), default=Value(1))
    return list(visible_stations(user).order_by(first, "code"))


def chosen_station(request: HttpRequest, stations: Sequence[Station]) -> Station | None:
    """The station that ``?station=`` names, which must be one of these; else the first. None where there is none."""
    code = request.GET.get("station", "")
    if not code:
        return stations[0] if stations else None
    known = {station.code: station for station in stations}
    return known.get(code) or get_object_or_404(Station.objects.none())


def chosen_place(request: HttpRequest, places: Sequence[Location]) -> Location | None:
    """The place that ``?place=`` names among these, if any."""
    return next((place for place in places if str(place.pk) == request.GET.get("place", "")), None)


def address_of(place: Location) -> str:
    """The page of a place: a unit's own, or its stock."""
    if place.unit:
        return place.unit.get_absolute_url()
    return f"{reverse('stock')}?{urlencode({'station': place.owner.code, 'place': str(place.pk)})}"


def searched(request: HttpRequest) -> str:
    """What is looked for, ``?q=``: short, and without the one letter that PostgreSQL cannot hold."""
    return request.GET.get("q", "").replace("\0", "").strip()[:80]


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None
