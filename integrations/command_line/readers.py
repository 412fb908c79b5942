"""Codes that people type, to the rows that they mean, through the same doors as the pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from rest_framework.serializers import BaseSerializer

from core.errors import DomainError
from core.pictures import Picture, PictureRefused, read_picture
from inventory.access import visible_locations
from inventory.models import Item, Lot
from stations.access import require_write
from stations.models import Location, User

Line = Mapping[str, Any]


class UnknownCodes(DomainError):
    """Some of what was named is not there: each of it, at once."""


def items_of(lines: Iterable[Line]) -> list[Item]:
    """The items that these lines name, in their order. One query."""
    skus = [line["item"] for line in lines]
    found = {item.sku: item for item in Item.objects.filter(sku__in=skus)}
    if unknown := [sku for sku in dict.fromkeys(skus) if sku not in found]:
        raise UnknownCodes(
            "Some items are not in the catalogue. Nothing was changed; `item list` gives their SKUs.",
            problems=[f"There is no item {sku}." for sku in unknown],
        )
    return [found[sku] for sku in skus]


def lots_of(lines: Sequence[Line]) -> list[int]:
    """The lots that these lines name by item and lot or serial number. Two queries."""
    items = items_of(lines)
    known: dict[tuple[int, str], int] = {}
    for lot in Lot.objects.filter(item__in=items):
        known[lot.item_id, lot.serial_number or lot.number] = lot.pk
    keys = [(item.pk, line["lot"] or "") for item, line in zip(items, lines, strict=True)]
    if unknown := [line for key, line in zip(keys, lines, strict=True) if key not in known]:
        raise UnknownCodes(
            "Some lots are not known. Nothing was changed; `lot list` gives them.",
            problems=[f"There is no lot {line['lot'] or 'without a number'} of {line['item']}." for line in unknown],
        )
    return [known[key] for key in keys]


def place_for(user: User, text: str, *, write: bool = False) -> Location:
    """A place by the code of its station or unit: ``S7`` its supply room, ``S7:safe`` its safe, ``M7`` the unit."""
    code, _, kind = text.partition(":")
    rows = visible_locations(user).select_related("station", "unit__station")
    found = list(rows.filter(station__code=code, kind=kind or Location.Kind.SUPPLY_ROOM))
    if not kind or kind in Location.VEHICLES:
        found += rows.filter(unit__code=code)
    if len(found) > 1:
        raise UnknownCodes(f"{code} is a station and a unit: write {code}:supply_room or {code}:{found[1].kind}.")
    if not found:
        raise UnknownCodes(f"There is no place {text} that this person may see. Write S7, S7:safe, or a unit's code.")
    if write:
        require_write(user, found[0].owner)
    return found[0]


def photos(text: str) -> list[Picture]:
    """The photos in these files, with commas between."""
    found = []
    for path in map(Path, text.split(",")):
        try:
            with path.open("rb") as file:
                found.append(read_picture(file, size=path.stat().st_size))
        except (OSError, PictureRefused) as error:
            raise ValueError(f"{path}: {error}") from error
    return found


def shows(serializer: Any) -> Callable[[Any], Any]:
    """Rows, as the API shows them."""

    def show(rows: Any) -> Any:
        made: BaseSerializer[Any] = serializer(rows, many=True)
        return made.data

    return show


def shown(serializer: Any, rows: QuerySet[Any], pk: int) -> Any:
    """One row as it is now, as the API shows it."""
    return serializer(rows.get(pk=pk)).data
