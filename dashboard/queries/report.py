"""The chief's weekly report: the screen at the end of the week, and what the week has cost.

This week and the one before it show the division as it is now, as the screen does; an earlier one what was kept of it
on its last day. Money is that of the week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from dashboard.models import DailySnapshot
from dashboard.queries.chief_page import FailingAt
from dashboard.queries.expiry import Worth
from dashboard.queries.figures import REQUEST_TO_RECEIPT, Figure, figures
from dashboard.queries.kept import division
from dashboard.queries.kept_stations import all_stations
from dashboard.queries.measures import Measures
from dashboard.queries.readiness import StationReadiness, state_word
from dashboard.queries.readings import WaitReading
from dashboard.queries.receipts import Waits
from dashboard.queries.shares import Share
from dashboard.queries.spending import Spending, spending
from dashboard.queries.targets import chosen_targets, drawn, judged
from dashboard.queries.trend import Trend, snapshots, trends
from dashboard.queries.weeks import Week
from stations.models import Station

MOST_FAILING = 8
MOST_STATIONS = 40  # beyond, a division is too large to be read station by station


@dataclass(frozen=True)
class StationLine:
    """A station, whether it is ready, and what it lacks, in words."""

    name: str
    state: str
    is_ready: bool
    lacks: str
    levels: Share


@dataclass(frozen=True)
class WeekReport:
    """``as_of``: when the figures were so; none if none were kept. ``fails_next``: none for a week that is past."""

    week: Week
    as_of: datetime | None
    sentence: str
    figures: Sequence[Figure]
    trends: Mapping[str, Trend]
    stations: Sequence[StationLine]
    fails_next: Sequence[FailingAt] | None
    spending: Spending

    @property
    def unlisted(self) -> Sequence[StationLine]:
        return self.stations[MOST_STATIONS:]


def week_report(week: Week, *, at: datetime) -> WeekReport:
    """The report of a week, in as many queries however many stations there are."""
    today = timezone.localdate(at)
    if week >= Week.of(today).back(1):
        now, _ = division(at=at)
        rows = now.rows or all_stations(at=now.at).rows
        return WeekReport(
            week=week,
            as_of=now.at,
            sentence=now.sentence,
            figures=now.figures,
            trends=_by_slug(now.trends),
            stations=[_now(row) for row in rows],
            fails_next=now.fails_next[:MOST_FAILING],
            spending=now.spending if now.spending.week == week else spending(week),
        )
    return _kept(week)


def _by_slug(found: Sequence[Trend]) -> dict[str, Trend]:
    return {trend.definition.slug: trend for trend in found}


def _now(row: StationReadiness) -> StationLine:
    lacks = ""
    if row.worst:
        facts = {"item": row.worst.item_name, "usable": f"{row.worst.usable:,}", "par": f"{row.worst.par:,}"}
        lacks = gettext("%(item)s: %(usable)s of %(par)s usable") % facts
    is_counted = row.station.kind == Station.Kind.STATION
    kind = "" if is_counted else f" ({row.station.get_kind_display().lower()})"
    return StationLine(f"{row.station}{kind}", state_word(row.state), row.is_ready, lacks, row.stock_outs)


def _kept(week: Week) -> WeekReport:
    """What the daily snapshots kept of a week: the last day of it that has one; against the targets of now."""
    taken, chosen = snapshots(week.sunday), chosen_targets()
    last = taken[-1] if taken and taken[-1].day >= week.monday else None
    rows = DailySnapshot.objects.filter(day=last.day, station__isnull=False) if last else DailySnapshot.objects.none()
    worst_first = rows.select_related("station").order_by("-stations", "stations_ready", "station__code")
    return WeekReport(
        week=week,
        as_of=last.taken_at if last else None,
        sentence=_were_ready(last) if last else gettext("No figures were kept."),
        figures=judged(_figures(last), chosen) if last else [],
        trends=_by_slug(drawn(trends(taken), chosen)) if last else {},
        stations=[_then(row) for row in worst_first],
        fails_next=None,
        spending=spending(week),
    )


def _were_ready(taken: DailySnapshot) -> str:
    words = ngettext(
        "%(ready)d of %(whole)d stations were ready.", "%(ready)d of %(whole)d stations were ready.", taken.stations
    )
    return words % {"ready": taken.stations_ready, "whole": taken.stations}


def _then(row: DailySnapshot) -> StationLine:
    assert row.station is not None  # noqa: S101 - the caller asked for those of stations
    if not row.stations:
        kind = row.station.get_kind_display()
        return StationLine(f"{row.station} ({kind.lower()})", "–", True, "", Share(row.par_lines_out, row.par_lines))
    state = state_word("ready") if row.stations_ready else gettext("Not ready")
    return StationLine(str(row.station), state, bool(row.stations_ready), "", Share(row.par_lines_out, row.par_lines))


def _figures(taken: DailySnapshot) -> list[Figure]:
    """The figures as they read then. Of the waits only the median was kept, so theirs says less."""
    waited = [] if taken.receipt_minutes is None else [timedelta(minutes=taken.receipt_minutes)]
    found = figures(
        Measures(
            ready=Share(taken.stations_ready, taken.stations),
            fill=Share(taken.lines_filled, taken.lines_asked),
            stock_outs=Share(taken.par_lines_out, taken.par_lines),
            waits=Waits(waited),
            overdue=taken.backorders_overdue,
            worth=Worth(taken.expiring_cents, taken.expired_cents),
            counted=Share(taken.places_counted, taken.places),
        )
    )
    return [
        replace(one, reading=WaitReading(one.reading.number, waited[0]))
        if one.definition == REQUEST_TO_RECEIPT and waited
        else one
        for one in found
    ]
