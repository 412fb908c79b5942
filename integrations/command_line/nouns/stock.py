"""``ems stock``."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from integrations.api.shown.stock import LevelShown, MovementShown
from integrations.command_line.readers import items_of, lots_of, place_for, shows
from integrations.command_line.table import ID, ITEM, REASON, Asked, Field, Noun, Verb, day, listing, whole
from integrations.command_line.witnesses import WITNESSED, signature_in
from inventory.access import visible_levels, visible_movements
from inventory.actions import stock as actions
from inventory.actions.undoing import undo_moves
from inventory.models import StockLevel
from stations.access import station_for
from stations.models import Command

PLACE = Field("place", "code of a station (S7, S7:safe) or unit (M7)", needed=True)
AT = Field("place", "only here: S7, S7:safe, M7")
REFERENCE = Field("reference", "incident or purchase order", default="")
LOT = Field("lot", "lot or serial number; none for stock without one", default="")
QUANTITY = Field("quantity", "base units", whole, needed=True)
OF_ITEM = Field("item", "SKU", needed=True)
LOT_LINE = (OF_ITEM, LOT, QUANTITY)


def _stock(asked: Asked) -> QuerySet[StockLevel]:
    rows = visible_levels(asked.by).select_related("lot__item")
    if asked["place"]:
        rows = rows.filter(location=place_for(asked.by, asked["place"]))
    return rows.filter(lot__item__sku=asked["item"]) if asked["item"] else rows


def moved(asked: Asked, movement: Any) -> Any:
    """What the command added to the ledger."""
    rows = visible_movements(asked.by).filter(command=movement.command_id)
    rows = rows.select_related("lot__item", "moved_by", "witness").order_by("pk")
    return {"movements": shows(MovementShown)(rows)}


def _receive(asked: Asked) -> Any:
    lines = [
        actions.ReceivedLot(item.pk, line["lot"], line["expires"], line["quantity"], line["serial"])
        for item, line in zip(items_of(asked.lines), asked.lines, strict=True)
    ]
    station = station_for(asked.by, asked["station"], write=True)
    done = actions.receive_stock(station=station, lines=lines, reference=asked["reference"], **asked.command)
    return moved(asked, done)


def lots_in(asked: Asked) -> list[actions.OfLot]:
    return [actions.OfLot(lot, line["quantity"]) for lot, line in zip(lots_of(asked.lines), asked.lines, strict=True)]


def _move(asked: Asked) -> Any:
    done = actions.transfer_stock(
        source=place_for(asked.by, asked["place"], write=True),
        destination=place_for(asked.by, asked["to"], write=True),
        lines=lots_in(asked),
        reference=asked["reference"],
        **asked.command,
    )
    return moved(asked, done)


def used_in(asked: Asked) -> list[actions.Used]:
    """Of the lot that is named, else of those that expire first."""
    named = [line for line in asked.lines if line["lot"]]
    lots = dict(zip(map(id, named), lots_of(named), strict=True))
    return [
        actions.Used(item.pk, line["quantity"], lots.get(id(line)))
        for item, line in zip(items_of(asked.lines), asked.lines, strict=True)
    ]


def _use(asked: Asked) -> Any:
    place = place_for(asked.by, asked["place"], write=True)
    done = actions.use_stock(location=place, lines=used_in(asked), reference=asked["reference"], **asked.command)
    return moved(asked, done)


def _written_off(action: Any) -> Any:
    """A scheduled drug before a witness, who signs."""

    def act(asked: Asked) -> Any:
        place, lines = place_for(asked.by, asked["place"], write=True), lots_in(asked)
        witness = signature_in(asked, at=place.owner)
        done = action(location=place, lines=lines, reason=asked["reason"], witness=witness, **asked.command)
        return moved(asked, done)

    return act


def _undo(asked: Asked) -> Any:
    movement = visible_movements(asked.by).filter(pk=asked["id"]).first()
    if movement is None:
        raise Http404
    return moved(asked, actions.reverse_movement(movement=movement, reason=asked["reason"], **asked.command))


def _undo_together(asked: Asked) -> Any:
    done = Command.objects.filter(pk=asked["command"], by=asked.by).first()
    if done is None:
        raise Http404
    return moved(asked, undo_moves(done=done.request_id, **asked.command)[0])


STOCK = Noun(
    "stock",
    "what is where, and moving it by hand",
    (
        listing("list", "levels of lots", _stock, shows(LevelShown), AT, ITEM),
        Verb(
            "receive",
            "put what a supplier brought on a station's shelves",
            _receive,
            Field("station", "code", needed=True),
            (REFERENCE,),
            (OF_ITEM, LOT, Field("serial", "of a piece", default=""), Field("expires", "2027-03-31", day), QUANTITY),
            needs_lines=True,
        ),
        Verb(
            "move",
            "from one place to another",
            _move,
            PLACE,
            (Field("to", "where it goes", needed=True), REFERENCE),
            LOT_LINE,
            needs_lines=True,
        ),
        Verb("use", "on a patient", _use, PLACE, (REFERENCE,), LOT_LINE, needs_lines=True),
        Verb(
            "discard",
            "throw away what is expired, damaged or recalled",
            _written_off(actions.discard_stock),
            PLACE,
            (REASON, *WITNESSED),
            LOT_LINE,
            needs_lines=True,
        ),
        Verb(
            "waste",
            "write off what was drawn or opened and not given",
            _written_off(actions.waste_stock),
            PLACE,
            (REASON, *WITNESSED),
            LOT_LINE,
            needs_lines=True,
        ),
        Verb("undo", "a movement, by one back", _undo, ID, (REASON,)),
        Verb(
            "undo-together",
            "all lines of what one did a moment ago",
            _undo_together,
            Field("command", "its number, as its movements show it", whole, needed=True),
        ),
    ),
)
