"""What bodies ask for: each names items, places and lines as the answers do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from integrations.api.fields import Id, Quantity, Text, Version
from integrations.api.serializers import Asked
from inventory.access import visible_locations
from inventory.models import Item
from stations.models import Location, User

MOST_LINES = 1000
NO_ITEM = "There is no item {}. Use the SKU as /items gives it."
ITSELF = "non_field_errors"  # what is wrong with a line that has no fields


class Reason(Asked):
    """A decision that must be explained."""

    reason = Text(max_length=200, help_text="Why; those concerned read it.")


class Nothing(Asked):
    """A step that needs no words."""


class LotLine(Asked):
    """So many of one lot."""

    lot = Id(help_text="Its id.")
    quantity = Quantity(help_text="Base units.")


class ItemLine(Asked):
    """So many of an item: of this lot, or of those that expire first."""

    item = Text(max_length=40, help_text="SKU.")
    quantity = Quantity(help_text="Base units.")
    lot = Id(required=False, help_text="Its id. Without it, what expires first is taken.")


class Seen(Asked):
    """One of several, in the version that was read."""

    id = Id()
    version = Version(help_text="If it is another by now, all are refused.")


def lines_field(line: Any, *, most: int = MOST_LINES, **kwargs: Any) -> Any:
    """Many lines of a body, at most a thousand."""
    return line(many=True, max_length=most, **kwargs)


def wrong_rows(path: str, problems: Mapping[int, Mapping[str, str]], *, code: str = "unknown") -> None:
    """Refuse these rows of a body: for each, by its number from 0, what is wrong with which field."""
    if problems:
        rows = [
            {key: [serializers.ErrorDetail(text, code=code)] for key, text in problems.get(number, {}).items()}
            for number in range(max(problems) + 1)
        ]
        raise serializers.ValidationError({path: rows})


def by_code(
    rows: QuerySet[Any], codes: Iterable[Any], *, field: str, says: str, path: str = "lines", key: str = "item"
) -> Mapping[Any, Any]:
    """Rows by a code of theirs; unknown codes are refused line by line. One query."""
    asked = list(codes)
    found = {getattr(row, field): row for row in rows.filter(**{f"{field}__in": set(asked)})}
    wrong_rows(path, {number: {key: says.format(code)} for number, code in enumerate(asked) if code not in found})
    return found


def one_by_code(rows: QuerySet[Any], code: Any, *, field: str, says: str, key: str) -> Any:
    """The row that a field of the body names; refused by that field if there is none."""
    found = rows.filter(**{field: code}).first()
    if found is None:
        raise serializers.ValidationError({key: [serializers.ErrorDetail(says.format(code), code="unknown")]})
    return found


def items_of(lines: Iterable[Mapping[str, Any]], *, path: str = "lines") -> Mapping[str, Item]:
    """The items that lines name by SKU."""
    skus = [line["item"] for line in lines]
    return by_code(Item.objects.all(), skus, field="sku", says=NO_ITEM, path=path)


def item_of(sku: str, *, key: str = "item") -> Item:
    """The item that a field of the body names by its SKU."""
    item: Item = one_by_code(Item.objects.all(), sku, field="sku", says=NO_ITEM, key=key)
    return item


def place_of(person: User, pk: int, *, key: str = "location") -> Location:
    """The place that a field of the body names, if the person may see it."""
    places = visible_locations(person).select_related("station", "unit__station")
    place: Location = one_by_code(places, pk, field="pk", says="There is no place {} that you may see.", key=key)
    return place


def versions_of(path: str, seen: Sequence[Mapping[str, int]]) -> dict[int, int]:
    """The versions of several that a body names, by id."""
    refuse_twice(path, "id", [one["id"] for one in seen], "This is named twice.")
    return {one["id"]: one["version"] for one in seen}


def refuse_twice(path: str, key: str, values: Sequence[Any], says: str) -> None:
    """Refuse lines that name the same thing as an earlier or later one."""
    seen: dict[Any, int] = {}
    for value in values:
        seen[value] = seen.get(value, 0) + 1
    wrong = {number: {key: says} for number, value in enumerate(values) if seen[value] > 1}
    wrong_rows(path, wrong, code="twice")
