"""W3: every list page and the homes, at twenty stations and at a thousand."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.queries.figure_lines import LINES
from dashboard.queries.kept import keep_division
from ems_supply.bench.asked import Asked, Tell
from ems_supply.bench.database import bench_database, connected_to, drop
from ems_supply.bench.division import Size, load
from ems_supply.bench.history import live
from ems_supply.bench.measuring import seconds_of
from ems_supply.bench.report import Bound, Figure
from stations.models import Station, User

FEW = Size(20, 2_000, movements=5, short=5, is_spread=False, has_units=True)
MANY = Size(1_000, 2_000, movements=5, short=5, is_spread=False, has_units=True)
QUICK = (Size(2, 20, 2, 5, has_units=True), Size(6, 20, 2, 5, has_units=True))
AT_MOST = 1.3
SLOW_SECONDS = 5.0

CHIEF, LOGISTICS, AUDITOR = "chief2", "logistics1", "auditor3"
PAGES = (
    (CHIEF, "/"),
    (CHIEF, "/stations/"),
    *((CHIEF, f"/figures/{slug}/") for slug in LINES),
    (CHIEF, "/log/"),
    (AUDITOR, "/"),
    (LOGISTICS, "/queue/"),
    (LOGISTICS, "/requests/"),
    (LOGISTICS, "/shipments/"),
    (LOGISTICS, "/runs/"),
    (LOGISTICS, "/discrepancies/"),
    (LOGISTICS, "/items/"),
    (LOGISTICS, "/items/IT00007/"),
    (LOGISTICS, "/stock/?station=S0015"),
    (LOGISTICS, "/expiring/"),
    (LOGISTICS, "/lots/"),
    (LOGISTICS, "/movements/"),
    (LOGISTICS, "/counts/"),
    (LOGISTICS, "/par-levels/"),
    (LOGISTICS, "/par-levels/S0015/"),
    (LOGISTICS, "/par-levels/proposals/"),
    (LOGISTICS, "/shortages/"),
    (LOGISTICS, "/transfers/"),
    (LOGISTICS, "/planner/"),
    (LOGISTICS, "/runs/travel-times/"),
    (LOGISTICS, "/people/"),
    (CHIEF, "/stations/S0015/"),
)


@dataclass
class Served:
    """One page in one database: how long it took each time, and how many queries."""

    seconds: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def median(self) -> float:
        return median(self.seconds)


def measure(asked: Asked, tell: Tell) -> Iterator[Figure]:
    """Each page in both databases in turn, after one visit that warms the caches."""
    few, many = QUICK if asked.quick else (FEW, *(asked.sizes or (MANY,)))[:2]
    names: list[str] = []
    try:
        for size, suffix in ((few, "_few"), (many, "_many")):
            with bench_database(suffix, keep=True, reuse=asked.reuse) as name:
                names.append(name)
                _prepare(size, name, asked, tell)
        for who, path in PAGES:
            tell(f"W3 {who} {path}")
            yield from _page(who, path, names, asked.runs, f"{few.stations:,} → {many.stations:,} stations")
    finally:
        if not asked.reuse:
            drop(*names)


def _prepare(size: Size, name: str, asked: Asked, tell: Tell) -> None:
    """Load a division with its history unless it is there, and let the worker's task have run."""
    if not (asked.reuse and Station.objects.exists()):
        tell(f"W3 {size}: loading {size.pairs * size.movements:,} movements")
        load(size, at=asked.at)
        live(size, at=asked.at)
    cache.key_prefix = name
    began = time.perf_counter()
    is_kept = keep_division(at=asked.at)
    spent = time.perf_counter() - began
    tell(f"W3 {size}: {f'worked out in {spent:.1f} s and kept' if is_kept else 'worked out for each visit'}")


def _page(who: str, path: str, names: Sequence[str], runs: int, size: str) -> Iterator[Figure]:
    served = [Served() for _ in names]
    visits = [_visitor(who, path, name) for name in names]
    for number in range(runs + 1):
        for name, one, visit in zip(names, served, visits, strict=True):
            with connected_to(name):
                cache.key_prefix = name
                connection.ensure_connection()
                if number == 0:
                    visit()
                    with CaptureQueriesContext(connection) as asked:
                        began = time.perf_counter()
                        visit()
                        first = time.perf_counter() - began
                    one.queries = len(asked)
                    if first > SLOW_SECONDS:
                        one.seconds.append(first)
                elif len(one.seconds) == 0 or one.seconds[0] <= SLOW_SECONDS:
                    visit()  # the first on a new connection reads the catalogue of the database
                    one.seconds.append(seconds_of(visit))
    few, many = served
    what = f"{path} for the {who.rstrip('0123456789')}"
    yield Figure(
        "W3",
        what,
        size,
        many.median,
        "s",
        few.median,
        Bound(AT_MOST),
        {"runs": many.seconds, "floor_runs": few.seconds},
    )
    grown = many.queries - few.queries
    if grown > 0:
        yield Figure("W3", f"{what}: more queries", size, grown, "", bound=Bound(0, "value"))


def _visitor(who: str, path: str, name: str) -> Callable[[], None]:
    """Somebody who is signed in there and opens this page. A page that is not there is an error."""
    client = Client(SERVER_NAME="localhost")
    with connected_to(name):
        cache.key_prefix = name
        client.force_login(User.objects.get(username=who), backend="ems_supply.auth.DivisionBackend")

    def visit() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise AssertionError(f"{path} answered {answer.status_code}.")

    return visit
