"""What bodies ask for: each names items, places and lines as the answers do."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from integrations.api.serializers import Asked
from inventory.models import Item

MOST_LINES = 1000
MOST = 1_000_000


class Quantity(serializers.IntegerField):
    """So many base units."""

    def __init__(self, *, least: int = 1, **kwargs: Any) -> None:
        super().__init__(min_value=least, max_value=MOST, **kwargs)


class Reason(Asked):
    """A decision that must be explained."""

    reason = serializers.CharField(max_length=200, help_text="Why; those concerned read it.")


class Nothing(Asked):
    """A step that needs no words."""


def lines_field(line: Any, **kwargs: Any) -> Any:
    """Many lines of a body, at most a thousand."""
    return line(many=True, max_length=MOST_LINES, **kwargs)


def by_code(
    rows: QuerySet[Any], codes: Iterable[Any], *, field: str, says: str, path: str = "lines", key: str = "item"
) -> Mapping[Any, Any]:
    """Rows by a code of theirs; unknown codes are refused line by line. One query."""
    asked = list(codes)
    found = {getattr(row, field): row for row in rows.filter(**{f"{field}__in": set(asked)})}
    problems = [{} if code in found else {key: [says.format(code)]} for code in asked]
    if any(problems):
        raise serializers.ValidationError({path: problems})
    return found


def items_of(lines: Iterable[Mapping[str, Any]]) -> Mapping[str, Item]:
    """The items that lines name by SKU."""
    skus = [line["item"] for line in lines]
    return by_code(Item.objects.all(), skus, field="sku", says="There is no item {}. Use the SKU as /items gives it.")
