"""A depot's day as it is planned: its runs with their stops, times, loads and costs. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from orders.routing.costs import Rates, plan_cost, van_cost
from orders.routing.timing import NOTHING, RouteTiming, Visit, best_departure, route_timing
from orders.routing.travel import Place, Travel

LOCKED = "locked"  # of ``pinned``; all else that it says is words
HELD = gettext_noop("Taken off by hand: the schedule finds it another day.")


@dataclass(frozen=True, slots=True)
class VanOnDay:
    """What a van can do on this day. ``None``: no limit."""

    pk: int
    name: str
    ready_at: datetime
    max_weight_g: int | None = None
    max_volume_ml: int | None = None
    carries_cold: bool = False
    crew: int = 1
    shift_start: datetime | None = None
    shift_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """All that goes to one station on one run, or waits for one: its window, its load, and what it asks of a van."""

    station_id: int
    name: str
    visit: Visit
    weight_g: int = 0
    volume_ml: int = 0
    is_cold: bool = False
    needs_two: bool = False
    priority: int = 0
    shipments: int = 0
    totes: int = 0
    state: str = "planned"
    came_at: datetime | None = None
    wait_reason: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """When a stop begins and how many whole minutes after its window that is; planned, or as it came to be."""

    at: datetime
    late: int


@dataclass(frozen=True)
class TimedRun:
    """A van's round. ``pk`` is None for one that a move would begin; ``pinned`` says why it stays as it is, or ""."""

    pk: int | None
    van: VanOnDay
    leaves_at: datetime
    deliveries: tuple[Delivery, ...]
    timing: RouteTiming
    pinned: str = ""
    version: int = 0
    number: str = ""
    driver: str = ""
    is_by_hand: bool = False

    @property
    def stations(self) -> list[int]:
        return [delivery.station_id for delivery in self.deliveries]

    @cached_property
    def times(self) -> tuple[Times, ...]:
        """One per delivery, in their order."""
        return tuple(
            Times(at, max(0, -int((delivery.visit.window_end - at).total_seconds() // 60)))
            for delivery, planned in zip(self.deliveries, self.timing.visits, strict=True)
            for at in [delivery.came_at or planned.starts_at]
        )

    @property
    def late(self) -> int:
        """Minutes, added up over the stops."""
        return sum(times.late for times in self.times)

    @property
    def late_stops(self) -> int:
        return sum(times.late > 0 for times in self.times)

    @property
    def weight_g(self) -> int:
        return sum(delivery.weight_g for delivery in self.deliveries)

    @property
    def volume_ml(self) -> int:
        return sum(delivery.volume_ml for delivery in self.deliveries)

    @property
    def pinned_words(self) -> str:
        """Why it stays as it is, in the words that follow "the run is"."""
        return pgettext("the run is", "locked") if self.pinned == LOCKED else self.pinned

    @property
    def is_past_shift(self) -> bool:
        """Whether the van is back only after its shift has ended."""
        return self.van.shift_end is not None and self.timing.back_at > self.van.shift_end

    def overload(self) -> list[str]:
        """What this van cannot carry of all this, in words."""
        van, found = self.van, []
        if van.max_weight_g is not None and self.weight_g > van.max_weight_g:
            found.append(
                _("%(van)s would carry %(kilos)s kg, and may carry %(most)s kg.")
                % {"van": van.name, "kilos": kilos(self.weight_g), "most": kilos(van.max_weight_g)}
            )
        if van.max_volume_ml is not None and self.volume_ml > van.max_volume_ml:
            room = kilos(van.max_volume_ml)
            found.append(
                _("%(van)s would have to hold %(litres)s litres, and has room for %(room)s.")
                % {"van": van.name, "litres": kilos(self.volume_ml), "room": room}
            )
        return found


def kilos(thousandths: int) -> str:
    """Grams as kilograms, millilitres as litres."""
    return f"{thousandths / 1000:,.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Timetable:
    """A depot's runs of one day by the time of their departure, the vans that have none, and what waits for a run.
    ``reload`` is how long a van stands at the depot between two runs; ``unread`` where more waits, of which nothing
    else was read."""

    depot: Place
    travel: Travel
    rates: Rates
    reload: timedelta = NOTHING
    runs: tuple[TimedRun, ...] = ()
    free: tuple[VanOnDay, ...] = ()
    waiting: tuple[Delivery, ...] = ()
    unread: tuple[Place, ...] = ()

    @property
    def waits(self) -> int:
        """How many deliveries wait, read or not."""
        return len(self.waiting) + len(self.unread)

    @cached_property
    def costs(self) -> tuple[float, ...]:
        """What each run adds to the cost of the day, in cents, in the order of ``runs``: the first of a van brings the
        van's day, a later one the crew's wait before it. They add up to ``cost``."""
        earlier: dict[int, list[RouteTiming]] = defaultdict(list)
        costs = []
        for run in self.runs:
            van = earlier[run.van.pk]
            before = van_cost(van, self.rates)
            van.append(run.timing)
            costs.append(van_cost(van, self.rates) - before)
        return tuple(costs)

    @property
    def cost(self) -> float:
        """Cents."""
        vans: dict[int, list[RouteTiming]] = defaultdict(list)
        for run in self.runs:
            vans[run.van.pk].append(run.timing)
        return plan_cost(vans.values(), self.rates)

    @property
    def metres(self) -> int:
        return sum(run.timing.metres for run in self.runs)

    @property
    def late(self) -> int:
        return sum(run.late for run in self.runs)

    @property
    def late_stops(self) -> int:
        return sum(run.late_stops for run in self.runs)

    @property
    def stops(self) -> int:
        return sum(len(run.deliveries) for run in self.runs)

    def run(self, pk: int | None) -> TimedRun | None:
        return next((run for run in self.runs if run.pk == pk), None) if pk is not None else None

    def with_stops(self, run: TimedRun, deliveries: tuple[Delivery, ...]) -> TimedRun:
        """The run with these stops. It leaves later rather than wait at doors, and earlier only to be less late."""
        leaves_at, timing = self.departure(run.leaves_at, deliveries)
        if timing.late and run.van.ready_at < run.leaves_at:
            earlier, sooner = self.departure(run.van.ready_at, deliveries)
            if sooner.late < timing.late:
                leaves_at, timing = earlier, sooner
        return replace(run, leaves_at=leaves_at, deliveries=deliveries, timing=timing)

    def departure(self, earliest: datetime, deliveries: Sequence[Delivery]) -> tuple[datetime, RouteTiming]:
        """When a van that may leave from ``earliest`` on leaves for these stops, and its times."""
        visits = [delivery.visit for delivery in deliveries]
        leaves_at = earliest
        if visits:
            leaves_at = best_departure(depot=self.depot, earliest=earliest, visits=visits, travel=self.travel)
        return leaves_at, route_timing(depot=self.depot, leaves_at=leaves_at, visits=visits, travel=self.travel)


def by_departure(run: TimedRun) -> tuple[datetime, str, int]:
    return run.leaves_at, run.van.name, run.pk or 0
