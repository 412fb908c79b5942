"""Where stations lie, as points on a drawing, those in trouble on top."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from core.drawing import draw
from core.tiles import Tile, tiles_behind
from dashboard.queries.readiness import StationReadiness

MOST = 120  # pins of this size on a drawing of this size


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
    left_out: int = 0
    tiles: Sequence[Tile] = ()

    @property
    def credit(self) -> str:
        """Whose pictures lie behind it, as their owner wants it said."""
        return str(settings.EMS_MAP_CREDIT) if self.tiles else ""


def station_map(rows: Sequence[StationReadiness]) -> StationMap:
    """Place each station in true proportion, those that would hide each other pushed apart. ``rows`` come worst first;
    more than a drawing has room for are left out from the end."""
    shown = rows[:MOST]
    drawing = draw([(row.station.latitude, row.station.longitude) for row in shown])
    markers = [Marker(row, spot.x, spot.y) for row, spot in zip(shown, drawing.spots, strict=True)]
    tiles = tiles_behind(drawing, settings.EMS_MAP_TILES)
    return StationMap(drawing.width, drawing.height, markers[::-1], len(rows) - len(shown), tiles)
