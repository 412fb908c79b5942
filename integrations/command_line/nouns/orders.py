"""``ems order`` and ``ems shortfall``."""

from typing import Any

from django.db.models import QuerySet

from core.errors import DomainError
from integrations.api.shown.orders import OrderShown, ShortfallShown
from integrations.command_line.readers import items_of, shown, shows
from integrations.command_line.table import ID, ITEM, REASON, STATION, VERSION, Asked, Field, Noun, Verb, listing, whole
from inventory.access import visible_locations
from orders.access import order_for, visible_orders
from orders.actions import approval, closing, drafts
from orders.actions.granting import LineDecision
from orders.models import ResupplyOrder, Shortfall
from stations.access import station_for
from stations.models import User

COMMENT = Field("comment", "what its readers should know")
PRIORITY = Field("priority", "how urgent it is", choices=("routine", "urgent", "stat"))
SKU_LINE = (Field("item", "SKU", needed=True), Field("quantity", "base units; 0 takes it off", whole, needed=True))
GRANTED = (
    Field("id", "the line's id", whole, needed=True),
    Field("quantity", "base units", whole, needed=True),
    Field("reason", "needed where it is less than asked", default=""),
)


def _rows(by: User) -> QuerySet[ResupplyOrder]:
    orders = visible_orders(by).select_related("station", "source", "requested_by")
    return orders.prefetch_related("lines__item")


def _listed(asked: Asked) -> QuerySet[ResupplyOrder]:
    rows = _rows(asked.by)
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    return rows.filter(station__code=asked["station"]) if asked["station"] else rows


def _quantities(asked: Asked) -> dict[int, int]:
    found = {item.pk: line["quantity"] for item, line in zip(items_of(asked.lines), asked.lines, strict=True)}
    if len(found) < len(asked.lines):
        raise DomainError("An item is named twice. Nothing was changed.")
    return found


def _details(asked: Asked) -> dict[str, Any]:
    told = {name: asked[name] for name in ("comment",) if asked[name] is not None}
    return told | ({"priority": ResupplyOrder.Priority[asked["priority"].upper()]} if asked["priority"] else {})


def _step(action: Any, asked: Asked, **more: Any) -> Any:
    order = order_for(asked.by, asked["id"])
    done = action(order=order, version=asked["version"], **more, **asked.command)
    return shown(OrderShown, _rows(asked.by), done.pk)


def _draft(asked: Asked) -> Any:
    station = station_for(asked.by, asked["station"], write=True)
    order = drafts.create_order(station=station, quantities=_quantities(asked), **_details(asked), **asked.command)
    return shown(OrderShown, _rows(asked.by), order.pk)


def _approve(asked: Asked) -> Any:
    decisions = [LineDecision(line["id"], line["quantity"], line["reason"]) for line in asked.lines]
    return _step(approval.approve_order, asked, decisions=decisions, comment=asked["comment"] or "")


def _because(action: Any) -> Any:
    return lambda asked: _step(action, asked, reason=asked["reason"])


ORDERS = Noun(
    "order",
    "requests, and what became of them",
    (
        listing(
            "list",
            "what this person may see",
            _listed,
            shows(OrderShown),
            Field("state", "in this state", choices=ResupplyOrder.State.values),
            STATION,
        ),
        Verb("show", "one", lambda asked: shown(OrderShown, _rows(asked.by), order_for(asked.by, asked["id"]).pk), ID),
        Verb(
            "draft",
            "write a request",
            _draft,
            Field("station", "who asks, by code", needed=True),
            (PRIORITY, COMMENT),
            SKU_LINE,
            needs_lines=True,
        ),
        Verb(
            "edit",
            "change lines of a draft",
            lambda asked: _step(drafts.edit_order, asked, quantities=_quantities(asked), **_details(asked)),
            ID,
            (VERSION, PRIORITY, COMMENT),
            SKU_LINE,
        ),
        Verb(
            "submit",
            "send a draft to its approvers",
            lambda asked: _step(drafts.submit_order, asked),
            ID,
            (VERSION,),
        ),
        Verb(
            "approve",
            "approve as the next approver; lines not named in full",
            _approve,
            ID,
            (VERSION, COMMENT),
            GRANTED,
        ),
        Verb("send-back", "return it as a draft", _because(approval.send_back_order), ID, (VERSION, REASON)),
        Verb("reject", "refuse all of it", _because(approval.reject_order), ID, (VERSION, REASON)),
        Verb("cancel", "give it up before approval", _because(drafts.cancel_order), ID, (VERSION, REASON)),
        Verb(
            "close-short",
            "give up what is still owed; of the lines named, or of all",
            lambda asked: _step(
                closing.close_short,
                asked,
                reason=asked["reason"],
                line_ids=[line["id"] for line in asked.lines] or None,
            ),
            ID,
            (VERSION, REASON),
            (Field("id", "the line's id", whole, needed=True),),
        ),
    ),
)


def _shortfalls(asked: Asked) -> QuerySet[Shortfall]:
    places = visible_locations(asked.by)
    if asked["station"]:
        places = places.at(station_for(asked.by, asked["station"]))
    rows = Shortfall.objects.filter(location__in=places).select_related("item")
    return rows.filter(item__sku=asked["item"]) if asked["item"] else rows


SHORTFALLS = Noun(
    "shortfall",
    "what the last sweep found below its minimum",
    (listing("list", "with the numbers that explain it", _shortfalls, shows(ShortfallShown), STATION, ITEM),),
)
