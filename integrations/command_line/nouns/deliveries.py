"""``ems shipment`` and ``ems run``."""

from typing import Any

from django.db.models import QuerySet

from core.errors import DomainError
from integrations.api.shown.orders import RunShown, ShipmentShown
from integrations.command_line.readers import shown, shows
from integrations.command_line.table import ID, STATION, VERSION, Asked, Field, Noun, Verb, day, listing, whole
from orders.access import run_for, shipment_for, visible_runs, visible_shipments
from orders.actions import picking, receipts, runs
from orders.actions.receipts import ReceivedLine
from orders.models import DeliveryRun, Shipment
from stations.models import User

DRIVER = Field("driver", "username of who drives")
LINE_ID = Field("id", "the shipment line's id", whole, needed=True)


def _shipments(by: User) -> QuerySet[Shipment]:
    rows = visible_shipments(by).select_related("source", "destination")
    return rows.prefetch_related("lines__order_line__item", "lines__level")


def _listed(asked: Asked) -> QuerySet[Shipment]:
    rows = _shipments(asked.by)
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    return rows.filter(destination__code=asked["station"]) if asked["station"] else rows


def _step(action: Any, asked: Asked, **more: Any) -> Any:
    done = action(shipment=shipment_for(asked.by, asked["id"]), **more, **asked.command)
    return shown(ShipmentShown, _shipments(asked.by), done.pk)


def _pick(asked: Asked) -> Any:
    """Lines that are not named are picked as promised."""
    shipment = shipment_for(asked.by, asked["id"])
    picked = dict(shipment.lines.filter(is_picked=False).values_list("pk", "quantity"))
    picked |= {line["id"]: line["quantity"] for line in asked.lines}
    return _step(picking.confirm_picks, asked, version=asked["version"], picked=picked, reason=asked["reason"])


def _receive(asked: Asked) -> Any:
    lines = [
        ReceivedLine(*(line[name] for name in ("id", "accepted", "damaged", "missing", "reason")))
        for line in asked.lines
    ]
    return _step(receipts.receive_shipment, asked, version=asked["version"], lines=lines)


def _dispatch(asked: Asked) -> Any:
    """The run that it is on leaves, with everything that is packed for it."""
    shipment = shipment_for(asked.by, asked["id"])
    if shipment.stop is None:
        raise DomainError(f"{shipment} has no run yet. Let the schedule find one, or put it on one in the planner.")
    run = run_for(asked.by, shipment.stop.run_id)
    runs.dispatch_run(run=run, version=None, driver=_driver(asked), **asked.command)
    return shown(ShipmentShown, _shipments(asked.by), shipment.pk)


def _driver(asked: Asked) -> User | None:
    if asked["driver"] is None:
        return None
    driver = User.objects.filter(username=asked["driver"]).first()
    if driver is None:
        raise DomainError(f"There is nobody named {asked['driver']}. Nothing was changed.")
    return driver


SHIPMENTS = Noun(
    "shipment",
    "what is picked, packed and sent to one station",
    (
        listing(
            "list",
            "what this person may see",
            _listed,
            shows(ShipmentShown),
            Field("state", "in this state", choices=Shipment.State.values),
            STATION,
        ),
        Verb(
            "show",
            "one with its lines",
            lambda asked: shown(ShipmentShown, _shipments(asked.by), shipment_for(asked.by, asked["id"]).pk),
            ID,
        ),
        Verb("begin", "take it to pick", lambda asked: _step(picking.start_picking, asked), ID),
        Verb(
            "pick",
            "say what is in the totes; lines that are not named, all of it",
            _pick,
            ID,
            (VERSION, Field("reason", "needed where it is less", default="")),
            (LINE_ID, Field("quantity", "base units", whole, needed=True)),
        ),
        Verb(
            "pack",
            "close the totes",
            lambda asked: _step(picking.pack_shipment, asked, version=asked["version"], totes=asked["totes"]),
            ID,
            (VERSION, Field("totes", "how many", whole, default=1)),
        ),
        Verb("dispatch", "its run leaves, with all that is packed for it", _dispatch, ID, (DRIVER,)),
        Verb(
            "receive",
            "take it in; lines that are not named came as sent",
            _receive,
            ID,
            (VERSION,),
            (
                LINE_ID,
                Field("accepted", "base units", whole, needed=True),
                Field("damaged", "base units", whole, default=0),
                Field("missing", "base units", whole, default=0),
                Field("reason", "what was damaged or missing", default=""),
            ),
        ),
    ),
)


def _runs(by: User) -> QuerySet[DeliveryRun]:
    return visible_runs(by).select_related("depot", "van", "driver").prefetch_related("stops__station")


def _runs_listed(asked: Asked) -> QuerySet[DeliveryRun]:
    rows = _runs(asked.by)
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    return rows.filter(run_on=asked["day"]) if asked["day"] else rows


def _run_step(action: Any, asked: Asked, **more: Any) -> Any:
    run = run_for(asked.by, asked["id"])
    done = action(run=run, version=asked["version"], **more, **asked.command)
    return shown(RunShown, _runs(asked.by), done.pk)


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
        Verb("load", "begin to load the van", lambda asked: _run_step(runs.load_run, asked), ID, (VERSION,)),
        Verb(
            "leave",
            "the van leaves",
            lambda asked: _run_step(runs.dispatch_run, asked, driver=_driver(asked)),
            ID,
            (VERSION, DRIVER),
        ),
        Verb("complete", "the van is back", lambda asked: _run_step(runs.complete_run, asked), ID, (VERSION,)),
    ),
)
