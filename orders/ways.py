"""How far it is from one station to another, and how long that takes: what transfers need of routing, in one place."""

from collections.abc import Callable, Collection
from datetime import timedelta

from orders.queries.travel import place_of, stop_time, travel_among
from orders.routing.travel import Place

__all__ = ["Leg", "Place", "legs", "place_of", "stop_time"]

# Metres of road and the time for them, from one place to another.
Leg = Callable[[Place, Place], tuple[int, timedelta]]


def legs(stations: Collection[int] = ()) -> Leg:
    """The ways of the division's vans among these stations, by their ids: as measured, else by great circle and
    settings. One query, none without stations."""
    travel = travel_among(stations)
    return lambda a, b: (travel.metres(a, b), travel.time(a, b))
