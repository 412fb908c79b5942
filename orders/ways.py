"""How far it is from one station to another, and how long that takes: what transfers need of routing, in one place."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from orders.routing.nearest import Place, Travel
from stations.models import Station

# Metres of road and the time for them, from one place to another.
Leg = Callable[[Place, Place], tuple[float, timedelta]]


def legs() -> Leg:
    """The ways of the division's vans, by its settings."""
    travel = Travel(settings.EMS_TRAVEL_FACTOR, settings.EMS_TRAVEL_SPEED_KMH, settings.EMS_STOP_MINUTES)

    def leg(a: Place, b: Place) -> tuple[float, timedelta]:
        metres = travel.metres(a, b)
        return metres, travel.time(metres)

    return leg


def place_of(station: Station) -> Place:
    return Place(station.latitude, station.longitude)


def at_a_stop() -> timedelta:
    """How long a van stands at a stop."""
    return timedelta(minutes=settings.EMS_STOP_MINUTES)
