"""``ems order``."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.errors import DomainError
from dashboard.actions.asking import ask_for
from integrations.api.shown.orders import OrderShown, shown_substitutes
from integrations.api.shown.stations import StationShown
from integrations.command_line.readers import items_of, place_for, shown, shows
from integrations.command_line.table import (
    ID,
    REASON,
    STATION,
    VERSION,
    Asked,
    Field,
    Noun,
    Verb,
    listing,
    moment,
    whole,
)
from inventory.models import Substitute
from orders.access import order_for, visible_orders
from orders.actions import allocation, approval, closing, drafts
from orders.actions.asked import ItemAt, Wanted
from orders.actions.granting import LineDecision
from orders.actions.substitution import approve_substitute
from orders.models import ResupplyOrder
from orders.queries.substitutes import offers_on
from stations.access import require_role, station_for, visible_stations
from stations.models import User

COMMENT = Field("comment", "what its readers should know")
PRIORITY = Field("priority", "how urgent it is", choices=("routine", "urgent", "stat"))
NEEDED_BY = Field("needed_by", "a day and a time, as 2026-05-04T18:00", moment)
DETAILS = (PRIORITY, NEEDED_BY, COMMENT)
SKU_LINE = (
    Field("item", "SKU", needed=True),
    Field("quantity", "base units; 0 takes it off", whole, needed=True),
    Field("place", "S7 or S7:safe, where a station keeps the item in both"),
)
GRANTED = (
    Field("id", "the line's id", whole, needed=True),
    Field("quantity", "base units", whole, needed=True),
    Field("reason", "needed where it is less than asked", default=""),
    Field("promise", "of a short item: so much now, instead of its fair share", whole),
    Field("promise_reason", "needed where that is not its fair share", default=""),
)


def _rows(by: User) -> QuerySet[ResupplyOrder]:
    orders = visible_orders(by).select_related("station", "source", "requested_by")
    return orders.prefetch_related("lines__item")


def _listed(asked: Asked) -> QuerySet[ResupplyOrder]:
    rows = _rows(asked.by)
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    if asked["suggested"]:
        rows = rows.filter(state=ResupplyOrder.State.DRAFT, is_automatic=True)
    return rows.filter(station__code=asked["station"]) if asked["station"] else rows


def _quantities(asked: Asked) -> dict[Wanted, int]:
    texts = {line["place"] for line in asked.lines if line["place"]}
    places = {text: place_for(asked.by, text).pk for text in sorted(texts)}
    found: dict[Wanted, int] = {
        ItemAt(item.pk, places[line["place"]]) if line["place"] else item.pk: line["quantity"]
        for item, line in zip(items_of(asked.lines), asked.lines, strict=True)
    }
    if len(found) < len(asked.lines):
        raise DomainError("An item is named twice. Nothing was changed.")
    return found


def _details(asked: Asked) -> dict[str, Any]:
    told = {name: asked[name] for name in ("needed_by", "comment") if asked[name] is not None}
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
    decisions = [LineDecision(*(line[field.name] for field in GRANTED)) for line in asked.lines]
    return _step(approval.approve_order, asked, decisions=decisions, comment=asked["comment"] or "")


def _approve_together(asked: Asked) -> Any:
    """In the versions that are named, else as they are: all of them in full, or none."""
    named = {line["id"]: line["version"] for line in asked.lines}
    rows = _rows(asked.by).filter(pk__in=named).order_by("pk")
    now = {one.pk: one.version for one in rows}
    seen = {pk: now.get(pk, 0) if version is None else version for pk, version in named.items()}
    approval.approve_orders(versions=seen, **asked.command)
    return {"orders": shows(OrderShown)(rows.all())}


def _substitutes(asked: Asked) -> Any:
    require_role(asked.by, User.Role.LOGISTICS, User.Role.CHIEF)
    return shown_substitutes(offers_on(order_for(asked.by, asked["id"]), today=timezone.localdate(asked.at)))


def _substitute(asked: Asked) -> Any:
    order = order_for(asked.by, asked["id"])
    line = order.lines.select_related("order").filter(pk=asked["line_id"]).first()
    if line is None:
        raise DomainError(f"Line {asked['line_id']} is not on this request. Nothing was changed.")
    named = Substitute.objects.filter(item=line.item_id, substitute__sku=asked["item"]).select_related("substitute")
    if (other := named.first()) is None:
        raise DomainError(f"{asked['item']} is not named as a substitute for this line's item. Nothing was changed.")
    approve_substitute(line=line, substitute=other, version=asked["version"], **asked.command)
    return shown(OrderShown, _rows(asked.by), order.pk)


def _allocate(asked: Asked) -> Any:
    done = allocation.allocate_order(order=order_for(asked.by, asked["id"]), **asked.command)
    return shown(OrderShown, _rows(asked.by), done.pk)


def _ask_for(asked: Asked) -> Any:
    station = station_for(asked.by, asked["station"])
    [item] = items_of([{"item": asked["item"]}])
    ask_for(station=station, item=item, **asked.command)
    rows = visible_stations(asked.by).select_related("supplied_by").prefetch_related("locations")
    return shown(StationShown, rows, station.pk)


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
            Field("suggested", "only what the sweep suggests, ready to be sent", is_flag=True),
        ),
        Verb("show", "one", lambda asked: shown(OrderShown, _rows(asked.by), order_for(asked.by, asked["id"]).pk), ID),
        Verb(
            "draft",
            "write a request",
            _draft,
            Field("station", "who asks, by code", needed=True),
            DETAILS,
            SKU_LINE,
            needs_lines=True,
        ),
        Verb(
            "edit",
            "change lines of a draft",
            lambda asked: _step(drafts.edit_order, asked, quantities=_quantities(asked), **_details(asked)),
            ID,
            (VERSION, *DETAILS),
            SKU_LINE,
        ),
        Verb(
            "submit",
            "send a draft to its approvers, with last changes to it",
            lambda asked: _step(drafts.submit_order, asked, quantities=_quantities(asked), **_details(asked)),
            ID,
            (VERSION, *DETAILS),
            SKU_LINE,
        ),
        Verb(
            "approve",
            "approve as the next approver; lines not named in full",
            _approve,
            ID,
            (VERSION, COMMENT),
            GRANTED,
        ),
        Verb(
            "approve-together",
            "approve several in full, all or none",
            _approve_together,
            line=(Field("id", "the request's id", whole, needed=True), VERSION),
            needs_lines=True,
        ),
        Verb("substitutes", "what could be sent instead of what its source cannot fill", _substitutes, ID),
        Verb(
            "substitute",
            "grant less of a line that its source cannot fill, and ask for another item; approve it then",
            _substitute,
            ID,
            (
                VERSION,
                Field("line_id", "the line's id", whole, needed=True),
                Field("item", "SKU of what is sent instead", needed=True),
            ),
        ),
        Verb("allocate", "look for stock for what it is still owed", _allocate, ID),
        Verb(
            "ask-for",
            "the chief tells a station to request an item that it should hold",
            _ask_for,
            Field("station", "code of the station", needed=True),
            (Field("item", "SKU", needed=True),),
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
