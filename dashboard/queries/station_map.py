"""Where stations lie, as points on a drawing: close enough for one division, and without anybody else's map."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import cos, hypot, radians

from dashboard.queries.readiness import StationReadiness

LONGEST, SHORTEST, MARGIN = 1000, 560, 60
APART = 72  # a pin and its name
ROUNDS = 12


@dataclass
class Marker:
    """A station, so far from the left and the top of the drawing."""

    row: StationReadiness
    x: float
    y: float


@dataclass(frozen=True)
class StationMap:
    """A drawing of this size, north up, with its stations; those in trouble come last, to be drawn on top."""

    width: int
    height: int
    markers: Sequence[Marker]


def station_map(rows: Sequence[StationReadiness]) -> StationMap:
    """Place each station in true proportion, then push apart those that would hide each other."""
    if not rows:
        return StationMap(LONGEST, SHORTEST, [])
    middle = radians(sum(row.station.latitude for row in rows) / len(rows))
    east = [row.station.longitude * cos(middle) for row in rows]
    south = [-row.station.latitude for row in rows]
    wide, high = max(east) - min(east), max(south) - min(south)
    scale = (LONGEST - 2 * MARGIN) / (max(wide, high) or 1)
    width, height = (max(SHORTEST, round(side * scale) + 2 * MARGIN) for side in (wide, high))
    left, top = (width - wide * scale) / 2, (height - high * scale) / 2
    markers = [
        Marker(row, left + (x - min(east)) * scale, top + (y - min(south)) * scale)
        for row, x, y in zip(rows, east, south, strict=True)
    ]
    _push_apart(markers)
    for marker in markers:
        marker.x = round(min(max(marker.x, MARGIN / 2), width - MARGIN / 2))
        marker.y = round(min(max(marker.y, MARGIN / 2), height - MARGIN))
    return StationMap(width, height, markers[::-1])


def _push_apart(markers: Sequence[Marker]) -> None:
    """Move stations that lie on each other away from each other, a little at a time."""
    for _ in range(ROUNDS):
        is_crowded = False
        for one, other in combinations(markers, 2):
            x, y = other.x - one.x, other.y - one.y
            distance = hypot(x, y)
            if distance >= APART:
                continue
            is_crowded = True
            step = (APART - distance) / 2
            x, y = (x / distance, y / distance) if distance else (1.0, 0.0)
            one.x, one.y, other.x, other.y = one.x - x * step, one.y - y * step, other.x + x * step, other.y + y * step
        if not is_crowded:
            return
