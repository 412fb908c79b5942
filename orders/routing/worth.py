"""What it is worth to bring a routine delivery today and not on the station's next delivery day."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, sqrt

# What one unit that is missed when it is needed is reckoned to cost, in cents, by criticality A, B, C.
SHORT_UNIT_CENTS = {"A": 20_000, "B": 5_000, "C": 500}
# Above this mean the chance of no use at all underflows, and the mean itself is the better answer.
LARGE_MEAN = 600


@dataclass(frozen=True, slots=True)
class WorthLine:
    """An item of a delivery: how critical it is (A, B, C), how many come, how many are usable there, use per day."""

    criticality: str
    quantity: int
    usable: int
    per_day: float


def expected_shortfall(mean: float, stock: int) -> float:
    """E(D − stock)⁺ for Poisson demand D of this mean: units that are needed and not there.

    mean − stock + Σ (stock − k)·P(D = k) over k < stock.
    """
    if mean <= 0 or stock > mean + 12 * sqrt(mean) + 12:
        return 0.0
    if mean > LARGE_MEAN:
        return max(mean - stock, 0.0)
    chance, spared = exp(-mean), 0.0
    for used in range(stock):
        spared += (stock - used) * chance
        chance *= mean / (used + 1)
    return max(mean - stock + spared, 0.0)


def worth_cents(lines: Iterable[WorthLine], *, days: float, base_cents: int) -> int:
    """``base_cents`` for each day that it would come later, and for each line the criticality-weighted units that the
    station is expected to miss within ``days`` without it, less those that it would miss with it."""
    spared = 0.0
    for line in lines:
        mean = line.per_day * days
        missed = expected_shortfall(mean, line.usable) - expected_shortfall(mean, line.usable + line.quantity)
        spared += SHORT_UNIT_CENTS[line.criticality] * missed
    return round(base_cents * days + spared)
