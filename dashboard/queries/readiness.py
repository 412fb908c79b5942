"""Whether a station is Ready, Short or Out, and what makes it so.

Out: a life-saving or essential item (criticality A or B) is out on its shelves. Short: none is, but a life-saving
item (A) is short there. Ready: neither. Units are judged by the same rule, each by what it holds itself;
they do not change the state of their station.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet

from core.templatetags.ui import CHIPS
from dashboard.queries.par_states import LineState, PlaceState, State, place_states
from dashboard.queries.shares import Share
from stations.models import Location, Station, Unit

SEVERITY = {State.OUT: 0, State.SHORT: 1, State.READY: 2}


@dataclass
class Readiness:
    """The par levels of one station's shelves, or of one unit, counted; and the worst of them."""

    lines: int = 0
    short: int = 0
    out: int = 0
    life_saving_short: int = 0
    critical_out: int = 0
    worst: LineState | None = None

    def add(self, place: PlaceState) -> None:
        """Count a place in. Places come worst first, so the first one's worst par level stays."""
        self.lines += place.lines
        self.short += place.short
        self.out += place.out
        self.life_saving_short += place.life_saving_short
        self.critical_out += place.critical_out
        self.worst = self.worst or place.worst

    @property
    def state(self) -> State:
        if self.critical_out:
            return State.OUT
        return State.SHORT if self.life_saving_short else State.READY

    @property
    def is_ready(self) -> bool:
        return self.state == State.READY

    @property
    def full(self) -> int:
        """Par levels that are neither short nor out."""
        return self.lines - self.short - self.out

    @property
    def percent(self) -> int:
        """How many par levels of a hundred are neither short nor out, rounded down: 100 means all."""
        return 100 * self.full // self.lines if self.lines else 100


@dataclass
class UnitReadiness(Readiness):
    unit: Unit = field(default_factory=Unit)


@dataclass
class StationReadiness(Readiness):
    """A station, by its shelves; its units beside it; and all its par levels together, for the figures."""

    station: Station = field(default_factory=Station)
    units: list[UnitReadiness] = field(default_factory=list)

    @property
    def units_not_ready(self) -> int:
        return sum(not unit.is_ready for unit in self.units)

    @property
    def stock_outs(self) -> Share:
        """Par levels that are out, of all: shelves and units."""
        places: list[Readiness] = [self, *self.units]
        return Share(sum(place.out for place in places), sum(place.lines for place in places))


def station_readiness(*, at: datetime, stations: Iterable[Station]) -> list[StationReadiness]:
    """The readiness of these stations and their units, the worst first. Two queries, however many stations."""
    found = {station.pk: StationReadiness(station=station) for station in stations}
    return _judged(found, _units(found), place_states(at=at, stations=sorted(found)))


def readiness_at(station: Station, locations: Iterable[Location], places: Iterable[PlaceState]) -> StationReadiness:
    """The readiness of one station, by the states of all its places; ``locations`` are those with their units."""
    found = StationReadiness(station=station)
    units: dict[int, UnitReadiness] = {}
    for place in locations:
        if place.kind == Location.Kind.UNIT and place.unit and place.unit.is_in_service:
            place.unit.location = place
            units[place.pk] = UnitReadiness(unit=place.unit)
    found.units = sorted(units.values(), key=lambda row: row.unit.code)
    return _judged({station.pk: found}, units, places)[0]


def division_readiness(places: Iterable[PlaceState]) -> list[StationReadiness]:
    """The readiness of all stations and their units, the worst first, by the states of all their places. One query."""
    found: dict[int, StationReadiness] = {}
    units: dict[int, UnitReadiness] = {}
    in_service = FilteredRelation("units", condition=Q(units__is_in_service=True))
    rows: QuerySet[Any] = Station.objects.annotate(each=in_service)
    for row in rows.select_related("each__location").order_by("code", "each__code"):
        station = found.setdefault(row.pk, StationReadiness(station=row))
        each: Unit | None = getattr(row, "each", None)
        if each and hasattr(each, "location") and each.location.kind == Location.Kind.UNIT:
            units[each.location.pk] = UnitReadiness(unit=each)
            station.units.append(units[each.location.pk])
    return _judged(found, units, places)


def _judged(
    found: dict[int, StationReadiness], units: dict[int, UnitReadiness], places: Iterable[PlaceState]
) -> list[StationReadiness]:
    """Count the places, which come worst first, in at their stations and units."""
    for place in places:
        is_shelf = place.location_kind in Location.SHELVES
        row: Readiness = found[place.station_id] if is_shelf else units[place.location_id]
        row.add(place)
    return sorted(found.values(), key=_badness)


def state_word(state: str) -> str:
    """Ready, short or out, as its chip says it."""
    return str(CHIPS[state][2])


def _badness(row: StationReadiness) -> tuple[int, int, int, str]:
    return SEVERITY[row.state], -row.critical_out, row.percent, row.station.code


def _units(found: dict[int, StationReadiness]) -> dict[int, UnitReadiness]:
    """Units in service by the id of their location, put to their stations."""
    rows = Unit.objects.filter(station__in=found, is_in_service=True, location__kind=Location.Kind.UNIT)
    units: dict[int, UnitReadiness] = {}
    for unit in rows.select_related("location").order_by("code"):
        units[unit.location.pk] = UnitReadiness(unit=unit)
        found[unit.station_id].units.append(units[unit.location.pk])
    return units


def ready_share(rows: Sequence[StationReadiness]) -> Share:
    """How many of these stations are ready. Lockers and warehouses supply stations; they are not counted as such."""
    counted = [row for row in rows if row.station.kind == Station.Kind.STATION]
    return Share(sum(row.is_ready for row in counted), len(counted))
