"""The sentence that tells the day: kept as facts, and said in the language of who reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.moments import short_day, weekday_clock
from dashboard.queries.arrivals import Place, arrival_of
from dashboard.queries.par_states import State
from dashboard.queries.readiness import StationReadiness, ready_share
from dashboard.queries.shares import Share
from stations.models import Station


@dataclass(frozen=True)
class Day:
    """What the sentence tells: how many stations are ready, and of the worst that is not, what it lacks and when that
    comes (none: it is on no run)."""

    at: datetime
    ready: Share
    station: str = ""
    item: str = ""
    is_out: bool = False
    arrives_at: datetime | None = None

    def __str__(self) -> str:
        """ "22 of 24 stations ready; Station 7 is out of naloxone until Tue 15:00." """
        whole = self.ready.whole
        if not whole:
            return gettext("No stations yet: import the division to begin.")
        if self.ready.hits == whole:
            return ngettext("All %(count)d stations are ready.", "All %(count)d stations are ready.", whole) % {
                "count": whole
            }
        words = ngettext(
            "%(hits)d of %(whole)d stations ready; %(trouble)s.",
            "%(hits)d of %(whole)d stations ready; %(trouble)s.",
            whole,
        )
        return words % {"hits": self.ready.hits, "whole": whole, "trouble": self.trouble}

    @property
    def trouble(self) -> str:
        """What the worst station lacks, and until when."""
        facts, how = {"station": self.station, "item": self.item}, "no run"
        if self.arrives_at is not None:
            facts["when"] = clock(self.arrives_at, self.at)
            how = "late" if self.arrives_at < self.at else "coming"
        return str(TROUBLES[self.is_out, how]) % facts


# By whether it is out or only short, and what is known of more.
TROUBLES: Mapping[tuple[bool, str], Promise] = {
    (True, "no run"): _("%(station)s is out of %(item)s, and none is on a run yet"),
    (True, "late"): _("%(station)s is out of %(item)s, and its delivery is late"),
    (True, "coming"): _("%(station)s is out of %(item)s until %(when)s"),
    (False, "no run"): _("%(station)s is short of %(item)s, and none is on a run yet"),
    (False, "late"): _("%(station)s is short of %(item)s, and its delivery is late"),
    (False, "coming"): _("%(station)s is short of %(item)s until %(when)s"),
}


def day_of(rows: Sequence[StationReadiness], coming: Mapping[Place, datetime], at: datetime) -> Day:
    """The day in facts. ``rows`` come worst first: the first that is troubled is the one named."""
    share = ready_share(rows)
    if share.hits == share.whole:
        return Day(at, share)
    station, line = next((row.station, row.worst) for row in rows if is_troubled(row) and row.worst)
    return Day(at, share, station.name, line.item_name, line.state == State.OUT, arrival_of(line, coming))


def is_troubled(row: StationReadiness) -> bool:
    """Counted as a station and not ready."""
    return row.station.kind == Station.Kind.STATION and not row.is_ready


def clock(moment: datetime, at: datetime) -> str:
    """15:00 today, Tue 15:00 within a week, else with the date."""
    local, today = timezone.localtime(moment), timezone.localdate(at)
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    return weekday_clock(moment) if 0 < days < 7 else f"{short_day(local)}, {local:%H:%M}"
