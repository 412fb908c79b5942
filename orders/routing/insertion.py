"""A plan without a search: what is planned stays where it is, and each new delivery goes where it costs the least."""

from collections.abc import Iterator, Sequence

from orders.routing.checks import round_cost, round_faults
from orders.routing.problem import Plan, Problem, Round, Vehicle, plan_of


def insert(problem: Problem, present: Sequence[Round] = (), *, order: Sequence[int] | None = None) -> Plan:
    """Keep the rounds of ``present`` as far as they can be kept, then insert the other deliveries in ``order``, dearest
    prize first unless said: each at the cheapest place, if that costs less than its prize. The result keeps every rule.
    Vehicles are taken one by one: ``count`` must be 1."""
    rounds = {number: Round(number, ()) for number in range(len(problem.vehicles))}
    placed: set[int] = set()
    for one in present:
        for trip in one.trips:
            rounds[one.vehicle] = _with_trip(problem, rounds[one.vehicle], trip)
        placed.update(number for trip in rounds[one.vehicle].trips for number in trip)
    for number in order if order is not None else by_prize(problem):
        if number not in placed:
            _insert(problem, rounds, number)
    return plan_of(problem, list(rounds.values()))


def by_prize(problem: Problem) -> list[int]:
    """What must be served first, then by falling prize, then in the given order."""
    prizes = [delivery.prize for delivery in problem.deliveries]
    return sorted(range(len(prizes)), key=lambda number: (prizes[number] is not None, -(prizes[number] or 0), number))


def can_alone(problem: Problem, number: int) -> bool:
    """Whether some vehicle could make this delivery if it were the only one."""
    return any(not list(round_faults(problem, Round(v, ((number,),)))) for v in range(len(problem.vehicles)))


def _with_trip(problem: Problem, one: Round, trip: Sequence[int]) -> Round:
    """The round with as much of the trip, in its order, as the vehicle can still do."""
    best = one
    done: tuple[int, ...] = ()
    for number in trip:
        longer = Round(one.vehicle, (*one.trips, (*done, number)))
        if not any(round_faults(problem, longer)):
            best, done = longer, (*done, number)
    return best


def _insert(problem: Problem, rounds: dict[int, Round], number: int) -> None:
    prize = problem.deliveries[number].prize
    cheapest: tuple[int, int, Round] | None = None
    tried: set[Vehicle] = set()
    for place, (vehicle, one) in enumerate(rounds.items()):
        kind = problem.vehicles[vehicle]
        # Of vehicles alike that are empty, the first is as good as any.
        if not problem.deliveries[number].needs <= kind.skills or (not one.trips and kind in tried):
            continue
        if not one.trips:
            tried.add(kind)
        before = round_cost(problem, one)
        for longer in _places(one, number):
            # What costs more than the best so far need not be checked further.
            costs = round_cost(problem, longer) - before
            if (cheapest is None or (costs, place) < cheapest[:2]) and not any(round_faults(problem, longer)):
                cheapest = (costs, place, longer)
    if cheapest and (prize is None or cheapest[0] < prize):
        rounds[cheapest[2].vehicle] = cheapest[2]


def _places(one: Round, number: int) -> Iterator[Round]:
    """The delivery at every place of every trip, and as a trip of its own before and after each."""
    trips = one.trips
    for at, trip in enumerate(trips):
        for place in range(len(trip) + 1):
            yield Round(one.vehicle, (*trips[:at], (*trip[:place], number, *trip[place:]), *trips[at + 1 :]))
    for at in range(len(trips) + 1):
        yield Round(one.vehicle, (*trips[:at], (number,), *trips[at:]))
