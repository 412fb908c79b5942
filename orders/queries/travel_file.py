"""A file of travel times, held against what the division has: what would be new, changed or the same."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.imports.columns import Column, Table
from inventory.imports.one_table import TablePlan, read_into
from inventory.imports.sheets import Reader, Row
from inventory.imports.sources import Source
from inventory.imports.values import code, nearest, whole
from orders.models import TravelTime
from stations.models import Station

TRAVEL_TIMES = Table(
    "travel_times",
    gettext_noop("Travel times"),
    TravelTime,
    ("from", "to"),
    settings.EMS_IMPORT_ROWS,
    (
        Column("from", code(), needed=True),
        Column("to", code(), needed=True),
        Column("metres", whole(), needed=True),
        Column("seconds", whole(), needed=True),
    ),
    required=("from", "to", "metres", "seconds"),
)
# Faster than that, metres and seconds have probably changed places.
FASTEST_KMH = 160
Way = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WayChange:
    """One way: from which station to which, and metres and seconds before (None: new) and after."""

    way: Way
    names: tuple[str, str]
    before: tuple[int, int] | None
    after: tuple[int, int]

    @property
    def facts(self) -> tuple[Way, tuple[int, int] | None, tuple[int, int]]:
        return self.way, self.before, self.after


class TravelPlan(TablePlan[WayChange]):
    """What a file of travel times would change."""


def plan_travel_times(source: Source, *, uploaded_rows: int | None = None) -> TravelPlan:
    """Read a CSV or XLSX file with the columns from, to (station codes), metres and seconds, and compare it with the
    division. Writes nothing, and names every bad cell. Two queries; memory grows with the rows."""
    plan = TravelPlan()
    read_into(plan, TRAVEL_TIMES, source, uploaded_rows, lambda reader: _read(reader, plan))
    return plan


def _read(reader: Reader, plan: TravelPlan) -> None:
    stations = dict(Station.objects.values_list("code", "pk"))
    ways = TravelTime.objects.values_list("origin_id", "destination_id", "metres", "seconds")
    known = {(a, b): (metres, seconds) for a, b, metres, seconds in ways.iterator(chunk_size=5_000)}
    lines: dict[Way, int] = {}
    for row in reader.rows():
        way = None if row.is_bad else _way(reader, row, stations)
        if way is None:
            continue
        if way in lines:
            reader.refuse(
                row.line, "to", _("this way is in line %(line)s already. Keep one of the two.") % {"line": lines[way]}
            )
            continue
        lines[way] = row.line
        after = int(str(row.values["metres"])), int(str(row.values["seconds"]))
        if known.get(way) == after:
            plan.same += 1
        else:
            names = str(row.values["from"]), str(row.values["to"])
            plan.changes.append(WayChange(way, names, known.get(way), after))


def _way(reader: Reader, row: Row, stations: dict[str, int]) -> Way | None:
    """The stations of a row by their ids; None for the way from a station to itself, and for a bad one, which is
    said."""
    names = {column: str(row.values[column]) for column in ("from", "to")}
    for column, name in names.items():
        if name not in stations:
            reader.refuse(
                row.line,
                column,
                _("there is no station %(station)s.") % {"station": name} + nearest(name, stations),
            )
            return None
    metres, seconds = int(str(row.values["metres"])), int(str(row.values["seconds"]))
    if names["from"] == names["to"]:
        if metres or seconds:
            reader.refuse(row.line, "to", _("a way from a station to itself is 0 metres and 0 seconds, or left out."))
        return None
    if seconds == 0:
        reader.refuse(row.line, "seconds", _("must be above 0: nobody is there at once."))
        return None
    if metres * 3.6 / seconds > FASTEST_KMH:
        reader.warn(row.line, "seconds", _("that is %(speed)s km/h.") % {"speed": f"{metres * 3.6 / seconds:.0f}"})
    return stations[names["from"]], stations[names["to"]]


def missing_ways() -> tuple[int, int]:
    """How many ways between two stations have a travel time, and how many have none and go by great circle."""
    stations = Station.objects.count()
    known = TravelTime.objects.count()
    return known, stations * (stations - 1) - known
