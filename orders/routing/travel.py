"""How far it is from place to place, and how long a van takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import asin, ceil, cos, radians, sin, sqrt
from typing import Protocol

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Place:
    """A point on earth, in degrees, and the station that stands there, by which a matrix knows it."""

    latitude: float
    longitude: float
    station_id: int | None = None


class Travel(Protocol):
    """From place to place. Whole metres and whole seconds, so that the search and the pages count alike."""

    def metres(self, a: Place, b: Place) -> int:
        """By road, from ``a`` to ``b``."""
        ...

    def time(self, a: Place, b: Place) -> timedelta:
        """Driving, from ``a`` to ``b``; whole seconds."""
        ...


@dataclass(frozen=True, slots=True)
class GreatCircle:
    """``factor`` road metres for each metre of great circle, at ``speed_kmh``."""

    factor: float
    speed_kmh: float

    def metres(self, a: Place, b: Place) -> int:
        """The haversine great circle on a sphere of the earth's mean radius, times the factor, to the nearest metre."""
        return round(_great_circle(a, b) * self.factor)

    def time(self, a: Place, b: Place) -> timedelta:
        """Rounded up to whole seconds: a van is never planned to be faster than it is."""
        return timedelta(seconds=ceil(self.metres(a, b) * 3.6 / self.speed_kmh))


@dataclass(frozen=True, slots=True)
class Measured:
    """What the division measured: (metres, seconds) by (from, to) station id. Pairs that it has not: ``otherwise``.

    A pair is one way; the way back is a pair of its own.
    """

    legs: Mapping[tuple[int, int], tuple[int, int]]
    otherwise: GreatCircle

    def metres(self, a: Place, b: Place) -> int:
        leg = self._leg(a, b)
        return leg[0] if leg else self.otherwise.metres(a, b)

    def time(self, a: Place, b: Place) -> timedelta:
        leg = self._leg(a, b)
        return timedelta(seconds=leg[1]) if leg else self.otherwise.time(a, b)

    def _leg(self, a: Place, b: Place) -> tuple[int, int] | None:
        if a.station_id is None or b.station_id is None:
            return None
        return (0, 0) if a.station_id == b.station_id else self.legs.get((a.station_id, b.station_id))


def _great_circle(a: Place, b: Place) -> float:
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    half = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))
