"""A unit now: what it holds against its par levels, and its lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from dashboard.queries.figure_lines import PlacedLine, placed
from dashboard.queries.par_states import State, line_states
from dashboard.queries.readiness import UnitReadiness, station_readiness
from inventory.models import StockLevel
from stations.models import Unit


@dataclass(frozen=True)
class UnitNow:
    """``readiness`` is none for a van, and for a unit out of service: nothing is expected of them."""

    unit: Unit
    readiness: UnitReadiness | None
    lines: Sequence[PlacedLine]
    levels: Sequence[StockLevel]
    expired: int
    today: date

    @property
    def lacking(self) -> list[PlacedLine]:
        return [one for one in self.lines if one.line.state != State.READY]

    @property
    def full(self) -> list[PlacedLine]:
        return [one for one in self.lines if one.line.state == State.READY]


def unit_now(unit: Unit, *, at: datetime) -> UnitNow:
    """Everything on a unit's page, in as many queries whatever it holds."""
    [station] = station_readiness(at=at, stations=[unit.station])
    levels = StockLevel.objects.filter(location=unit.location, on_hand__gt=0).select_related("lot__item")
    held = list(levels.prefetch_related("lot__item__packs").order_by("lot__item__name", "lot__expires_on", "pk"))
    today = timezone.localdate(at)
    lines = line_states(at=at, stations=[unit.station_id], location=unit.location.pk)
    return UnitNow(
        unit=unit,
        readiness=next((one for one in station.units if one.unit.pk == unit.pk), None),
        lines=placed(lines),
        levels=held,
        expired=sum(level.lot.expires_on is not None and level.lot.expires_on < today for level in held),
        today=today,
    )
