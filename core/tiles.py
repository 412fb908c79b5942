"""Pictures of a tile server behind a drawing: which, and where they lie. By the usual numbering in Web Mercator."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asinh, atan, degrees, floor, log2, pi, radians, sinh, tan

from core.drawing import Drawing

SIDE = 256  # of a tile, in units of the drawing, about
DEEPEST = 18
MOST = 64
NORTHMOST = 85.0  # Web Mercator ends there


@dataclass(frozen=True)
class Tile:
    """A picture and its place on the drawing."""

    address: str
    x: float
    y: float
    width: float
    height: float


def tiles_behind(drawing: Drawing, template: str) -> Sequence[Tile]:
    """The tiles of ``template`` (``https://…/{z}/{x}/{y}.png``) that cover a drawing; none without a template.

    Each is put between its own corners, so that it fits at any latitude; within a division the two projections differ
    by less than a line's width.
    """
    if not template or not drawing.spots:
        return []
    north, west = drawing.place(0, 0)
    south, east = drawing.place(drawing.width, drawing.height)
    wide = drawing.width * 360 / SIDE / max(east - west, 1e-9)
    zoom = min(max(floor(log2(wide)), 0), DEEPEST)
    columns, rows = _span(_column(west, zoom), _column(east, zoom)), _span(_row(north, zoom), _row(south, zoom))
    last = (1 << zoom) - 1
    found = [(x, y) for x in columns for y in rows if 0 <= x <= last and 0 <= y <= last]
    return [_tile(drawing, template, zoom, x, y) for x, y in found] if len(found) <= MOST else []


def _span(first: float, last: float) -> range:
    return range(floor(first), floor(last) + 1)


def _tile(drawing: Drawing, template: str, zoom: int, x: int, y: int) -> Tile:
    left, top = drawing.point(_latitude(y, zoom), _longitude(x, zoom))
    right, bottom = drawing.point(_latitude(y + 1, zoom), _longitude(x + 1, zoom))
    address = template.replace("{z}", str(zoom)).replace("{x}", str(x)).replace("{y}", str(y))
    return Tile(address, round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1))


def _column(longitude: float, zoom: int) -> float:
    return (longitude + 180) / 360 * (1 << zoom)


def _row(latitude: float, zoom: int) -> float:
    within = min(max(latitude, -NORTHMOST), NORTHMOST)
    return (1 - asinh(tan(radians(within))) / pi) / 2 * (1 << zoom)


def _longitude(column: float, zoom: int) -> float:
    return column / (1 << zoom) * 360 - 180


def _latitude(row: float, zoom: int) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * row / (1 << zoom)))))
