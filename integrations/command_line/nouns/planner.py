"""``ems planner``."""

from typing import Any

from core.errors import DomainError
from integrations.api.shown.orders import RunShown
from integrations.command_line.readers import shown
from integrations.command_line.table import Asked, Field, Noun, Verb, day, whole
from orders.access import visible_runs
from orders.actions.planner import move_stop
from orders.actions.schedule import replan_day
from orders.queries.runs import depots
from orders.routing.moves import Move
from stations.access import require_role, station_for
from stations.models import Station, Unit, User

DEPOT = Field("depot", "code of a station that runs leave from", needed=True)
DAY = Field("day", "the day of its runs, as 2026-11-30", day, needed=True)


def _depot(asked: Asked) -> Station:
    require_role(asked.by, User.Role.LOGISTICS)
    depot = depots().filter(code=asked["depot"]).first()
    if depot is None:
        raise DomainError(f"There is no station {asked['depot']} that runs leave from. Nothing was changed.")
    return depot


def _move(asked: Asked) -> Any:
    depot, van = _depot(asked), None
    if asked["van"] is not None and asked["run"] is not None:
        raise DomainError("Give either the run or the van. Nothing was changed.")
    if asked["van"] is not None:
        van = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN, code=asked["van"]).first()
        if van is None:
            raise DomainError(f"There is no van {asked['van']} at {depot}. Nothing was changed.")
    station = station_for(asked.by, asked["station"])
    move = Move(station.pk, asked["from_run"], asked["run"], van.pk if van else None, asked["position"])
    run = move_stop(depot=depot, day=asked["day"], move=move, **asked.command)
    rows = visible_runs(asked.by).select_related("depot", "van", "driver").prefetch_related("stops__station")
    return shown(RunShown, rows, run.pk)


def _plan(asked: Asked) -> Any:
    return {"moves": replan_day(depot=_depot(asked), day=asked["day"], **asked.command)}


PLANNER = Noun(
    "planner",
    "a depot's day",
    (
        Verb(
            "move",
            "what goes to a station to another place in the day; with neither run nor van it waits",
            _move,
            Field("station", "code of the station that it goes to", needed=True),
            (
                DEPOT,
                DAY,
                Field("from_run", "id of the run that it is on; without it, it waits for one", whole),
                Field("run", "id of the run that takes it", whole),
                Field("van", "call sign of a van that has no run yet and begins one"),
                Field("position", "its place among the stops, else last", whole),
            ),
        ),
        Verb("plan", "let the schedule plan the day again, and say what moved", _plan, DEPOT, (DAY,)),
    ),
)
