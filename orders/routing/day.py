"""A depot's day: its vans, what is to be brought where, the present plan and the new one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import IntEnum

from orders.routing.costs import Rates
from orders.routing.problem import NO_SKILLS
from orders.routing.timing import RouteTiming
from orders.routing.travel import Place, Travel

COLD, TWO_PEOPLE = "cold", "two people"
# A stop counts as moved when another van makes it, or its time differs by more.
MARGIN = timedelta(minutes=15)


class Rank(IntEnum):
    """How much a delivery must be made on this day. One of a rank is worth ten of the next lower."""

    ROUTINE = 0
    PROMISED = 1
    URGENT = 2
    STAT = 3


@dataclass(frozen=True, slots=True)
class Van:
    """A van, when it can be away from its depot, and what it may carry (None: no limit). ``is_used``: it goes out that
    day in any case."""

    van_id: int
    free: tuple[tuple[datetime, datetime], ...]
    max_weight_g: int | None = None
    max_volume_ml: int | None = None
    skills: frozenset[str] = NO_SKILLS
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """All that goes to one station on this day. ``worth_cents``: what it is worth to bring a routine one today."""

    station_id: int
    place: Place
    window_start: datetime
    window_end: datetime
    weight_g: int = 0
    volume_ml: int = 0
    needs: frozenset[str] = NO_SKILLS
    rank: Rank = Rank.ROUTINE
    worth_cents: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """A run of the present plan: which van, when it leaves, and its stations in order with their planned times."""

    van_id: int
    leaves_at: datetime
    stops: tuple[tuple[int, datetime], ...]


@dataclass(frozen=True)
class Day:
    """What is to be planned. ``service``: how long a stop takes. ``reload``: between two trips of a van. ``zone``: what
    reasons tell the time in."""

    depot: Place
    vans: Sequence[Van]
    calls: Sequence[Call]
    travel: Travel
    rates: Rates
    service: timedelta
    reload: timedelta
    present: Sequence[Present] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A van's trip: its calls in order, and its times."""

    van_id: int
    calls: tuple[Call, ...]
    timing: RouteTiming


@dataclass(frozen=True)
class DayPlan:
    """The runs by van and time, and the calls that none of them makes, each with the reason."""

    runs: list[PlannedRun]
    unserved: list[tuple[Call, str]] = field(default_factory=list)


def is_same(before: tuple[int, datetime], after: tuple[int, datetime] | None) -> bool:
    """Whether a stop, as (van, time), is still with its van and about when it was."""
    return after is not None and before[0] == after[0] and abs(before[1] - after[1]) <= MARGIN
