"""``ems stock``, ``ems item``, ``ems lot`` and ``ems par``."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from integrations.api.shown.stock import ItemShown, LevelShown, LotShown, MovementShown, ParLevelShown
from integrations.command_line.readers import items_of, lots_of, place_for, shown, shows
from integrations.command_line.table import ID, ITEM, REASON, Asked, Field, Noun, Verb, day, listing, whole
from inventory.access import visible_levels, visible_locations, visible_lots, visible_movements
from inventory.actions import stock as actions
from inventory.actions.par_levels import ParChange, set_par_levels
from inventory.models import Item, Lot, ParLevel, StockLevel
from stations.access import station_for

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


def _moved(asked: Asked, movement: Any) -> Any:
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
    return _moved(asked, done)


def _of_lots(asked: Asked) -> list[actions.OfLot]:
    return [actions.OfLot(lot, line["quantity"]) for lot, line in zip(lots_of(asked.lines), asked.lines, strict=True)]


def _move(asked: Asked) -> Any:
    done = actions.transfer_stock(
        source=place_for(asked.by, asked["place"], write=True),
        destination=place_for(asked.by, asked["to"], write=True),
        lines=_of_lots(asked),
        reference=asked["reference"],
        **asked.command,
    )
    return _moved(asked, done)


def _use(asked: Asked) -> Any:
    """Of the lot that is named, else of those that expire first."""
    named = [line for line in asked.lines if line["lot"]]
    lots = dict(zip(map(id, named), lots_of(named), strict=True))
    lines = [
        actions.Used(item.pk, line["quantity"], lots.get(id(line)))
        for item, line in zip(items_of(asked.lines), asked.lines, strict=True)
    ]
    place = place_for(asked.by, asked["place"], write=True)
    return _moved(asked, actions.use_stock(location=place, lines=lines, reference=asked["reference"], **asked.command))


def _discard(asked: Asked) -> Any:
    lots = zip(lots_of(asked.lines), asked.lines, strict=True)
    lines = [actions.Discarded(lot, line["quantity"]) for lot, line in lots]
    place = place_for(asked.by, asked["place"], write=True)
    return _moved(asked, actions.discard_stock(location=place, lines=lines, reason=asked["reason"], **asked.command))


def _undo(asked: Asked) -> Any:
    movement = visible_movements(asked.by).filter(pk=asked["id"]).first()
    if movement is None:
        raise Http404
    return _moved(asked, actions.reverse_movement(movement=movement, reason=asked["reason"], **asked.command))


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
        Verb("discard", "throw away", _discard, PLACE, (REASON,), LOT_LINE, needs_lines=True),
        Verb("undo", "a movement, by one back", _undo, ID, (REASON,)),
    ),
)


def _items(asked: Asked) -> QuerySet[Item]:
    rows = Item.objects.prefetch_related("packs")
    return rows.filter(kind=asked["kind"]) if asked["kind"] else rows


def _lots(asked: Asked) -> QuerySet[Lot]:
    rows = visible_lots(asked.by).select_related("item")
    if asked["status"]:
        rows = rows.filter(status=asked["status"])
    return rows.filter(item__sku=asked["item"]) if asked["item"] else rows


ITEMS = Noun(
    "item",
    "the catalogue",
    (listing("list", "items", _items, shows(ItemShown), Field("kind", "only these", choices=Item.Kind.values)),),
)
LOTS = Noun(
    "lot",
    "lots of items",
    (listing("list", "lots", _lots, shows(LotShown), ITEM, Field("status", "only these", choices=Lot.Status.values)),),
)


def _par_rows(asked: Asked) -> QuerySet[ParLevel]:
    return ParLevel.objects.filter(location__in=visible_locations(asked.by)).select_related("item")


def _pars(asked: Asked) -> QuerySet[ParLevel]:
    rows = _par_rows(asked)
    if asked["place"]:
        rows = rows.filter(location=place_for(asked.by, asked["place"]))
    return rows.filter(item__sku=asked["item"]) if asked["item"] else rows


def _set_pars(asked: Asked) -> Any:
    """What a line does not say stays as it is."""
    place, items = place_for(asked.by, asked["place"]), items_of(asked.lines)
    now = {level.item_id: level for level in ParLevel.objects.filter(location=place, item__in=items)}
    changes = []
    for item, line in zip(items, asked.lines, strict=True):
        level = now.get(item.pk)
        changes.append(
            ParChange(
                place.pk,
                item.pk,
                line["par"],
                line["minimum"],
                bin=line["bin"] if line["bin"] is not None else (level.bin if level else ""),
                version=line["version"] if line["version"] is not None else (level.version if level else None),
                mandated_minimum=line["mandated_minimum"],
                short_below=line["short_below"],
            )
        )
    saved = set_par_levels(changes=changes, **asked.command)
    return {"changed": [shown(ParLevelShown, _par_rows(asked), level.pk) for level in saved]}


PARS = Noun(
    "par",
    "par levels",
    (
        listing("list", "par levels", _pars, shows(ParLevelShown), AT, ITEM),
        Verb(
            "set",
            "how much of items a place should hold",
            _set_pars,
            PLACE,
            (),
            (
                OF_ITEM,
                Field("par", "fill up to", whole, needed=True),
                Field("minimum", "act below", whole, needed=True),
                Field("short_below", "Short below", whole),
                Field("mandated_minimum", "what a rule demands", whole),
                Field("bin", "where it lies"),
                Field("version", "refuse if it is no longer this version", whole),
            ),
            needs_lines=True,
        ),
    ),
)
