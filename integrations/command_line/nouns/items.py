"""``ems item``."""

from typing import Any

from django.db.models import QuerySet

from integrations.api.shown.items import ItemShown, shown_items
from integrations.command_line.nouns.stock import OF_ITEM
from integrations.command_line.readers import items_of, shown, shows
from integrations.command_line.table import Asked, Field, Noun, Verb, listing, whole
from inventory.actions import codes, substitutes
from inventory.codes.scanned import System
from inventory.forms.codes import code_meant, pack_named
from inventory.models import Item, ItemCode

SUBSTITUTE = Field("substitute", "SKU of what may be sent instead", needed=True)


def _listed(asked: Asked) -> QuerySet[Item]:
    rows = shown_items()
    return rows.filter(kind=asked["kind"]) if asked["kind"] else rows


def _item(sku: str) -> Item:
    [found] = items_of([{"item": sku}])
    return found


def _shown(item: Item) -> Any:
    return shown(ItemShown, shown_items(), item.pk)


def _link(asked: Asked) -> Any:
    item = _item(asked["item"])
    code, pack = code_meant(asked["code"], asked["meant"]), pack_named(item, asked["pack"])
    return _shown(codes.link_code(item=item, code=code, pack=pack, **asked.command))


def _unlink(asked: Asked) -> Any:
    linked = ItemCode(item=_item(asked["item"]), system=asked["system"], code=asked["code"])
    return _shown(codes.unlink_code(linked=linked, **asked.command))


def _set(asked: Asked) -> Any:
    item = _item(asked["item"])
    told = {name: asked[name] for name in ("quantity", "per", "preference", "note")}
    substitutes.set_substitute(item=item, substitute=_item(asked["substitute"]), **told, **asked.command)
    return _shown(item)


def _remove(asked: Asked) -> Any:
    item, other = _item(asked["item"]), _item(asked["substitute"])
    return _shown(substitutes.remove_substitute(item=item, substitute=other, **asked.command))


ITEMS = Noun(
    "item",
    "the catalogue, the codes that name it, and what may be sent instead",
    (
        listing("list", "items", _listed, shows(ItemShown), Field("kind", "only these", choices=Item.Kind.values)),
        Verb("show", "one with its packs, codes and substitutes", lambda asked: _shown(_item(asked["item"])), OF_ITEM),
        Verb(
            "link-code",
            "a code names it from now on, or one of its packs",
            _link,
            OF_ITEM,
            (
                Field("code", "as scanned, or as printed below the bars", needed=True),
                Field("meant", "which is printed, where the code may be several", default=""),
                Field("pack", "name of the pack that carries it; none: one base unit", default=""),
            ),
        ),
        Verb(
            "unlink-code",
            "take back a code that was linked",
            _unlink,
            OF_ITEM,
            (
                Field("system", "whose number it is", needed=True, choices=[system.value for system in System]),
                Field("code", "as `show` gives it", needed=True),
            ),
        ),
        Verb(
            "set-substitute",
            "name what may be sent when it is lacking, or change what was said",
            _set,
            OF_ITEM,
            (
                SUBSTITUTE,
                Field("quantity", "so many of the substitute …", whole, default=1),
                Field("per", "… for so many of the item", whole, default=1),
                Field("preference", "1 is offered first", whole, default=1),
                Field("note", "what the crew must know", default=""),
            ),
        ),
        Verb("remove-substitute", "offer it no more", _remove, OF_ITEM, (SUBSTITUTE,)),
    ),
)
