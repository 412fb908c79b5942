"""``ems lot`` and ``ems par``."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from integrations.api.shown.stock import LotShown, ParLevelShown
from integrations.command_line.nouns.stock import AT, OF_ITEM, PLACE
from integrations.command_line.readers import items_of, place_for, shown, shows
from integrations.command_line.table import ID, ITEM, REASON, Asked, Field, Noun, Verb, listing, whole
from inventory.access import visible_locations, visible_lots
from inventory.actions.lots import set_lot_status
from inventory.actions.par_levels import ParChange, set_par_levels
from inventory.actions.par_undo import undo_par_levels
from inventory.models import Lot, ParLevel


def _lots(asked: Asked) -> QuerySet[Lot]:
    rows = visible_lots(asked.by).select_related("item")
    if asked["status"]:
        rows = rows.filter(status=asked["status"])
    return rows.filter(item__sku=asked["item"]) if asked["item"] else rows


def _hold(asked: Asked) -> Any:
    lot = get_object_or_404(visible_lots(asked.by), pk=asked["id"])
    told = {name: asked[name] for name in ("status", "reason", "was")}
    done = set_lot_status(lot=lot, **told, **asked.command)
    return shown(LotShown, visible_lots(asked.by).select_related("item"), done.pk)


LOTS = Noun(
    "lot",
    "lots of items",
    (
        listing("list", "lots", _lots, shows(LotShown), ITEM, Field("status", "only these", choices=Lot.Status.values)),
        Verb(
            "hold",
            "quarantine, recall or release it everywhere at once",
            _hold,
            ID,
            (
                Field("status", "what it is from now on", needed=True, choices=Lot.Status.values),
                REASON,
                Field("was", "refuse if it is no longer this", choices=Lot.Status.values),
            ),
        ),
    ),
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
    return _changed(asked, set_par_levels(changes=changes, **asked.command))


def _undo_pars(asked: Asked) -> Any:
    return _changed(asked, undo_par_levels(done=asked["command"], **asked.command))


def _changed(asked: Asked, saved: Sequence[ParLevel]) -> Any:
    rows = _par_rows(asked).filter(pk__in=[level.pk for level in saved]).order_by("pk")
    return {"command": str(asked.request_id), "changed": shows(ParLevelShown)(rows)}


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
        Verb(
            "undo",
            "set back what one set of this person's changed",
            _undo_pars,
            Field("command", "as the answer of `set` named it", UUID, needed=True),
        ),
    ),
)
