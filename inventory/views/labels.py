"""Labels for the shelves of a place."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from core.paper.answers import asked_skip, printed
from core.paper.papers import Paper
from inventory.access import location_for
from inventory.labels import print_shelf_labels
from inventory.models import Item
from inventory.queries.labels import shelf_labels
from inventory.views.choices import address_of, searched
from stations.access import SignedInRequest
from stations.models import Location


@require_GET
def print_labels(request: SignedInRequest, location: int) -> HttpResponse:
    """The labels of a place as PDF, of all or of what ``?q=`` finds; ``?skip=`` of the first sheet are used already."""
    place = location_for(request.user, location)

    def draw(paper: Paper) -> bytes:
        skip = asked_skip(request)
        labels = shelf_labels(place, searched(request), lambda item: _address(request, place, item))
        return print_shelf_labels(labels, paper, place=str(place), skip=skip)

    return printed(request, address_of(place), f"shelf labels {place.owner.code} {place.name}", draw)


def _address(request: SignedInRequest, place: Location, item: Item) -> str:
    """Where the item is used and counted at this place. The label's code holds this address, so it has to stay."""
    query = urlencode({"station": place.owner.code, "place": str(place.pk), "item": item.sku})
    return request.build_absolute_uri(f"{reverse('stock')}?{query}")
