"""``ems run``."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate

from core.errors import DomainError
from integrations.api.shown.orders import RunShown
from integrations.api.shown.waves import WaveShown
from integrations.command_line.nouns.shipments import DRIVER, LINE_ID, driver_in
from integrations.command_line.readers import shown, shows
from integrations.command_line.table import (
    ID,
    REASON,
    VERSION,
    Asked,
    Field,
    Noun,
    Verb,
    day,
    listing,
    moment,
    whole,
)
from orders.access import run_for, visible_runs
from orders.actions import planner, runs, waves
from orders.actions.schedule import plan_run
from orders.models import DeliveryRun, Shipment, ShipmentLine
from orders.queries.waves import wave_of
from stations.access import require_role, station_for, visible_stations
from stations.models import Station, Unit, User

STOP_LINE = (Field("station", "code", needed=True),)


def _runs(by: User) -> QuerySet[DeliveryRun]:
    return visible_runs(by).select_related("depot", "van", "driver").prefetch_related("stops__station")


def _runs_listed(asked: Asked) -> QuerySet[DeliveryRun]:
    rows = _runs(asked.by)
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    return rows.filter(run_on=asked["day"]) if asked["day"] else rows


def _run_step(action: Any, asked: Asked, **more: Any) -> Any:
    run = run_for(asked.by, asked["id"], write=True)
    done = action(run=run, version=asked["version"], **more, **asked.command)
    return shown(RunShown, _runs(asked.by), done.pk)


def _begin(asked: Asked) -> Any:
    done = waves.start_wave(run=run_for(asked.by, asked["id"], write=True), **asked.command)
    return shown(RunShown, _runs(asked.by), done.pk)


def _pick(asked: Asked) -> Any:
    """Everything that is being picked for the run; lines that are not named, as promised."""
    run = run_for(asked.by, asked["id"], write=True)
    shipments = Shipment.objects.filter(stop__run=run, state=Shipment.State.PICKING)
    lines = ShipmentLine.objects.filter(shipment__in=shipments, is_picked=False)
    picked = dict(lines.values_list("pk", "quantity")) | {line["id"]: line["quantity"] for line in asked.lines}
    versions = dict(shipments.values_list("pk", "version"))
    waves.confirm_wave(versions=versions, picked=picked, reason=asked["reason"], **asked.command)
    return shown(RunShown, _runs(asked.by), run.pk)


def _wave(asked: Asked) -> Any:
    require_role(asked.by, User.Role.LOGISTICS)
    return WaveShown(wave_of(run_for(asked.by, asked["id"]), today=localdate(asked.at))).data


def _plan(asked: Asked) -> Any:
    require_role(asked.by, User.Role.LOGISTICS)
    depot = station_for(asked.by, asked["depot"])
    van = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN, code=asked["van"]).first()
    if van is None:
        raise DomainError(f"There is no van {asked['van']} at {depot}. Nothing was changed.")
    done = plan_run(
        depot=depot,
        van=van,
        leaves_at=asked["leaves_at"],
        stations=_stations(asked),
        driver=driver_in(asked),
        **asked.command,
    )
    return shown(RunShown, _runs(asked.by), done.pk)


def _stations(asked: Asked) -> list[Station]:
    """Those of the lines, in their order."""
    codes = [line["station"] for line in asked.lines]
    found = {station.code: station for station in visible_stations(asked.by).filter(code__in=codes)}
    if unknown := [code for code in codes if code not in found]:
        raise DomainError(f"There is no station {unknown[0]} that this person may see. Nothing was changed.")
    if len(found) < len(codes):
        raise DomainError("A station is named twice. Nothing was changed.")
    return [found[code] for code in codes]


RUNS = Noun(
    "run",
    "a van, its crew, its date and its stops",
    (
        listing(
            "list",
            "what this person may see",
            _runs_listed,
            shows(RunShown),
            Field("state", "in this state", choices=DeliveryRun.State.values),
            Field("day", "on this day, as 2026-11-30", day),
        ),
        Verb("show", "one", lambda asked: shown(RunShown, _runs(asked.by), run_for(asked.by, asked["id"]).pk), ID),
        Verb(
            "plan",
            "this van, leaving then, to these stations with all that waits for them",
            _plan,
            Field("depot", "code of the station that it leaves from", needed=True),
            (
                Field("van", "its call sign", needed=True),
                Field("leaves_at", "as 2026-11-30T08:00, or with a zone", moment, needed=True),
                DRIVER,
            ),
            STOP_LINE,
            needs_lines=True,
        ),
        Verb(
            "assign-driver",
            "say who drives",
            lambda asked: _run_step(runs.assign_driver, asked, driver=driver_in(asked)),
            ID,
            (VERSION, Field("driver", DRIVER.help, needed=True)),
        ),
        Verb(
            "reorder",
            "all its stops in this order",
            lambda asked: _run_step(
                runs.reorder_stops, asked, station_ids=[station.pk for station in _stations(asked)]
            ),
            ID,
            (VERSION,),
            STOP_LINE,
            needs_lines=True,
        ),
        Verb(
            "lock",
            "neither the schedule nor a move changes its stops",
            partial(_run_step, planner.lock_run),
            ID,
            (VERSION,),
        ),
        Verb("unlock", "open it to changes again", partial(_run_step, planner.unlock_run), ID, (VERSION,)),
        Verb("wave", "what to pick for it, in the order of the bins", _wave, ID),
        Verb("begin", "take all that it will bring to pick", _begin, ID),
        Verb(
            "pick",
            "say what is in the totes of all that is picked for it; lines that are not named, all of it",
            _pick,
            ID,
            (Field("reason", "needed where it is less", default=""),),
            (LINE_ID, Field("quantity", "base units", whole, needed=True)),
        ),
        Verb("load", "begin to load the van", lambda asked: _run_step(runs.load_run, asked), ID, (VERSION,)),
        Verb(
            "leave",
            "the van leaves",
            lambda asked: _run_step(runs.dispatch_run, asked, driver=driver_in(asked)),
            ID,
            (VERSION, DRIVER),
        ),
        Verb("complete", "the van is back", lambda asked: _run_step(runs.complete_run, asked), ID, (VERSION,)),
        Verb(
            "cancel",
            "call off one that has not left",
            lambda asked: _run_step(runs.cancel_run, asked, reason=asked["reason"]),
            ID,
            (VERSION, REASON),
        ),
    ),
)
