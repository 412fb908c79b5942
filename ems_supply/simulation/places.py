"""Reads the stations of any city: ``station``, ``longitude``, ``latitude``; other columns are not used."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ems_supply.simulation.tables import SHOWN_PROBLEMS, BadCell, Problem, UnusableFile, coordinates, read_rows

LONGEST_NAME = 70


@dataclass(frozen=True, slots=True)
class Place:
    """A station of the file, by a name that no other has."""

    name: str
    latitude: float
    longitude: float


def read_places(path: Path, name_column: str = "station") -> tuple[list[Place], list[str]]:
    """The stations in the order of the file, and what was done about repeated ones.

    Refuses the whole file if a row has no name or no place: a station that is left out would give its calls to others.
    """
    hint = "Rename the column, or say --station-column NAME." if name_column == "station" else ""
    found: dict[str, list[Place]] = {}
    problems: list[Problem] = []
    for line, row in read_rows(path, [name_column, "longitude", "latitude"], hint):
        try:
            place = _place(row, name_column)
        except BadCell as bad:
            problems.append(Problem(path.name, line, bad.column, bad.reason))
        else:
            found.setdefault(place.name.casefold(), []).append(place)
    if problems:
        listed = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
        raise UnusableFile(f"{path}: {len(problems)} rows cannot be used. Mend or remove them.", problems=listed)
    if not found:
        raise UnusableFile(f"{path} holds no station.")
    return _told_apart(found)


def _place(row: dict[str, str], name_column: str) -> Place:
    name = " ".join(row[name_column].split())
    if not name:
        raise BadCell(name_column, "missing")
    if len(name) > LONGEST_NAME:
        raise BadCell(name_column, f"longer than {LONGEST_NAME} characters")
    return Place(name, *coordinates(row))


def _told_apart(found: dict[str, list[Place]]) -> tuple[list[Place], list[str]]:
    """One of each: equal rows count once, another place of the same name is numbered with a number that is free."""
    places: list[Place] = []
    notes: list[str] = []
    taken = Counter(found.keys())
    for same in found.values():
        kept = list(dict.fromkeys((place.latitude, place.longitude) for place in same))
        name = same[0].name
        if len(kept) < len(same):
            notes.append(f"{name} is in the file {len(same)} times; rows at the same place count once.")
        for number, (latitude, longitude) in enumerate(kept, 1):
            own = name if number == 1 else _free_name(name, number, taken)
            places.append(Place(own, latitude, longitude))
        if len(kept) > 1:
            notes.append(f"{len(kept)} stations are named {name}; the later ones are numbered: {places[-1].name}.")
    return places, notes


def _free_name(name: str, number: int, taken: Counter[str]) -> str:
    while (own := f"{name} ({number})").casefold() in taken:
        number += 1
    taken[own.casefold()] += 1
    return own
