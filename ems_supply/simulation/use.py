"""What a call uses: its type gives a class of care, the class gives the mean use of each item per patient."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"
CLASSES = ("bls", "als", "arrest", "mvi", "trauma", "check", "fire")
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Care:
    """How a call is treated: the class of care, and for how many patients. Class "none" uses nothing."""

    name: str
    patients: int = 1


# A type that none of our words is in: somebody looks, with gloves on.
UNKNOWN = Care("check")


@dataclass(frozen=True)
class UseTable:
    """Mean base units of each item (columns, ``skus``) that one patient of each class (rows, ``CLASSES``) uses."""

    skus: tuple[str, ...]
    means: NDArray[np.float64]

    def draw(self, cares: list[Care], generator: np.random.Generator) -> list[dict[int, int]]:
        """For each call, the items used (by their column) and how many: Poisson about the mean, the same per seed."""
        rows = np.array([CLASSES.index(care.name) if care.name != NOTHING else 0 for care in cares], dtype=np.intp)
        patients = np.array([care.patients if care.name != NOTHING else 0 for care in cares])
        drawn = generator.poisson(self.means[rows] * patients[:, None])
        used: list[dict[int, int]] = [{} for _ in cares]
        for call, item in zip(*np.nonzero(drawn), strict=True):
            used[call][int(item)] = int(drawn[call, item])
        return used


@cache
def use_table() -> UseTable:
    """The table of ``data/use_per_call.csv``."""
    with (DATA / "use_per_call.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    means = np.array([[float(row[name] or 0) for row in rows] for name in CLASSES])
    return UseTable(tuple(row["sku"] for row in rows), means)


@cache
def _rules() -> tuple[tuple[re.Pattern[str], Care], ...]:
    with (DATA / "call_types.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (re.compile(rf"(?<!\w){re.escape(row['words'])}(?!\w)"), Care(row["class"], int(row["patients"])))
            for row in csv.DictReader(file)
        )


@cache
def care_for(call_type: str) -> Care | None:
    """The care for a call of this type: the first line of ``data/call_types.csv`` whose words are in it, or None."""
    text = " ".join(call_type.lower().split())
    return next((care for pattern, care in _rules() if pattern.search(text)), None)
