"""How the division's vans travel: by its own travel times where it has them, else by great circle and settings."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings

from orders.models import TravelTime
from orders.routing.costs import Rates
from orders.routing.travel import GreatCircle, Measured, Place, Travel
from stations.models import Station


def place_of(station: Station) -> Place:
    return Place(station.latitude, station.longitude, station.pk)


def straight_travel() -> GreatCircle:
    """By great circle, for pairs that nobody measured."""
    return GreatCircle(settings.EMS_TRAVEL_FACTOR, settings.EMS_TRAVEL_SPEED_KMH)


def travel_among(stations: Collection[int]) -> Travel:
    """Between these stations, by their ids. One query; what it gives is pure."""
    ways = TravelTime.objects.filter(origin__in=stations, destination__in=stations)
    legs = {(a, b): (m, s) for a, b, m, s in ways.values_list("origin_id", "destination_id", "metres", "seconds")}
    return Measured(legs, straight_travel())


def rates() -> Rates:
    """What the division reckons a van's day, a kilometre and a crew's hour to cost."""
    return Rates(settings.EMS_VAN_DAY_CENTS, settings.EMS_KILOMETRE_CENTS, settings.EMS_CREW_HOUR_CENTS)


def stop_time() -> timedelta:
    """How long a stop takes."""
    return timedelta(minutes=settings.EMS_STOP_MINUTES)
