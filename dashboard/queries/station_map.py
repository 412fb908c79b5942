"""Where stations lie, as points on a drawing, those in trouble on top."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.drawing import draw
from dashboard.queries.readiness import StationReadiness


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
    """Place each station in true proportion, those that would hide each other pushed apart."""
    drawing = draw([(row.station.latitude, row.station.longitude) for row in rows])
    markers = [Marker(row, spot.x, spot.y) for row, spot in zip(rows, drawing.spots, strict=True)]
    return StationMap(drawing.width, drawing.height, markers[::-1])
