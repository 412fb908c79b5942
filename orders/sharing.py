"""Sharing short stock: who gets how much of one item, so that the worst-off station is as well off as it can be.

**The rule.** Station j holds x_j and gets a_j; D_j is what it will use until the delivery after this one. Minimise
first the largest w_j·E(D_j − x_j − a_j)⁺, then the sum of them, with a_j in whole packs between a floor and a cap.

**Supply by tiers.** A lot that expires soon is of use to some stations and not to others. ``supply[k]`` is what lasts
long enough for claims with ``reach`` k or less; a claim takes from its reach and every later tier.

**Why it is exact.** What the claims can have together is a polymatroid, because the tiers are nested: for every k,
claims with reach k or more get at most ``sum(supply[k:])`` (in packs, rounded down: one pack size for all). E(D − s)⁺
falls and is convex in s. So for a bound λ each claim has a least number of packs that brings it to λ or under, λ can be
had exactly if those least numbers fit the tiers, and the smallest λ is found by bisection over the values that occur.
From there every further pack only lowers a term, and taking packs by the greatest reduction while the tiers allow it is
optimal for a separable convex sum over a polymatroid (Federgruen and Groenevelt, Operations Research 34, 1986). With
nested tiers that greedy choice is: keep the best of the last tier, then the best of those and the tier before, and so
on. Serving the worst station by heap, one pack at a time, gives the same, and takes a step for every pack.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from inventory.policy.lost_table import lost_table

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

# Shortfalls that differ by less than this part of the largest weight are the same: rounding must not choose a station.
_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Claim:
    """What one station wants of the item, in base units.

    mean, vmr: mean and variance ÷ mean of what it will use in ``days``, until the delivery after this one; held: usable
    there or on its way already; cap: the most that it may get, floor: the least; weight: what a unit short costs it;
    reach: the first tier of the supply that lasts long enough for it.
    """

    name: str
    mean: float
    held: int
    cap: int
    floor: int = 0
    weight: float = 1.0
    vmr: float = 1.0
    days: float = 1.0
    reach: int = 0


class Bound(StrEnum):
    """What keeps a share from being larger."""

    CAP = "cap"  # it gets every whole pack that it may have
    FLOOR = "floor"  # it gets its floor, and more would go elsewhere
    SUPPLY = "supply"  # the rest does more good elsewhere, or there is no more


@dataclass(frozen=True, slots=True)
class Share:
    """What a claim gets, and why. ``before`` and ``after`` are expected units short until the delivery after this one,
    not weighted; ``cover_days`` is how long held + quantity last at the mean rate (infinite where nothing is used);
    ``is_worst``: after sharing, its weighted shortfall is the largest of all."""

    quantity: int
    before: float
    after: float
    cover_days: float
    bound: Bound
    is_worst: bool


def fair_share(claims: Sequence[Claim], supply: int | Sequence[int], *, pack: int = 1) -> list[Share]:
    """One share per claim, in their order. Equal needs are served in the order in which the claims are given.

    Caps are rounded down and floors up to whole packs; what is less than a pack stays. Refused with ``ValueError``: a
    negative quantity, mean or supply, a weight or pack that is not above zero, ``vmr`` under 1, a reach that is no
    tier, a floor above its cap, and floors that the supply does not cover, each by name.
    """
    tiers = (supply,) if isinstance(supply, int) else tuple(supply)
    _check(claims, tiers, pack)
    if not claims:
        return []
    problem = _Problem(claims, tiers, pack)
    problem.refuse_uncovered_floors()
    least = problem.least_packs()
    return problem.shares(least + problem.best_rest(least))


def _check(claims: Sequence[Claim], tiers: Sequence[int], pack: int) -> None:
    if pack < 1:
        raise ValueError(f"A pack of {pack} is no pack: it holds 1 or more.")
    if not tiers or min(tiers) < 0:
        raise ValueError("The supply must be 0 or more, in one tier or several.")
    for claim in claims:
        numbers = (claim.mean, claim.held, claim.cap, claim.floor)
        if not all(0 <= number < np.inf for number in numbers):
            raise ValueError(f"{claim.name}: mean, held, cap and floor must be 0 or more.")
        if not (0 < claim.weight < np.inf and 0 < claim.days < np.inf and 1 <= claim.vmr < np.inf):
            raise ValueError(f"{claim.name}: weight and days must be above 0, variance ÷ mean 1 or more.")
        if not 0 <= claim.reach < len(tiers):
            raise ValueError(f"{claim.name}: there is no tier {claim.reach} of the supply.")
        if -(-claim.floor // pack) > claim.cap // pack:
            raise ValueError(
                f"{claim.name}: a floor of {claim.floor} does not fit under a cap of {claim.cap} in packs of {pack}."
            )


class _Problem:
    """The claims as arrays, quantities in packs. ``low`` and ``high`` bound each claim; ``room[k]`` bounds all claims
    with reach k or more together."""

    def __init__(self, claims: Sequence[Claim], tiers: Sequence[int], pack: int) -> None:
        self.claims, self.pack = claims, pack
        self.mean = np.array([claim.mean for claim in claims], dtype=np.float64)
        self.vmr = np.array([claim.vmr for claim in claims], dtype=np.float64)
        self.held = np.array([claim.held for claim in claims], dtype=np.int64)
        self.weight = np.array([claim.weight for claim in claims], dtype=np.float64)
        self.reach = np.array([claim.reach for claim in claims], dtype=np.int64)
        self.low = np.array([-(-claim.floor // pack) for claim in claims], dtype=np.int64)
        self.cap = np.array([claim.cap // pack for claim in claims], dtype=np.int64)
        self.room = np.array(tiers, dtype=np.int64)[::-1].cumsum()[::-1] // pack

    def taken(self, packs: Whole) -> Whole:
        """What these packs take of each ``room``."""
        by_reach = np.bincount(self.reach, weights=packs, minlength=len(self.room))
        return by_reach[::-1].cumsum()[::-1].astype(np.int64)

    def refuse_uncovered_floors(self) -> None:
        over = np.flatnonzero(self.taken(self.low) > self.room)
        if not over.size:
            return
        tier = int(over[0])
        wanted = [(claim, int(low) * self.pack) for claim, low in zip(self.claims, self.low, strict=True)]
        named = [(claim.name, units) for claim, units in wanted if units and claim.reach >= tier]
        raise ValueError(
            f"The floors need {sum(units for _, units in named)} and {int(self.room[tier]) * self.pack} can be given: "
            f"{', '.join(f'{name} ({units})' for name, units in named)}."
        )

    @cached_property
    def high(self) -> Whole:
        """The cap, or what the tiers leave of it when all others have their floors."""
        spare = np.minimum.accumulate(self.room - self.taken(self.low))
        return np.minimum(self.cap, self.low + spare[self.reach])

    @cached_property
    def start(self) -> Whole:
        """Where each claim's row begins in the table of values, which has one for every number of packs it may get."""
        ends = (self.high - self.low + 1).cumsum()
        return np.concatenate(([0], ends[:-1]))

    @cached_property
    def row(self) -> Whole:
        return np.repeat(np.arange(len(self.claims)), self.high - self.low + 1)

    @cached_property
    def packs(self) -> Whole:
        """The number of packs that each entry of the table stands for."""
        return np.arange(len(self.row)) - self.start[self.row] + self.low[self.row]

    @cached_property
    def by_unit(self) -> tuple[Floats, Whole]:
        """The expected units short at every stock from nothing given to ``high``, and where each claim's begin."""
        last = self.held + self.pack * self.high
        begins = (last - self.held + 1).cumsum() - (last - self.held + 1)
        return lost_table(self.held, last, self.mean, self.vmr), begins

    @cached_property
    def short(self) -> Floats:
        """The expected units short of every entry."""
        every, begins = self.by_unit
        chosen: Floats = every[begins[self.row] + self.pack * self.packs]
        return chosen

    @cached_property
    def value(self) -> Floats:
        """The weighted expected shortfall of every entry, as parts of the largest weight."""
        relative = self.weight / float(self.weight.max())
        rounded: Floats = np.round(self.short * relative[self.row], _DIGITS)
        return rounded

    def least_packs(self) -> Whole:
        """The fewest packs each that bring the largest weighted shortfall as low as it can be."""
        last = np.append(self.start[1:], len(self.row)) - 1
        unavoidable = self.value[last].max()
        bounds = np.unique(self.value[self.value >= unavoidable])
        few, enough = -1, len(bounds) - 1  # the largest value needs the floors only, and these are covered
        while enough - few > 1:
            middle = (few + enough) // 2
            if (self.taken(self.packs_under(bounds[middle])) <= self.room).all():
                enough = middle
            else:
                few = middle
        return self.packs_under(bounds[enough])

    def packs_under(self, bound: float) -> Whole:
        """The fewest packs that bring each claim to ``bound`` or under."""
        return self.low + np.add.reduceat(self.value > bound, self.start, dtype=np.int64)

    def best_rest(self, least: Whole) -> Whole:
        """How many packs more each gets: those that lower the sum the most; of equal ones the worst off first."""
        step = np.flatnonzero((self.packs >= least[self.row]) & (self.packs < self.high[self.row]))
        gain = np.round(self.value[step] - self.value[step + 1], _DIGITS)
        step = step[np.lexsort((step, -self.value[step], -gain))]
        left = self.room - self.taken(least)
        for tier in range(len(left) - 1, -1, -1):
            within = self.reach[self.row[step]] >= tier
            step = step[~within | (within.cumsum() <= left[tier])]
        return np.bincount(self.row[step], minlength=len(self.claims)).astype(np.int64)

    def shares(self, packs: Whole) -> list[Share]:
        every, begins = self.by_unit
        before = every[begins]
        at = self.start + packs - self.low
        is_worst = (self.value[at] == self.value[at].max()) & (self.value[at] > 0)
        return [
            self._share(number, int(packs[number]), float(before[number]), float(self.short[at[number]]), bool(worst))
            for number, worst in enumerate(is_worst)
        ]

    def _share(self, number: int, packs: int, before: float, after: float, is_worst: bool) -> Share:
        claim, units = self.claims[number], packs * self.pack
        bound = Bound.SUPPLY
        if packs == self.cap[number]:
            bound = Bound.CAP
        elif packs == self.low[number] > 0:
            bound = Bound.FLOOR
        cover = (claim.held + units) * claim.days / claim.mean if claim.mean else float("inf")
        return Share(units, before, after, cover, bound, is_worst)
