"""The readiness of all stations: as kept by the worker for a large division, else worked out now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from dashboard.queries.readiness import StationReadiness, station_readiness
from stations.models import Station

KEY = "dashboard-stations"
KEPT = timedelta(minutes=30)


@dataclass(frozen=True)
class AllStations:
    """Every station, the worst first; when that was worked out, and whether it was for an earlier visit."""

    at: datetime
    rows: Sequence[StationReadiness]
    is_kept: bool = False


def keep_stations(rows: Sequence[StationReadiness], *, at: datetime) -> None:
    cache.set(KEY, AllStations(at, rows, is_kept=True), KEPT.total_seconds())


def all_stations(*, at: datetime) -> AllStations:
    kept: AllStations | None = cache.get(KEY)
    return kept or AllStations(at, station_readiness(at=at, stations=Station.objects.all()))
