"""W5: published routing problems, solved by the core that plans the vans, against the best costs that are known."""

import csv
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.errors import DomainError
from ems_supply.bench.asked import Asked, Tell
from ems_supply.bench.report import Bound, Figure
from orders.routing.instances import solve_instance

SEED = 1
QUICK_SECONDS = 0.2
_COST = "bks_distance_dimacs_1decimal"


@dataclass(frozen=True)
class Series:
    """Instances of one kind: where they lie, how long each is searched, and the mean gap allowed in per cent."""

    folder: str
    what: str
    seconds: float
    most: float


@dataclass(frozen=True)
class Published:
    """One instance and the cost of its best-known solution: distances cut to one decimal, as DIMACS counts."""

    name: str
    file: Path
    best: float


SERIES = (Series("solomon", "Solomon, 100 customers", 5, 0.5), Series("gh200", "Homberger, 200 customers", 30, 1.0))


def measure(asked: Asked, tell: Tell) -> Iterator[Figure]:
    """The gap of each instance, one at a time, and the mean of each series.

    Seconds are those of one core, as the process counts them: on a machine that does other work too, a search goes on
    until it has had them. On a quiet one they are seconds of the wall's clock.
    """
    published = {series: _published(series) for series in SERIES}
    known = {one.name for some in published.values() for one in some}
    if unknown := sorted(set(asked.instances) - known):
        raise DomainError(f"There is no instance {', '.join(unknown)} in {_folder()}: see the lists there.")
    for series, every in published.items():
        chosen = [one for one in every if not asked.instances or one.name in asked.instances]
        if chosen:
            yield from _series(series, chosen, len(every), QUICK_SECONDS if asked.quick else series.seconds, tell)


def _series(series: Series, chosen: Sequence[Published], of: int, seconds: float, tell: Tell) -> Iterator[Figure]:
    gaps: list[float] = []
    for one in chosen:
        tell(f"W5 {one.name}, {seconds:g} s")
        figure = _solved(one, seconds)
        gaps.append(figure.value)
        yield figure
    count = str(of) if len(chosen) == of else f"{len(chosen)} of {of}"
    yield Figure(
        "W5",
        f"Mean gap to the best known: {series.what}",
        f"{count} instances, {seconds:g} s each",
        sum(gaps) / len(gaps),
        "%",
        bound=Bound(series.most, "value"),
        details={"largest": max(gaps), "best_known_met": sum(gap <= 0 for gap in gaps), "seed": SEED},
    )


def _solved(one: Published, seconds: float) -> Figure:
    solved = solve_instance(one.file, seconds, SEED, clock=time.process_time)
    return Figure(
        "W5",
        f"Gap of {one.name}",
        f"cost {solved.cost:.1f}, best known {one.best:.1f}",
        round((solved.cost / one.best - 1) * 100, 6),
        "%",
        details={
            "cost": solved.cost,
            "best_known": one.best,
            "seconds": seconds,
            "wall_seconds": solved.seconds,
            "iterations": solved.iterations,
        },
    )


def _folder() -> Path:
    return Path(os.environ.get("EMS_SHARED") or settings.BASE_DIR.parent / "shared") / "data" / "vrp"


def _published(series: Series) -> list[Published]:
    """The instances of a series and their best-known costs, as its list names them."""
    listing = _folder() / f"{series.folder}_bks.csv"
    try:
        with listing.open(encoding="utf-8", newline="") as lines:
            rows = [(row["instance"], float(row[_COST])) for row in csv.DictReader(lines)]
    except FileNotFoundError:
        raise DomainError(
            f"W5 needs the published instances, and {listing} is not there. Set EMS_SHARED to the folder that holds "
            "data/vrp, or leave W5 out: bench W1 W2 W3 W4."
        ) from None
    return [Published(name, _folder() / series.folder / f"{name}.vrp", best) for name, best in rows]
