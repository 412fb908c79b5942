"""What a draft asks for: so many of an item for a place; some items are kept in the supply room and in the safe."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from inventory.models import Item, ParLevel
from orders.models import OrderLine, ResupplyOrder
from stations.models import Location, Station

MOST = 1_000_000


class ItemAt(NamedTuple):
    """An item for one shelf of the station, by their ids."""

    item_id: int
    location_id: int


Wanted = int | ItemAt  # an item id alone: on its only line, or where it belongs
Quantities = Mapping[int, int] | Mapping[ItemAt, int] | Mapping[Wanted, int]  # base units by such a key
Changes = dict[str, list[int | None]]


def set_quantities(order: ResupplyOrder, quantities: Quantities) -> Changes:
    """Write the asked quantities, in base units, to a locked draft; say what changed as name: [before, after].

    A changed line is a person's from then on. Refuses what is not in the catalogue or no longer in use, quantities out
    of range, places of other stations, and an item alone that stands on several lines.
    """
    if not quantities:
        return {}
    lines = {ItemAt(line.item_id, line.location_id): line for line in order.lines.select_related("item", "location")}
    items = _checked_items(quantities, lines)
    wanted = _placed(order.station, quantities, lines, items)
    changed = [lines[key] for key, asked in wanted.items() if key in lines and lines[key].asked != asked]
    changes: Changes = {
        _name(line, lines): [line.asked, wanted[ItemAt(line.item_id, line.location_id)]] for line in changed
    }
    for line in changed:
        line.asked = wanted[ItemAt(line.item_id, line.location_id)]
        line.is_edited = True
    write_rows(changed, ["asked", "is_edited"])
    new = {key: asked for key, asked in wanted.items() if key not in lines and asked}
    OrderLine.objects.bulk_create(
        OrderLine(order=order, item=items[key.item_id], location_id=key.location_id, asked=asked, is_edited=True)
        for key, asked in new.items()
    )
    return changes | {items[key.item_id].sku: [None, asked] for key, asked in new.items()}


def _name(line: OrderLine, lines: Iterable[ItemAt]) -> str:
    """The SKU, and the place where the item stands on several lines."""
    is_split = sum(key.item_id == line.item_id for key in lines) > 1
    return f"{line.item.sku}, {line.location.name}" if is_split else line.item.sku


def _item_of(key: Wanted) -> int:
    return key if isinstance(key, int) else key.item_id


def _checked_items(quantities: Quantities, lines: Mapping[ItemAt, OrderLine]) -> dict[int, Item]:
    """The items by id: those of the lines, and those that are added."""
    known = {key.item_id: line.item for key, line in lines.items()}
    added = Item.objects.in_bulk({_item_of(key) for key in quantities} - known.keys())
    items = known | added
    problems = [
        _("Item %(item)s is not in the catalogue.") % {"item": _item_of(key)}
        for key in quantities
        if _item_of(key) not in items
    ]
    problems += [
        _("%(item)s is no longer in use: choose another item.") % {"item": item}
        for item in added.values()
        if not item.is_active
    ]
    problems += [
        _("%(item)s: %(asked)s is not a quantity from 0 to %(most)s.")
        % {"item": items.get(_item_of(key), _item_of(key)), "asked": asked, "most": f"{MOST:,}"}
        for key, asked in quantities.items()
        if not 0 <= asked <= MOST
    ]
    if problems:
        raise DomainError(_("Some lines cannot be asked for like this. Nothing was saved."), problems=problems)
    return items


def _placed(
    station: Station, quantities: Quantities, lines: Iterable[ItemAt], items: Mapping[int, Item]
) -> dict[ItemAt, int]:
    """The quantities by item and place: an item alone means its only line, or goes where it belongs."""
    on_lines: dict[int, list[ItemAt]] = {}
    for line in lines:
        on_lines.setdefault(line.item_id, []).append(line)
    alone = {key: asked for key, asked in quantities.items() if isinstance(key, int)}
    placed = {key: asked for key, asked in quantities.items() if not isinstance(key, int)}
    _refuse_places(station, placed, {key: on_lines.get(key, []) for key in alone}, items)
    belongs = shelves_for(station, [items[pk] for pk in alone if pk not in on_lines])
    return placed | {
        on_lines[pk][0] if pk in on_lines else ItemAt(pk, belongs[pk]): asked for pk, asked in alone.items()
    }


def _refuse_places(
    station: Station, placed: Iterable[ItemAt], alone: Mapping[int, list[ItemAt]], items: Mapping[int, Item]
) -> None:
    shelves = set(Location.objects.shelves().filter(station=station).values_list("pk", flat=True)) if placed else set()
    strange = [key for key in placed if key.location_id not in shelves]
    problems = [
        _("%(item)s: that place is no shelf of %(station)s.") % {"item": items[key.item_id], "station": station}
        for key in strange
    ]
    problems += [
        _("%(item)s goes to more than one place: say how many for each.") % {"item": items[pk]}
        for pk, lines in alone.items()
        if len(lines) > 1 or any(key.item_id == pk for key in placed)
    ]
    if problems:
        raise DomainError(_("Some lines cannot be asked for like this. Nothing was saved."), problems=problems)


def shelves_for(station: Station, items: list[Item]) -> dict[int, int]:
    """Where at a station each item belongs, as location ids by item id: the safe for a scheduled drug and the supply
    room for all else, unless its par level is only in the other. Refuses a station without a supply room."""
    shelves = dict(Location.objects.shelves().filter(station=station).values_list("kind", "pk"))
    if items and Location.Kind.SUPPLY_ROOM not in shelves:
        raise DomainError(
            _("%(station)s has no supply room to deliver to: import its locations first.") % {"station": station}
        )
    room = shelves.get(Location.Kind.SUPPLY_ROOM, 0)
    safe = shelves.get(Location.Kind.SAFE, room)
    listed: dict[int, set[int]] = {}
    pars = ParLevel.objects.filter(location__in=shelves.values(), item__in=items)
    for item, place in pars.values_list("item_id", "location_id"):
        listed.setdefault(item, set()).add(place)
    usual = {item.pk: safe if item.schedule else room for item in items}
    return {pk: place if place in listed.get(pk, {place}) else min(listed[pk]) for pk, place in usual.items()}
