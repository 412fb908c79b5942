"""W4: the par and the minimum of every pair of a country, by the function that pages, tasks and files use."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
from django.db import connection

from ems_supply.bench.asked import Asked, Tell
from ems_supply.bench.division import Size
from ems_supply.bench.measuring import Timed, forget_peak, growth_exponent, in_turn, peak_mib, seconds_of
from ems_supply.bench.par_by_hand import ANSWERS, Columns, recommend_by_hand
from ems_supply.bench.report import Bound, Figure
from inventory.policy import Demand, Recommendation, Terms, recommend
from inventory.policy.division import usual_terms

QUICK = (Size(2, 50), Size(4, 50))
SIZES = (Size(10, 2_000), Size(50, 2_000), Size(250, 2_000), Size(1_000, 2_000))
AT_MOST, MEMORY_MIB = 2.0, 100.0
# From so many pairs on, one run takes minutes and counts by itself.
ONCE = 200_000
_EXACT = ("par", "minimum", "reason")
_SEED = 45


@dataclass(frozen=True)
class Found:
    """What a process of its own measured: ``beside`` MiB at most, beside the arguments and the answer."""

    timed: Timed
    beside: float


def measure(asked: Asked, tell: Tell) -> Iterator[Figure]:
    """The recommendation at each size beside its floor, the memory that it takes, and how it grows."""
    sizes = asked.sizes or (QUICK if asked.quick else SIZES)
    taken: list[Timed] = []
    for size in sizes:
        runs = asked.runs if size.pairs < ONCE else 1
        tell(f"W4 {size.pairs:,} pairs, {_runs(runs)}")
        found = _in_a_process_of_its_own(lambda size=size, runs=runs: _measured(size, runs))  # type: ignore[misc]
        taken.append(found.timed)
        yield from _figures(size, runs, found)
    if len(taken) > 1:
        pairs = [float(size.pairs) for size in sizes]
        grown = growth_exponent(pairs, [timed.seconds for timed in taken])
        floor = growth_exponent(pairs, [timed.floor_seconds for timed in taken])
        yield Figure("W4", "Growth exponent of the recommendation", "all", grown, "", details={"floor": floor})


def _figures(size: Size, runs: int, found: Found) -> Iterator[Figure]:
    many = f"{size.pairs:,} pairs"
    timed = found.timed
    yield Figure(
        "W4",
        "Par recommendation",
        f"{many}, {_runs(runs)}",
        timed.seconds,
        "s",
        timed.floor_seconds,
        Bound(AT_MOST),
        {"runs": timed.system, "floor_runs": timed.floor},
    )
    yield Figure(
        "W4", "Memory beside its arguments and answer", many, found.beside, "MiB", bound=Bound(MEMORY_MIB, "value")
    )


def _runs(runs: int) -> str:
    return "one run" if runs == 1 else f"median of {runs}"


def _measured(size: Size, runs: int) -> Found:
    demand, terms = division(size)
    columns = _columns(size.pairs, demand, terms)
    answer: list[Recommendation] = []
    by_hand: list[Columns] = []

    def system() -> None:
        answer[:] = [recommend(demand, terms)]

    def floor() -> None:
        by_hand[:] = [recommend_by_hand(columns)]

    forget_peak()
    before = peak_mib()
    first = seconds_of(system)
    beside = peak_mib() - before - _mib(answer[0])
    timed = in_turn(system, floor, runs=runs) if runs > 1 else Timed([first], [seconds_of(floor)])
    compare(answer[0], by_hand[0])
    return Found(timed, beside)


def division(size: Size) -> tuple[Demand, Terms]:
    """A division of so many stations and items, the same each time: half of the pairs are used less than once in three
    weeks, one in a hundred three times a day or more; two in five items never expire; lead times of a day to a week."""
    random = np.random.default_rng(_SEED)
    stations, items = size.stations, size.items
    use = np.minimum(np.exp(random.normal(-3.0, 1.6, items)), 20.0)
    busy = np.exp(random.normal(0.0, 0.6, stations))
    mean = (busy[:, None] * use * np.exp(random.normal(0.0, 0.3, (stations, items)))).ravel()
    vmr = 1 + np.tile(random.exponential(0.8, items), stations)
    vmr[random.random(vmr.size) < 0.2] = 1.0
    demand = Demand(mean, vmr, 0.02 + 0.3 / (1 + 30 * mean))
    terms = usual_terms(
        review_days=random.choice([7, 14], stations, p=(0.7, 0.3)),
        lead_days=random.integers(1, 8, stations),
        shelf_life_days=random.choice([0, 180, 365, 730, 1095], items, p=(0.4, 0.05, 0.15, 0.2, 0.2)),
        unit_cost=np.asarray(np.exp(random.normal(1.5, 1.4, items)), dtype=np.float64) + 0.01,
        criticality=random.choice(list("ABC"), items, p=(0.15, 0.35, 0.5)).tolist(),
        min_par=np.where(random.random(items) < 0.1, random.integers(1, 7, items), 0),
    )
    return demand, terms


def _columns(pairs: int, demand: Demand, terms: Terms) -> Columns:
    return {name: np.broadcast_to(column, (pairs,)) for rows in (demand, terms) for name, column in vars(rows).items()}


def _answers(found: Recommendation) -> Columns:
    every = vars(found) | vars(found.expected)
    return {name: every[name] for name in ANSWERS}


def _mib(found: Recommendation) -> float:
    columns = [*vars(found).values(), *vars(found.expected).values()]
    return sum(column.nbytes for column in columns if isinstance(column, np.ndarray)) / 2**20


def compare(system: Recommendation, by_hand: Columns) -> None:
    """Both must say the same: whole numbers to the unit, the rest to a billionth."""
    for name, column in _answers(system).items():
        close = column == by_hand[name] if name in _EXACT else np.isclose(column, by_hand[name], rtol=1e-9, atol=1e-9)
        if not close.all():
            raise AssertionError(f"{name} of {(~close).sum():,} pairs is not what the floor says.")


def _in_a_process_of_its_own(work: Callable[[], Found]) -> Found:
    """So that its peak of memory is its own."""
    connection.close()  # no process may use another's
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(work, there))
    process.start()
    there.close()
    try:
        found: Found = here.recv()
    except EOFError:
        process.join()
        raise AssertionError(f"The measuring process ended with {process.exitcode}.") from None
    process.join()
    return found


def _send(work: Callable[[], Found], there: Connection) -> None:
    there.send(work())
