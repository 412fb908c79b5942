"""What many pages ask first: which station, which place, and where to go afterwards."""

from collections.abc import Sequence

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from stations.choice import typed
from stations.models import Location


def chosen_place(request: HttpRequest, places: Sequence[Location]) -> Location | None:
    """The place that ``?place=`` names among these, if any."""
    return next((place for place in places if str(place.pk) == request.GET.get("place", "")), None)


def address_of(place: Location) -> str:
    """The page of a place: a unit's own, or its stock."""
    if place.unit:
        return place.unit.get_absolute_url()
    return f"{reverse('stock')}?{urlencode({'station': place.owner.code, 'place': str(place.pk)})}"


def searched(request: HttpRequest) -> str:
    """What is looked for, ``?q=``."""
    return typed(request, "q")


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None
