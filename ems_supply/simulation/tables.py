"""Reads the CSV files that a division keeps of its stations and calls; says by line and column what cannot be read."""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import DomainError

SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell of a file, and where."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.column}: {self.reason}"


class UnusableFile(DomainError):
    """A file that the replay cannot run on. ``problems`` lists why, by line and column."""


class BadCell(Exception):
    """A cell that cannot be read: its column, and why. Caught where the line is known."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


Row = dict[str, str]


def read_rows(path: Path, columns: Sequence[str], hint: str = "") -> Iterator[tuple[int, Row]]:
    """The rows of a CSV file with a header, each with the number of its last line. Other columns may be there too.

    Refuses a file that is missing, is not CSV text in UTF-8, or lacks one of the ``columns``.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", skipinitialspace=True)
            _check_header(path, reader.fieldnames or (), columns, hint)
            for row in reader:
                yield reader.line_num, {name: (row[name] or "").strip() for name in reader.fieldnames or () if name}
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise UnusableFile(f"{path} is not text in UTF-8. Save it as “CSV UTF-8”.") from error
    except csv.Error as error:
        raise UnusableFile(f"{path} is not a CSV file: {error}.") from error


def _check_header(path: Path, found: Sequence[str], wanted: Sequence[str], hint: str) -> None:
    missing = [name for name in wanted if name not in found]
    if not missing:
        return
    there = ", ".join(filter(None, found)) or "nothing"
    plural = "columns" if len(missing) > 1 else "column"
    raise UnusableFile(f"{path} has no {plural} {', '.join(missing)}. Its first line names: {there}. {hint}".strip())


def coordinates(row: Row) -> tuple[float, float]:
    """The latitude and longitude of a row, in degrees."""
    latitude, longitude = _degrees(row, "latitude", 90), _degrees(row, "longitude", 180)
    if latitude == longitude == 0:
        raise BadCell("latitude", "0, 0 is a place in the ocean that stands for “unknown”")
    return latitude, longitude


def _degrees(row: Row, column: str, limit: float) -> float:
    text = row[column]
    if not text:
        raise BadCell(column, "missing")
    try:
        degrees = float(text)
    except ValueError:
        raise BadCell(column, f"{text[:40]!r} is not a number of degrees") from None
    if not math.isfinite(degrees) or abs(degrees) > limit:
        hint = ": are latitude and longitude swapped?" if limit < abs(degrees) <= 180 else ""
        raise BadCell(column, f"{text[:40]} is not between −{limit:g} and {limit:g}{hint}")
    return degrees
