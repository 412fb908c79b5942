"""Where stations lie, as points on a drawing: close enough for one division, and without anybody else's map."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from dashboard.queries.readiness import StationReadiness

WIDTH, HEIGHT, MARGIN = 1000, 620, 48


@dataclass(frozen=True)
class Marker:
    """A station at whole units from the top left of the drawing."""

    row: StationReadiness
    x: int
    y: int


def markers(rows: Sequence[StationReadiness]) -> list[Marker]:
    """Place each station, north up, in true proportion; ready ones first, so that trouble is drawn on top."""
    if not rows:
        return []
    middle = radians(sum(row.station.latitude for row in rows) / len(rows))
    east = [row.station.longitude * cos(middle) for row in rows]
    south = [-row.station.latitude for row in rows]
    wide, high = max(east) - min(east), max(south) - min(south)
    scale = min((WIDTH - 2 * MARGIN) / (wide or 1e-9), (HEIGHT - 2 * MARGIN) / (high or 1e-9), 1e7)
    left, top = (WIDTH - wide * scale) / 2, (HEIGHT - high * scale) / 2
    placed = [
        Marker(row, round(left + (x - min(east)) * scale), round(top + (y - min(south)) * scale))
        for row, x, y in zip(rows, east, south, strict=True)
    ]
    return placed[::-1]
