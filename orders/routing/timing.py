"""When a van that leaves then is where: the exact times of a run, for the schedule, the pages and their previews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.routing.travel import Place, Travel

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop to make: where, between when and when it may begin, and how long it takes."""

    place: Place
    window_start: datetime
    window_end: datetime
    service: timedelta


@dataclass(frozen=True, slots=True)
class VisitTiming:
    """One stop: the way there, when the van is there, when the stop begins and ends, and how late it begins."""

    metres: int
    drive: timedelta
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    late: timedelta

    @property
    def wait(self) -> timedelta:
        """At the door, before the window opens."""
        return self.starts_at - self.arrives_at


@dataclass(frozen=True, slots=True)
class RouteTiming:
    """A whole run: from the depot, over its stops, and back."""

    leaves_at: datetime
    back_at: datetime
    visits: tuple[VisitTiming, ...]
    metres: int

    @property
    def duration(self) -> timedelta:
        return self.back_at - self.leaves_at

    @property
    def seconds(self) -> int:
        return int(self.duration.total_seconds())

    @property
    def wait(self) -> timedelta:
        return sum((visit.wait for visit in self.visits), NOTHING)

    @property
    def late(self) -> timedelta:
        """Added up over the stops; nothing when each begins in its window."""
        return sum((visit.late for visit in self.visits), NOTHING)


def route_timing(*, depot: Place, leaves_at: datetime, visits: Sequence[Visit], travel: Travel) -> RouteTiming:
    """A van that leaves the depot at ``leaves_at`` and makes these stops in this order, then comes back.

    It waits where a window is not open yet. A stop after its window is made all the same, and counted as ``late``.
    """
    here, now, metres = depot, leaves_at, 0
    timings: list[VisitTiming] = []
    for visit in visits:
        leg, drive = travel.metres(here, visit.place), travel.time(here, visit.place)
        arrives_at = now + drive
        starts_at = max(arrives_at, visit.window_start)
        late = max(starts_at - visit.window_end, NOTHING)
        now = starts_at + visit.service
        timings.append(VisitTiming(leg, drive, arrives_at, starts_at, now, late))
        metres += leg
        here = visit.place
    back_at = now + travel.time(here, depot) if timings else leaves_at
    return RouteTiming(leaves_at, back_at, tuple(timings), metres + (travel.metres(here, depot) if timings else 0))


def best_departure(
    *, depot: Place, earliest: datetime, visits: Sequence[Visit], travel: Travel, room: timedelta = NOTHING
) -> datetime:
    """The latest departure, from ``earliest`` on, with which the run is back as soon and no later anywhere than if it
    left at ``earliest``: what would be waited at doors is waited at the depot. ``room``: it may be back later by this.
    """
    timing = route_timing(depot=depot, leaves_at=earliest, visits=visits, travel=travel)
    slack, waited = timedelta.max, NOTHING
    for visit, planned in zip(visits, timing.visits, strict=True):
        waited += planned.wait
        # Leaving later by what is waited up to here moves this stop by nothing; by more, by the difference.
        slack = min(slack, waited + max(visit.window_end - planned.starts_at, NOTHING))
    return earliest + min(waited + room, slack)
