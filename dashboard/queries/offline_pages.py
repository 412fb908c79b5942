"""The pages that a phone keeps, so that they open without a signal."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from inventory.models import CycleCount
from orders.models import Shipment
from stations.access import own_stations
from stations.models import Location, Unit, User

MOST = 40


def offline_pages(user: User) -> list[str]:
    """Addresses, the most needed first, at most ``MOST``: what waits to be sent for everybody; for an officer who may
    act somewhere also home, the counts under way, what can be received, used and restocked there. Four queries."""
    pages = [reverse("outbox")]
    if user.role == User.Role.OFFICER:
        pages += [reverse("home"), *_work_of(user)]
    return pages[:MOST]


def _work_of(user: User) -> Iterator[str]:
    stations = own_stations(user)
    at_hand = Q(station__in=stations) | Q(unit__station__in=stations, unit__is_in_service=True)
    places = Location.objects.filter(at_hand).exclude(kind=Location.Kind.VAN).order_by("unit", "pk")
    counts = CycleCount.objects.filter(location__in=places.order_by(), state=CycleCount.State.OPEN)
    yield from (reverse("count", args=[pk]) for pk in counts.order_by("pk").values_list("pk", flat=True))
    coming = Shipment.objects.filter(destination__in=stations, state__in=Shipment.IN_TRANSIT).order_by("pk")
    yield from (reverse("receive_shipment", args=[pk]) for pk in coming.values_list("pk", flat=True))
    yield from (reverse("use_stock", args=[pk]) for pk in places.values_list("pk", flat=True)[:MOST])
    units = Unit.objects.filter(station__in=stations, is_in_service=True).exclude(kind=Unit.Kind.VAN).order_by("code")
    yield from (reverse("restock_unit", args=[code]) for code in units.values_list("code", flat=True)[:MOST])
