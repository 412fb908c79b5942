"""What a plan costs: vans that go out, kilometres, and hours of their crews."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from orders.routing.timing import RouteTiming


@dataclass(frozen=True, slots=True)
class Rates:
    """Whole cents: for a van that goes out on a day, for a kilometre, and for an hour from leaving to coming back."""

    per_van_cents: int
    per_km_cents: int
    per_hour_cents: int


def run_cost(timing: RouteTiming, rates: Rates) -> float:
    """One run by itself, in cents: its kilometres and its hours, without the van's day."""
    return timing.metres * rates.per_km_cents / 1000 + timing.seconds * rates.per_hour_cents / 3600


def van_cost(runs: Sequence[RouteTiming], rates: Rates) -> float:
    """One van's day, in cents: its runs in order of time, and the crew that waits between them. A van that stays in
    costs nothing."""
    if not runs:
        return 0.0
    between = sum((later.leaves_at - earlier.back_at).total_seconds() for earlier, later in pairwise(runs))
    return rates.per_van_cents + sum(run_cost(run, rates) for run in runs) + between * rates.per_hour_cents / 3600


def plan_cost(vans: Iterable[Sequence[RouteTiming]], rates: Rates) -> float:
    """A day's plan, in cents: for each van its runs in order of time."""
    return sum(van_cost(runs, rates) for runs in vans)
