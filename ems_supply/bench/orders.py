"""W2: one order after another, and eight people at once."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from statistics import median

from django.db import connection
from django.db.models import QuerySet, Sum
from django.test.utils import CaptureQueriesContext

from ems_supply.bench.asked import Asked, Tell
from ems_supply.bench.division import Size, load
from ems_supply.bench.measuring import Timed, seconds_of
from ems_supply.bench.order_by_hand import ByHand
from ems_supply.bench.order_life import QUANTITY, Desk, Life
from ems_supply.bench.report import Bound, Figure
from inventory.models import StockLevel
from orders.queries.verify import all_differences
from stations.models import Location, Station

SIZE = Size(20, 200, movements=2)
LINES, FEW, MANY = 20, 5, 80
AT_MOST = 4.0
CLIENTS, EACH = 8, 6
WASTE = 1.6
STEPS = ("submit", "approve and allocate", "begin picking", "pick", "pack", "dispatch", "deliver", "receive")


def measure(asked: Asked, tell: Tell) -> Iterator[Figure]:
    """An order alone beside its floor, its queries at three sizes, and eight clients at once."""
    at = asked.at
    tell(f"W2: loading {SIZE}")
    load(SIZE, at=at)
    tell(f"W2: an order of {LINES} lines")
    desk = Desk.at(Station.objects.get(code="S0002"))
    yield from _alone(desk, at, asked.runs)
    yield _queries(desk, at)
    tell(f"W2: {CLIENTS} clients at once")
    yield from _together(at, orders=1 if asked.quick else EACH)


def _alone(desk: Desk, at: datetime, runs: int) -> Iterator[Figure]:
    """Each run is a whole new order; how the van is planned is left out of both."""
    found: dict[type[Life], list[list[float]]] = {ByHand: [], Life: []}
    for _ in range(runs + 1):
        for kind, taken in found.items():
            taken.append(_steps_of(kind(desk, LINES, at)))
    timed = Timed(
        system=[sum(one) for one in found[Life][1:]],
        floor=[sum(one) for one in found[ByHand][1:]],
    )
    details = {
        name: {
            "system": median(one[step] for one in found[Life][1:]),
            "floor": median(one[step] for one in found[ByHand][1:]),
        }
        for step, name in enumerate(STEPS)
    }
    yield Figure(
        "W2",
        "An order, draft to receipt",
        f"{LINES} lines",
        timed.seconds,
        "s",
        timed.floor_seconds,
        Bound(AT_MOST),
        {"steps": details, "runs": timed.system, "floor_runs": timed.floor},
    )


def _steps_of(life: Life) -> list[float]:
    before = [seconds_of(step) for step in life.steps]
    life.board()
    after = [seconds_of(step) for step in life.later_steps]
    life.go_home()
    return before + after


def _queries(desk: Desk, at: datetime) -> Figure:
    """How many statements an order takes, at three sizes: the bound is on what the largest takes more."""
    counts = {}
    for lines in (FEW, LINES, MANY):
        life = Life(desk, lines, at)
        with CaptureQueriesContext(connection) as asked:
            life.live()
        life.go_home()
        counts[lines] = len(asked)
    grown = max(counts.values()) - min(counts.values())
    return Figure(
        "W2",
        "Queries that grow with lines",
        f"{FEW} to {MANY} lines",
        grown,
        "",
        bound=Bound(0, "value"),
        details={"queries": counts},
    )


def _together(at: datetime, *, orders: int) -> Iterator[Figure]:
    """As many orders by one client, then by eight, all for the same items of the same shelf."""
    codes = [f"S{number:04d}" for number in range(2, 2 + CLIENTS)]
    before = _on_hand()
    alone = _rate(codes[:1], orders, at)
    cores = os.cpu_count() or 1
    together = _rate(codes, orders, at)
    yield Figure(
        "W2",
        f"An order among {CLIENTS} clients",
        f"{LINES} lines, {cores} cores",
        1 / together,
        "s",
        1 / alone / min(cores, CLIENTS),
        Bound(WASTE),
        {"orders_per_second": together, "alone": alone},
    )
    orders *= 1 + CLIENTS
    moved = orders * LINES * QUANTITY
    shelf, elsewhere = (now - then for now, then in zip(_on_hand(), before, strict=True))
    wrong = len(all_differences()) + abs(moved + shelf) + abs(moved - elsewhere)
    yield Figure(
        "W2", "Units lost or doubled, differences found", f"{orders} orders", wrong, "", bound=Bound(0, "value")
    )


def _on_hand() -> tuple[int, int]:
    """On the shelf that supplies, and everywhere else."""
    physical = StockLevel.objects.filter(location__kind__in=Location.PHYSICAL)
    shelf = physical.filter(location__station__kind=Station.Kind.WAREHOUSE)
    rest = physical.exclude(pk__in=shelf.values("pk"))
    return _sum(shelf), _sum(rest)


def _sum(levels: QuerySet[StockLevel]) -> int:
    return levels.aggregate(total=Sum("on_hand"))["total"] or 0


@dataclass(frozen=True)
class _Client:
    """One process that carries out orders for one station, one after the other."""

    code: str
    orders: int
    at: datetime

    def __call__(self) -> None:
        desk = Desk.at(Station.objects.get(code=self.code))
        for _ in range(self.orders):
            life = Life(desk, LINES, self.at)
            life.live()
            life.go_home()


def _rate(codes: Sequence[str], orders: int, at: datetime) -> float:
    """Orders per second by a process for each of these stations, from when all are ready."""
    context = get_context("fork")
    connection.close()  # no process may use another's
    ready = context.Barrier(len(codes) + 1)
    clients = [context.Process(target=_work, args=(_Client(code, orders, at), ready)) for code in codes]
    for client in clients:
        client.start()
    ready.wait(timeout=60)
    began = time.perf_counter()
    for client in clients:
        client.join()
    spent = time.perf_counter() - began
    if any(client.exitcode for client in clients):
        raise AssertionError(f"{sum(bool(client.exitcode) for client in clients)} clients failed.")
    return len(codes) * orders / spent


def _work(client: Callable[[], None], ready: Barrier) -> None:
    connection.ensure_connection()
    ready.wait(timeout=60)
    client()
    connection.close()
