"""``ems shipment``."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from core.errors import DomainError
from integrations.api.shown.orders import ShipmentShown
from integrations.command_line.readers import photos, shown, shows
from integrations.command_line.table import ID, REASON, STATION, VERSION, Asked, Field, Noun, Verb, listing, whole
from inventory.models import StockLevel
from orders.access import run_for, shipment_for, visible_shipments
from orders.actions import picking, receipts, runs
from orders.actions.bays import receive_shipments
from orders.actions.choosing import choose_run
from orders.actions.receipts import ReceivedLine
from orders.models import Shipment
from stations.models import User

DRIVER = Field("driver", "username of who drives")
LEVEL = Field("level", "id of the stock level to take it from, as `stock list` gives it", whole, needed=True)
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


def _take_other_lot(asked: Asked) -> Any:
    shipment = shipment_for(asked.by, asked["id"])
    line = shipment.lines.select_related("shipment").filter(pk=asked["line_id"]).first()
    if line is None:
        raise DomainError(f"Line {asked['line_id']} is not on this shipment. Nothing was changed.")
    level = StockLevel.objects.filter(location__station=shipment.source_id, pk=asked["level"]).first()
    if level is None:
        raise DomainError(f"Stock level {asked['level']} is not on the shelves of its source. Nothing was changed.")
    picking.take_other_lot(line=line, level=level, reason=asked["reason"], **asked.command)
    return shown(ShipmentShown, _shipments(asked.by), shipment.pk)


def _receive_together(asked: Asked) -> Any:
    """In the versions that are named, else as they are: all of them as they were sent, or none."""
    asked_for = {line["id"]: line["version"] for line in asked.lines}
    rows = _shipments(asked.by).filter(pk__in=asked_for).order_by("pk")
    now = {one.pk: one.version for one in rows}
    if len(now) < len(asked_for):
        raise Http404
    seen = {pk: now[pk] if version is None else version for pk, version in asked_for.items()}
    receive_shipments(versions=seen, **asked.command)
    return {"shipments": shows(ShipmentShown)(rows.all())}


def _receive(asked: Asked) -> Any:
    names = ("id", "accepted", "damaged", "missing", "reason", "photos")
    lines = [ReceivedLine(*(line[name] for name in names)) for line in asked.lines]
    return _step(receipts.receive_shipment, asked, version=asked["version"], lines=lines)


def _dispatch(asked: Asked) -> Any:
    """The run that it is on leaves, with everything that is packed for it."""
    shipment = shipment_for(asked.by, asked["id"])
    if shipment.stop is None:
        raise DomainError(f"{shipment} has no run yet. Let the schedule find one, or put it on one in the planner.")
    run = run_for(asked.by, shipment.stop.run_id)
    runs.dispatch_run(run=run, version=None, driver=driver_in(asked), **asked.command)
    return shown(ShipmentShown, _shipments(asked.by), shipment.pk)


def driver_in(asked: Asked) -> User | None:
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
        Verb(
            "take-other-lot",
            "take a line from another lot than the one that expires first",
            _take_other_lot,
            ID,
            (Field("line_id", "the shipment line's id", whole, needed=True), LEVEL, REASON),
        ),
        Verb(
            "reopen",
            "open a packed one again, before it leaves",
            lambda asked: _step(picking.reopen_shipment, asked, version=asked["version"], reason=asked["reason"]),
            ID,
            (VERSION, REASON),
        ),
        Verb(
            "choose-run",
            "put a transfer that waits to be collected on this run",
            lambda asked: _step(
                choose_run, asked, version=asked["version"], run=run_for(asked.by, asked["run"], write=True)
            ),
            ID,
            (VERSION, Field("run", "the run's id", whole, needed=True)),
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
                Field("photos", "files of it, with commas between: JPEG, PNG or WebP", photos, default=()),
            ),
        ),
        Verb(
            "receive-together",
            "take several in as they were sent, all or none",
            _receive_together,
            line=(Field("id", "the shipment's id", whole, needed=True), VERSION),
            needs_lines=True,
        ),
    ),
)
