"""The division now, as the chief sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from dashboard.queries.arrivals import arrival_of, arrivals
from dashboard.queries.fails_next import Failing, fails_next, with_arrivals
from dashboard.queries.figures import Figure, figures
from dashboard.queries.measures import measures
from dashboard.queries.readiness import StationReadiness, station_readiness
from dashboard.queries.sentence import day_sentence, is_troubled
from dashboard.queries.station_map import StationMap, station_map
from dashboard.queries.trend import Trend, snapshots, trends
from stations.models import Station

TROUBLES = 8


@dataclass(frozen=True)
class Trouble:
    """A station that is not ready, and when more of its worst item arrives, if that is on a run."""

    row: StationReadiness
    arrives_at: datetime | None


@dataclass(frozen=True)
class FailingAt:
    """What fails next, and at which station."""

    failing: Failing
    station: Station


@dataclass(frozen=True)
class DivisionNow:
    at: datetime
    sentence: str
    rows: Sequence[StationReadiness]
    map: StationMap
    troubles: Sequence[Trouble]
    troubled: int
    figures: Sequence[Figure]
    fails_next: Sequence[FailingAt]
    trends: Sequence[Trend]

    @property
    def trend_data(self) -> dict[str, dict[str, object]]:
        """What the charts draw, by figure."""
        return {trend.definition.slug: trend.data for trend in self.trends}


def division_now(*, at: datetime) -> DivisionNow:
    """Everything on the chief's page, in as many queries however many stations there are."""
    rows = station_readiness(at=at, stations=Station.objects.all())
    troubled = [row for row in rows if is_troubled(row)]
    failing = fails_next(at=at)
    worst = [row.worst for row in troubled[:TROUBLES] if row.worst]
    coming = arrivals([*worst, *(one.line for one in failing)])
    stations = {row.station.pk: row.station for row in rows}
    return DivisionNow(
        at=at,
        sentence=day_sentence(rows, coming, at),
        rows=rows,
        map=station_map([row for row in rows if row.station.kind == Station.Kind.STATION]),
        troubles=[Trouble(row, arrival_of(row.worst, coming)) for row in troubled[:TROUBLES]],
        troubled=len(troubled),
        figures=figures(measures(at=at, readiness=rows)),
        fails_next=[FailingAt(one, stations[one.line.station_id]) for one in with_arrivals(failing, coming)],
        trends=trends(snapshots(timezone.localdate(at))),
    )
