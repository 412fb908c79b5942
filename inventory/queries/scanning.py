"""What was scanned, for the page that asked: a thing of the catalogue, or a paper of ours that opens its page."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import F, Q, QuerySet, Sum
from django.urls import Resolver404, resolve

from inventory.models import Item, ParLevel, StockLevel
from stations.models import Location

# Pages that our own labels and papers open.
OPENED = frozenset(
    {
        "shipment",
        "receive_shipment",
        "pick_shipment",
        "run",
        "pick_run",
        "stop",
        "order",
        "station",
        "unit",
        "count",
        "lot",
    }
)
PLACES = 12


def page_of(text: str) -> str:
    """The address on this site that a paper of ours names; empty for anything else. Its host does not matter: papers
    outlive a change of name."""
    try:
        parts = urlsplit(text.strip())
        if parts.scheme not in ("http", "https") or resolve(parts.path).url_name not in OPENED:
            return ""
    except (ValueError, Resolver404):
        return ""
    return parts.path


@dataclass(frozen=True)
class Here:
    """How much of an item lies at a place of the person's own, and what it should hold."""

    place: Location
    on_hand: int
    free: int
    par: int


def here(places: QuerySet[Location], levels: QuerySet[StockLevel], item: Item) -> list[Here]:
    """Which of these places hold the item or should, rooms before units. ``levels`` are those the person may see. Three
    queries."""
    pars = dict(ParLevel.objects.filter(location__in=places, item=item).values_list("location_id", "par"))
    rows = levels.filter(location__in=places, lot__item=item).values_list("location_id")
    sums = rows.annotate(Sum("on_hand"), free=Sum(F("on_hand") - F("allocated")))
    held = {pk: (on_hand, free) for pk, on_hand, free in sums}
    known = places.filter(Q(pk__in=[*held, *pars])).select_related("station", "unit__station")
    order = sorted(known, key=lambda place: (place.kind == Location.Kind.UNIT, place.pk))
    return [Here(place, *held.get(place.pk, (0, 0)), pars.get(place.pk, 0)) for place in order[:PLACES]]
