"""Places on earth as points on a drawing: close enough for one division, and without anybody else's map."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import cos, hypot, radians

LONGEST, SHORTEST, MARGIN = 1000, 560, 60
APART = 72  # a pin and its name
ROUNDS, PAIRS = 12, 200_000  # pushing compares every pair: of very many, there is no room for all anyway


@dataclass
class Spot:
    """So far from the left and the top of the drawing."""

    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """A drawing of this size, north up, and where on it the places lie that it was made for, in their order."""

    width: int
    height: int
    spots: Sequence[Spot]
    _east: float = 0.0
    _south: float = 0.0
    _shrink: float = 1.0
    _scale: float = 1.0
    _left: float = 0.0
    _top: float = 0.0

    def spot(self, latitude: float, longitude: float) -> Spot:
        """Where any other place would lie, in true proportion; outside of the drawing if it is far away."""
        x, y = self.point(latitude, longitude)
        return Spot(round(x), round(y))

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        """The same, unrounded."""
        x = self._left + (longitude * self._shrink - self._east) * self._scale
        return x, self._top + (-latitude - self._south) * self._scale

    def place(self, x: float, y: float) -> tuple[float, float]:
        """The latitude and longitude that a point of the drawing stands for."""
        latitude = -((y - self._top) / self._scale + self._south)
        return latitude, ((x - self._left) / self._scale + self._east) / self._shrink


def draw(places: Sequence[tuple[float, float]], *, shortest: int = SHORTEST) -> Drawing:
    """Each place, given by latitude and longitude in degrees, in true proportion (an equirectangular projection about
    their middle); then those that would hide each other are pushed apart."""
    if not places:
        return Drawing(LONGEST, shortest, [])
    shrink = cos(radians(sum(latitude for latitude, _ in places) / len(places)))
    east = [longitude * shrink for _, longitude in places]
    south = [-latitude for latitude, _ in places]
    wide, high = max(east) - min(east), max(south) - min(south)
    scale = (LONGEST - 2 * MARGIN) / (max(wide, high) or 1)
    width, height = (max(shortest, round(side * scale) + 2 * MARGIN) for side in (wide, high))
    left, top = (width - wide * scale) / 2, (height - high * scale) / 2
    spots = [
        Spot(left + (x - min(east)) * scale, top + (y - min(south)) * scale) for x, y in zip(east, south, strict=True)
    ]
    _push_apart(spots)
    for spot in spots:
        spot.x = round(min(max(spot.x, MARGIN / 2), width - MARGIN / 2))
        spot.y = round(min(max(spot.y, MARGIN / 2), height - MARGIN))
    return Drawing(width, height, spots, min(east), min(south), shrink, scale, left, top)


def _push_apart(spots: Sequence[Spot]) -> None:
    """Move what lies on each other away from each other, a little at a time."""
    pairs = len(spots) * (len(spots) - 1) // 2
    for _ in range(min(ROUNDS, PAIRS // max(pairs, 1))):
        is_crowded = False
        for one, other in combinations(spots, 2):
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
