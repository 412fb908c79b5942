"""Which van goes where in which order. Pure: no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Place:
    """A point on earth, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Travel:
    """How vans travel: ``factor`` road metres for each metre of great circle, at ``speed_kmh``; minutes at a stop."""

    factor: float
    speed_kmh: float
    stop_minutes: float

    def metres(self, a: Place, b: Place) -> float:
        """Road distance: the haversine great circle on a sphere of the earth's mean radius, times the factor."""
        north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
        half = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
        return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half))) * self.factor

    def time(self, metres: float) -> timedelta:
        return timedelta(hours=metres / 1000 / self.speed_kmh)


@dataclass(frozen=True, slots=True)
class Call:
    """A delivery to make: to which station, between when and when it may begin, and how much it is."""

    station_id: int
    place: Place
    window_start: datetime
    window_end: datetime
    weight_g: int = 0
    volume_ml: int = 0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class PlannedCall:
    call: Call
    arrives_at: datetime


@dataclass(slots=True)
class Route:
    """A van's round: where it stands after its last call, and what it has left to carry (None: no limit)."""

    van_id: int
    place: Place
    time: datetime
    free_weight_g: int | None = None
    free_volume_ml: int | None = None
    metres: float = 0
    calls: list[PlannedCall] = field(default_factory=list)

    def carries(self, call: Call) -> bool:
        fits_weight = self.free_weight_g is None or call.weight_g <= self.free_weight_g
        return fits_weight and (self.free_volume_ml is None or call.volume_ml <= self.free_volume_ml)

    def arrival(self, call: Call, travel: Travel) -> datetime:
        """When this van could begin the call: not before its window opens."""
        return max(self.time + travel.time(travel.metres(self.place, call.place)), call.window_start)

    def add(self, call: Call, travel: Travel) -> None:
        arrives_at = self.arrival(call, travel)
        self.metres += travel.metres(self.place, call.place)
        self.place = call.place
        self.time = arrives_at + timedelta(minutes=travel.stop_minutes)
        self.calls.append(PlannedCall(call, arrives_at))
        if self.free_weight_g is not None:
            self.free_weight_g -= call.weight_g
        if self.free_volume_ml is not None:
            self.free_volume_ml -= call.volume_ml


@dataclass(frozen=True, slots=True)
class Plan:
    """The routes with their calls in order, and the calls that no van can make, each with the reason."""

    routes: list[Route]
    unserved: list[tuple[Call, str]]


def plan_routes(calls: Sequence[Call], routes: Sequence[Route], travel: Travel) -> Plan:
    """Give each call to a van, nearest next, within the windows and what the vans carry.

    ``routes`` are the vans in the order in which they are filled, each standing where and when its last fixed call
    ends; their fixed calls stay. Each van in turn takes, of the most urgent calls that it can still make in time, the
    one that it could begin first (nearest wins, then the lower station id), until none is left that it can make. Every
    call is served once or named in ``unserved``. The same input gives the same plan.
    """
    waiting = sorted(calls, key=lambda call: (-call.priority, call.station_id))
    for route in routes:
        while call := _next(route, waiting, travel):
            route.add(call, travel)
            waiting.remove(call)
    return Plan(list(routes), [(call, _reason(call, routes)) for call in waiting])


def _next(route: Route, waiting: Sequence[Call], travel: Travel) -> Call | None:
    feasible = [call for call in waiting if route.carries(call) and route.arrival(call, travel) <= call.window_end]
    return min(
        feasible,
        key=lambda call: (
            -call.priority,
            route.arrival(call, travel),
            travel.metres(route.place, call.place),
            call.station_id,
        ),
        default=None,
    )


def _reason(call: Call, routes: Sequence[Route]) -> str:
    if not routes:
        return "No van is free."
    if not any(route.carries(call) for route in routes):
        return f"No van has room for {call.weight_g / 1000:.1f} kg and {call.volume_ml / 1000:.1f} l."
    return f"No van can be there before {call.window_end:%H:%M}, when its delivery window closes."
