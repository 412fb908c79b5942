"""Reading published routing problems and plans in VRPLIB format: .vrp and .sol.

Format: http://vrp.galgos.inf.puc-rio.br and PyVRP's dialect of it for several depots. Node 1 is the first depot; in a
.sol file customer k is node k + 1.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from core.errors import DomainError

TYPES = ("CVRP", "VRPTW", "CVRPTW", "MDVRPTW")
# Sections: how many numbers follow the node's own.
NODE_SECTIONS = {
    "NODE_COORD_SECTION": 2,
    "DEMAND_SECTION": 1,
    "TIME_WINDOW_SECTION": 2,
    "SERVICE_TIME_SECTION": 1,
    "VEHICLES_DEPOT_SECTION": 1,
}
OTHER_SECTIONS = ("DEPOT_SECTION", "EDGE_WEIGHT_SECTION")
TEXTS = ("NAME", "COMMENT", "TYPE", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE")
NUMBERS = ("DIMENSION", "VEHICLES", "CAPACITY", "SERVICE_TIME", "VEHICLES_MAX_DURATION")
MOST_NODES = 4_000


@dataclass
class Instance:
    """What a .vrp file says, in its own units; nodes from 0, so node n of the file is n − 1 here."""

    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    sections: dict[str, list[list[float]]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.numbers["DIMENSION"])

    @property
    def kind(self) -> str:
        return self.texts["TYPE"]

    @property
    def depots(self) -> list[int]:
        return [int(row[0]) - 1 for row in self.sections["DEPOT_SECTION"]]

    def rows(self, section: str) -> list[list[float]]:
        """One list per node, in order."""
        return self.sections[section]


def read_instance(text: str) -> Instance:
    """A .vrp file. Refuses what it does not know, naming the line: a rule that is not understood would not be kept."""
    found = Instance()
    lines = _Lines(text)
    for number, line in lines:
        key, _, value = (part.strip() for part in line.partition(":"))
        if key == "EOF":
            break
        if key in NODE_SECTIONS or key in OTHER_SECTIONS:
            _once(found.sections, key, number)
            found.sections[key] = _section(key, lines, found, number)
        elif key in TEXTS:
            _once(found.texts, key, number)
            found.texts[key] = value.strip('"')
        elif key in NUMBERS:
            _once(found.numbers, key, number)
            found.numbers[key] = _number(value, number)
        else:
            raise DomainError(f"Line {number}: {key[:40]!r} is not known, so its rule could not be kept.")
    _check(found)
    return found


class _Lines:
    """Lines with their numbers, from 1, blank ones left out; one may be put back."""

    def __init__(self, text: str) -> None:
        self._lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
        self._at = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while self._at < len(self._lines):
            self._at += 1
            yield self._lines[self._at - 1]

    def put_back(self) -> None:
        self._at -= 1


def _once(known: Collection[str], key: str, number: int) -> None:
    if key in known:
        raise DomainError(f"Line {number}: {key} is there twice.")


def _number(text: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e9:
        raise DomainError(f"Line {line}: {text[:40]!r} is not a number that can be used here.")
    return value


def _section(key: str, lines: _Lines, found: Instance, start: int) -> list[list[float]]:
    if "DIMENSION" not in found.numbers:
        raise DomainError(f"Line {start}: {key} comes before DIMENSION.")
    rows = list(_rows(lines))
    if key == "DEPOT_SECTION":
        return [row for _, row in rows if row[0] != -1]
    if key == "EDGE_WEIGHT_SECTION":
        return [row for _, row in rows]
    return _by_node(key, rows, start)


def _rows(lines: _Lines) -> Iterator[tuple[int, list[float]]]:
    """Lines of numbers, up to the next word."""
    for number, line in lines:
        if line[0].isalpha():
            lines.put_back()
            return
        yield number, [_number(part, number) for part in line.split()]


def _by_node(key: str, rows: Sequence[tuple[int, list[float]]], start: int) -> list[list[float]]:
    """The rows of a section, whose nodes must be numbered 1, 2, 3 …"""
    for place, (number, row) in enumerate(rows, start=1):
        if len(row) != NODE_SECTIONS[key] + 1:
            raise DomainError(f"Line {number}: {key} wants {NODE_SECTIONS[key] + 1} numbers, here are {len(row)}.")
        if row[0] != place:
            raise DomainError(f"Line {number}: {key} should go on with {place}, here is {row[0]:g}.")
    if not rows:
        raise DomainError(f"Line {start}: {key} is empty.")
    return [row[1:] for _, row in rows]


def _check(found: Instance) -> None:
    """What every problem must have, and that all parts agree."""
    for key in ("TYPE", "EDGE_WEIGHT_TYPE"):
        if key not in found.texts:
            raise DomainError(f"{key} is missing: this is not a whole VRPLIB file.")
    for key in ("DIMENSION", "CAPACITY"):
        if found.numbers.get(key, 0) <= 0:
            raise DomainError(f"{key} is missing, or not above zero.")
    if found.kind not in TYPES:
        raise DomainError(f"TYPE is {found.kind}: only {', '.join(TYPES)} can be solved.")
    if found.size > MOST_NODES:
        raise DomainError(f"DIMENSION is {found.size}: {MOST_NODES} nodes are the most.")
    for key, rows in found.sections.items():
        if key in NODE_SECTIONS and key != "VEHICLES_DEPOT_SECTION" and len(rows) != found.size:
            raise DomainError(f"{key} has {len(rows)} nodes, and DIMENSION is {found.size}.")
    _check_distances(found)
    _check_depots(found)
    _check_customers(found)


def _check_customers(found: Instance) -> None:
    if "DEMAND_SECTION" not in found.sections:
        raise DomainError("DEMAND_SECTION is missing.")
    if any(opens > closes for opens, closes in found.sections.get("TIME_WINDOW_SECTION", ())):
        raise DomainError("TIME_WINDOW_SECTION has a window that closes before it opens.")
    if any(row[0] < 0 for row in found.sections["DEMAND_SECTION"]):
        raise DomainError("DEMAND_SECTION has a demand below zero.")
    if found.kind != "CVRP" and "TIME_WINDOW_SECTION" not in found.sections:
        raise DomainError("TIME_WINDOW_SECTION is missing.")


def _check_distances(found: Instance) -> None:
    kind, form = found.texts["EDGE_WEIGHT_TYPE"], found.texts.get("EDGE_WEIGHT_FORMAT", "")
    if kind == "EUC_2D" and "NODE_COORD_SECTION" in found.sections:
        return
    if kind == "EXPLICIT" and form == "FULL_MATRIX":
        rows = found.sections.get("EDGE_WEIGHT_SECTION", [])
        if sum(map(len, rows)) == found.size**2:
            return
        raise DomainError(f"EDGE_WEIGHT_SECTION has {sum(map(len, rows))} numbers, {found.size**2} are needed.")
    raise DomainError("Distances must be EUC_2D with NODE_COORD_SECTION, or EXPLICIT with a FULL_MATRIX.")


def _check_depots(found: Instance) -> None:
    depots = found.depots if "DEPOT_SECTION" in found.sections else []
    if depots != list(range(len(depots))) or not depots:
        raise DomainError("DEPOT_SECTION must name the depots, which are the first nodes: 1, 2 …")
    if found.kind != "MDVRPTW" and len(depots) > 1:
        raise DomainError(f"A {found.kind} has one depot, here are {len(depots)}.")
    homes = found.sections.get("VEHICLES_DEPOT_SECTION", [])
    if len(depots) > 1 and len(homes) != found.numbers.get("VEHICLES"):
        raise DomainError("VEHICLES_DEPOT_SECTION must name the depot of each of the VEHICLES.")
    if any(not 1 <= row[0] <= len(depots) for row in homes):
        raise DomainError("VEHICLES_DEPOT_SECTION names a node that is no depot.")


def read_solution(text: str) -> tuple[list[list[int]], float | None]:
    """A .sol file: the customers of each route in order, empty routes too, and the cost that it claims."""
    routes: list[list[int]] = []
    cost: float | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"Route\s+#\d+\s*:(.*)$", line.strip()):
            try:
                routes.append([int(part) for part in match[1].split()])
            except ValueError:
                raise DomainError(f"Line {number}: a route is the numbers of its customers.") from None
        elif match := re.match(r"cost\s*:?\s*(\S+)$", line.strip(), re.IGNORECASE):
            cost = _number(match[1], number)
    return routes, cost
