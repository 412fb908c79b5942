"""Whether a run can carry a transfer, and in which order of its stops. Pure: no database, no clock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.ways import Leg, Place

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop of a run: where, when it may begin, and when the van is there as planned."""

    station_id: int
    place: Place
    window_start: datetime
    window_end: datetime
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A run that has not left: its depot, when it leaves, its halts in order, the transfers that it carries as pairs of
    (donor, receiver) stations, and whether its halts may still change places."""

    run_id: int
    depot: Place
    leaves_at: datetime
    halts: tuple[Halt, ...]
    pairs: frozenset[Pair] = frozenset()
    may_change: bool = True


@dataclass(frozen=True, slots=True)
class Timing:
    """Arrivals by station id, and the metres there and back."""

    arrivals: Mapping[int, datetime]
    metres: float


def timing(depot: Place, leaves_at: datetime, halts: Sequence[Halt], leg: Leg, stand: timedelta) -> Timing:
    """When the van is where if it goes to these halts in this order: it waits where a window has not opened."""
    here, now, metres = depot, leaves_at, 0.0
    arrivals: dict[int, datetime] = {}
    for halt in halts:
        way, time = leg(here, halt.place)
        arrivals[halt.station_id] = max(now + time, halt.window_start)
        now = arrivals[halt.station_id] + stand
        metres += way
        here = halt.place
    return Timing(arrivals, metres + leg(here, depot)[0])


def keeps_pairs(order: Sequence[int], pairs: frozenset[Pair]) -> bool:
    """Whether each transfer is collected before it is delivered; both of its stations must be among the stops."""
    position = {station: number for number, station in enumerate(order)}
    return all(
        donor in position and receiver in position and position[donor] < position[receiver] for donor, receiver in pairs
    )


def order_for(one: Round, donor: int, receiver: int, leg: Leg, stand: timedelta) -> tuple[int, ...] | None:
    """The stations of this run in an order in which a transfer from donor to receiver can ride; None if there is none.

    The order as it is, if the donor comes first. Else, of those in which one of the two changes its place, no stop
    comes after its window that did not before, and no other transfer is delivered before it is collected, the shortest
    way (then the one that comes first by its stations).
    """
    now = tuple(halt.station_id for halt in one.halts)
    if donor not in now or receiver not in now:
        return None
    if now.index(donor) < now.index(receiver):
        return now
    if not one.may_change:
        return None
    halts = {halt.station_id: halt for halt in one.halts}
    found: list[tuple[float, tuple[int, ...]]] = []
    for order in _moved(now, donor, receiver):
        timed = timing(one.depot, one.leaves_at, [halts[station] for station in order], leg, stand)
        in_time = all(timed.arrivals[pk] <= max(halt.window_end, halt.planned_at) for pk, halt in halts.items())
        if in_time and keeps_pairs(order, one.pairs | {(donor, receiver)}):
            found.append((timed.metres, order))
    return min(found)[1] if found else None


def _moved(now: tuple[int, ...], donor: int, receiver: int) -> Iterator[tuple[int, ...]]:
    """The donor somewhere before the receiver, or the receiver somewhere after the donor; all others stay."""
    without = [station for station in now if station != donor]
    for place in range(without.index(receiver) + 1):
        yield (*without[:place], donor, *without[place:])
    without = [station for station in now if station != receiver]
    for place in range(without.index(donor) + 1, len(without) + 1):
        yield (*without[:place], receiver, *without[place:])


def joined(one: Round, extra: Sequence[Halt], donor: int, receiver: int, leg: Leg, stand: timedelta) -> tuple[int, ...]:
    """The stations of a run that a person chose for a transfer, with the stops that it lacks put where the way grows
    least and every transfer is collected first. Windows do not bind a person: a late stop is shown as late."""
    halts = {halt.station_id: halt for halt in (*one.halts, *extra)}
    order = tuple(halt.station_id for halt in one.halts)
    pairs = one.pairs | {(donor, receiver)}
    for halt in extra:
        order = min(
            (_inserted(order, halt.station_id, place) for place in range(len(order) + 1)),
            key=lambda tried: (
                not keeps_pairs(tried, _within(pairs, tried)),
                timing(one.depot, one.leaves_at, [halts[pk] for pk in tried], leg, stand).metres,
                tried,
            ),
        )
    return order


def _inserted(order: tuple[int, ...], station: int, place: int) -> tuple[int, ...]:
    return (*order[:place], station, *order[place:])


def _within(pairs: frozenset[Pair], order: Sequence[int]) -> frozenset[Pair]:
    return frozenset(pair for pair in pairs if pair[0] in order and pair[1] in order)
