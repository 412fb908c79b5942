"""The sentence that tells the day."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from dashboard.queries.arrivals import Place, arrival_of
from dashboard.queries.par_states import LineState, State
from dashboard.queries.readiness import StationReadiness, ready_share
from stations.models import Station


def day_sentence(rows: Sequence[StationReadiness], coming: Mapping[Place, datetime], at: datetime) -> str:
    """ "22 of 24 stations ready; Station 7 is out of naloxone until Tue 15:00." The worst station is the one named."""
    share = ready_share(rows)
    if not share.whole:
        return "No stations yet: import the division to begin."
    if share.hits == share.whole:
        return f"All {share.whole} stations are ready."
    station, line = next((row.station, row.worst) for row in rows if is_troubled(row) and row.worst)
    return f"{share.hits} of {share.whole} stations ready; {trouble(station, line, coming, at)}."


def is_troubled(row: StationReadiness) -> bool:
    """Counted as a station and not ready."""
    return row.station.kind == Station.Kind.STATION and not row.is_ready


def trouble(station: Station, line: LineState, coming: Mapping[Place, datetime], at: datetime) -> str:
    """What a station lacks, and until when."""
    lacks = "out of" if line.state == State.OUT else "short of"
    arrival = arrival_of(line, coming)
    if arrival is None:
        until = ", and none is on a run yet"
    elif arrival < at:
        until = ", and its delivery is late"
    else:
        until = f" until {clock(arrival, at)}"
    return f"{station.name} is {lacks} {line.item_name}{until}"


def clock(moment: datetime, at: datetime) -> str:
    """15:00 today, Tue 15:00 within a week, else with the date."""
    local, today = timezone.localtime(moment), timezone.localdate(at)
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%a %H:%M}" if 0 < days < 7 else f"{local:%b} {local.day}, {local:%H:%M}"
