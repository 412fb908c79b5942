"""What one place can spare meets what another needs: which lots, how much, to whom. Pure: no database, no clock.

docs/transfers.md gives the rules with an example.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scipy.special import pdtr, pdtrik

SURE = 0.99
MOST_DONORS = 3
Metres = Callable[[int, int], float]
Pair = tuple[int, int]


def own_need(daily: float, days: int, share: float = SURE) -> int:
    """How much a place needs for itself: the smallest S with P(D ≤ S) ≥ share, D Poisson with mean daily × days."""
    mean = daily * days
    if mean <= 0:
        return 0
    found = max(0, round(float(pdtrik(share, mean))) - 1)
    while pdtr(found, mean) < share:
        found += 1
    return found


@dataclass(slots=True)
class Lot:
    """So many free base units of one lot on a shelf, and how many of them would expire there unused."""

    level_id: int
    free: int
    expires_on: date | None
    outdating: int = 0

    def lasts(self, until: date) -> bool:
        return self.expires_on is None or self.expires_on >= until


@dataclass(slots=True)
class Donor:
    """A place that may spare some of an item. ``lots`` are all its free lots, first expired first; ``minimum``, ``par``
    and ``need`` its own; ``usable`` what is free until its horizon, ``inbound`` what is approved and not received."""

    location_id: int
    station_id: int
    item_id: int
    lots: list[Lot]
    usable: int
    inbound: int = 0
    par: int = 0
    minimum: int = 0
    need: int = 0
    daily: float = 0.0

    @property
    def keeps(self) -> int:
        """What must stay on the shelf: the larger of par and need less what is coming, and never under the minimum."""
        return max(self.minimum, self.par - self.inbound, self.need - self.inbound)

    @property
    def floor(self) -> int:
        """What stays also of lots that would expire: its need less what is coming, and the minimum."""
        return max(self.minimum, self.need - self.inbound)

    @property
    def surplus(self) -> int:
        """usable + inbound − max(par, need), as far as it lies on the shelf above the minimum."""
        return max(0, self.usable - self.keeps)

    @property
    def outdating(self) -> int:
        """What expires here unused, as far as the shelf keeps its need and its minimum without it."""
        return max(0, min(sum(lot.outdating for lot in self.lots), self.usable - self.floor))

    @property
    def spare(self) -> int:
        return max(self.surplus, self.outdating)

    def take(self, parts: Mapping[int, int]) -> None:
        """These base units by level id are given away: what is left is worked out from the rest."""
        for lot in self.lots:
            gone = parts.get(lot.level_id, 0)
            lot.free -= gone
            lot.outdating -= min(gone, lot.outdating)
            self.usable -= gone
        self.usable = max(0, self.usable)


@dataclass(slots=True)
class Want:
    """A place that could use more of an item. ``lacks``: what it needs and its source cannot send; ``until``: the day
    until which lots must last to count there; ``pack``: it gets whole packs of this size."""

    location_id: int
    station_id: int
    item_id: int
    until: date
    lacks: int = 0
    pack: int = 1
    usable: int = 0
    inbound: int = 0
    par: int = 0
    daily: float = 0.0
    source_id: int | None = None

    def room(self, expires_on: date | None, today: date) -> int:
        """How much of a lot it is expected to use up before the lot expires, after all that it has and gets, and never
        to more than twice its par: its shelf is only so long."""
        if expires_on is None:
            return 0
        used = int(self.daily * (expires_on - today).days)
        return max(0, min(used, 2 * self.par) - self.usable - self.inbound)


@dataclass(frozen=True, slots=True)
class Move:
    """So much of an item from one place to another: base units by stock level, and how many of them would expire."""

    donor: Donor
    want: Want
    parts: Mapping[int, int]
    expiring: int
    is_short: bool
    donor_usable: int
    receiver_usable: int
    lacked: int

    @property
    def quantity(self) -> int:
        return sum(self.parts.values())


def parts_for(donor: Donor, want: Want, quantity: int, *, today: date) -> dict[int, int]:
    """Which lots a donor gives for at most this quantity, in whole packs of the receiver: base units by level id.

    What would expire first, as far as the receiver uses it in time or is short of it; then of its surplus, first
    expired first. Only lots that last until the receiver's horizon. Empty when it can give no whole pack.
    """
    lots = [lot for lot in donor.lots if lot.lasts(want.until)]
    parts: dict[int, int] = defaultdict(int)
    left = min(quantity, donor.spare)
    for lot in lots:
        given = sum(parts.values())
        room = left if want.lacks else want.room(lot.expires_on, today) - given
        parts[lot.level_id] += max(0, min(lot.outdating, left - given, room, donor.outdating - given))
    if want.lacks:
        for lot in lots:
            given = sum(parts.values())
            most = min(left, max(donor.surplus, given)) - given
            parts[lot.level_id] += max(0, min(lot.free - parts[lot.level_id], most))
    return _whole_packs(parts, lots, want.pack)


def fulfil(donor: Donor, want: Want, quantity: int, *, today: date) -> dict[int, int]:
    """Which lots make up a transfer of this quantity: what the receiver lacks, then what it uses before it expires.
    Base units by level id; less than asked if the donor can spare no more, or the receiver has no use for more."""
    parts: dict[int, int] = {}
    if want.lacks:
        parts = parts_for(donor, want, min(quantity, want.lacks), today=today)
        donor.take(parts)
    got = sum(parts.values())
    rest = replace(want, lacks=0, inbound=want.inbound + got)
    for level, more in parts_for(donor, rest, quantity - got, today=today).items():
        parts[level] = parts.get(level, 0) + more
    return parts


def _whole_packs(parts: Mapping[int, int], lots: Sequence[Lot], pack: int) -> dict[int, int]:
    """Cut to whole packs; what is cut stays of the lot that lasts the longest."""
    odd = sum(parts.values()) % pack
    cut = dict(parts)
    for lot in reversed(lots):
        less = min(odd, cut.get(lot.level_id, 0))
        cut[lot.level_id] = cut.get(lot.level_id, 0) - less
        odd -= less
    return {level: quantity for level, quantity in cut.items() if quantity}


def expiring_in(donor: Donor, parts: Mapping[int, int]) -> int:
    """How much of these parts would expire at the donor."""
    return min(sum(min(lot.outdating, parts.get(lot.level_id, 0)) for lot in donor.lots), sum(parts.values()))


@dataclass(slots=True)
class Matching:
    """Donors and wants of one item; ``on_run``: pairs of stations that a run passes in this order."""

    donors: Sequence[Donor]
    wants: Sequence[Want]
    metres: Metres
    on_run: Collection[Pair]
    today: date
    moves: list[Move] = field(default_factory=list)

    def match(self) -> list[Move]:
        """Who gives what to whom: first those who are short, the emptiest first, each from as few donors as can be;
        then what would expire, to those who use it in time, the most of it first."""
        for want in sorted((one for one in self.wants if one.lacks), key=emptiest):
            self._cover(want)
        for donor in sorted(self.donors, key=lambda one: (-one.outdating, one.location_id)):
            self._save(donor)
        return self.moves

    def _cover(self, want: Want) -> None:
        for _ in range(MOST_DONORS):
            found = [(donor, parts_for(donor, want, want.lacks, today=self.today)) for donor in self._donors_for(want)]
            offers = [(donor, parts) for donor, parts in found if parts]
            if not offers or want.lacks <= 0:
                return
            donor, parts = min(offers, key=lambda offer: self._rank(offer[0], want, sum(offer[1].values())))
            self._move(donor, want, parts, is_short=True)

    def _rank(self, donor: Donor, want: Want, quantity: int) -> tuple[object, ...]:
        """Fewest moves, then a run that goes there already, then what would expire, then the shortest way."""
        pair = (donor.station_id, want.station_id)
        way = self.metres(*pair)
        return (-min(quantity, want.lacks), pair not in self.on_run, not donor.outdating, way, donor.location_id)

    def _donors_for(self, want: Want) -> Iterable[Donor]:
        """Other stations, and not the one that supplies it: that one is asked anyway."""
        return (
            donor
            for donor in self.donors
            if donor.station_id not in (want.station_id, want.source_id) and donor.location_id != want.location_id
        )

    def _save(self, donor: Donor) -> None:
        while donor.outdating > 0:
            offers = []
            for want in self.wants:
                if want.lacks or want.station_id == donor.station_id or donor.station_id == want.source_id:
                    continue
                if parts := parts_for(donor, want, donor.outdating, today=self.today):
                    pair = (donor.station_id, want.station_id)
                    rank = (pair not in self.on_run, -sum(parts.values()), self.metres(*pair), want.location_id)
                    offers.append((rank, want, parts))
            if not offers:
                return
            _, want, parts = min(offers, key=lambda offer: offer[0])
            self._move(donor, want, parts, is_short=False)

    def _move(self, donor: Donor, want: Want, parts: Mapping[int, int], *, is_short: bool) -> None:
        quantity = sum(parts.values())
        expiring = expiring_in(donor, parts)
        before = (donor.usable, want.usable + want.inbound, want.lacks)
        self.moves.append(Move(donor, want, parts, expiring, is_short, *before))
        donor.take(parts)
        want.inbound += quantity
        want.lacks = max(0, want.lacks - quantity)


def emptiest(want: Want) -> tuple[float, int]:
    """Fewest days of cover first; without use, the share of par that is there."""
    if want.daily:
        return (want.usable / want.daily, want.location_id)
    return (want.usable / want.par * 365 if want.par else 0.0, want.location_id)
