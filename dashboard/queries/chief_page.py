"""The division now, as the chief sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from core.lines import LineChart
from dashboard.models import DailySnapshot
from dashboard.queries.arrivals import Place
from dashboard.queries.being_done import Doing, being_done, coming
from dashboard.queries.comparison import Comparison, compare
from dashboard.queries.fails_next import Failing, fails_next, places_and_failing, with_arrivals
from dashboard.queries.figures import Figure, figures
from dashboard.queries.measures import measures
from dashboard.queries.par_states import LineState
from dashboard.queries.periods import Period
from dashboard.queries.readiness import StationReadiness, division_readiness
from dashboard.queries.sentence import Day, day_of, is_troubled
from dashboard.queries.spending import Spending, Spent, spending, spending_and_spent
from dashboard.queries.station_map import StationMap, station_map
from dashboard.queries.trend import Trend, recent, trends, weekly
from dashboard.queries.weeks import Week
from stations.models import Station

TROUBLES, FAILING = 8, 50


@dataclass(frozen=True)
class Trouble:
    """A station that is not ready, and what is being done about its worst item."""

    row: StationReadiness
    doing: Doing | None


@dataclass(frozen=True)
class FailingAt:
    """What fails next, at which station, what is being done about it, and when it was asked for."""

    failing: Failing
    station: Station
    doing: Doing
    asked_at: datetime | None = None  # by the chief, of the station


@dataclass(frozen=True)
class DivisionNow:
    at: datetime
    day: Day
    rows: Sequence[StationReadiness]
    map: StationMap
    troubles: Sequence[Trouble]
    troubled: int
    figures: Sequence[Figure]
    fails_next: Sequence[FailingAt]
    trends: Sequence[Trend]
    spending: Spending
    # Only where a period was asked for.
    compared: Comparison | None = None
    spent: Spent | None = None

    @property
    def sentence(self) -> str:
        """The day, in the language that is spoken now."""
        return str(self.day)

    @property
    def charts(self) -> dict[str, LineChart]:
        """The lines of the tiles, by figure."""
        return {trend.definition.slug: trend.chart for trend in self.trends}


def division_now(*, at: datetime, period: Period | None = None) -> DivisionNow:
    """Everything on the chief's page, in as many queries however many stations there are; and a period, if one is
    given, against the one before it."""
    places, failing = places_and_failing(at=at, limit=FAILING)
    rows, today = division_readiness(places), timezone.localdate(at)
    troubled = [row for row in rows if is_troubled(row)]
    worst = [row.worst for row in troubled[:TROUBLES] if row.worst]
    doing = being_done([*worst, *(one.line for one in failing)])
    arrivals = coming(doing)
    stations = {row.station.pk: row.station for row in rows}
    taken = _snapshots(today, period)
    week = Week.of(today)
    money, spent = spending_and_spent(week, period) if period else (spending(week), None)
    return DivisionNow(
        at=at,
        day=day_of(rows, arrivals, at),
        rows=rows,
        map=station_map([row for row in rows if row.station.kind == Station.Kind.STATION]),
        troubles=[Trouble(row, doing[_place(row.worst)] if row.worst else None) for row in troubled[:TROUBLES]],
        troubled=len(troubled),
        figures=figures(measures(at=at, readiness=rows)),
        fails_next=[
            FailingAt(one, stations[one.line.station_id], doing[_place(one.line)])
            for one in with_arrivals(failing, arrivals)
        ],
        trends=trends(weekly(taken, today)),
        spending=money,
        compared=compare(period, taken) if period else None,
        spent=spent,
    )


def _snapshots(today: date, period: Period | None) -> list[DailySnapshot]:
    """Those that the lines are drawn from, and those of the period and of the one before it. One query."""
    wanted = recent(today)
    if period:
        wanted |= Q(day__gte=period.before.first, day__lte=period.last)
    return list(DailySnapshot.objects.filter(wanted, station=None).order_by("day"))


def failing_now(*, at: datetime) -> list[FailingAt]:
    """What fails next, for a page of its own. Four queries."""
    failing = fails_next(at=at, limit=FAILING)
    doing = being_done(one.line for one in failing)
    stations = Station.objects.in_bulk({one.line.station_id for one in failing})
    return [
        FailingAt(one, stations[one.line.station_id], doing[_place(one.line)])
        for one in with_arrivals(failing, coming(doing))
    ]


def _place(line: LineState) -> Place:
    return line.location_id, line.item_id
