"""Long lists a piece at a time: the next piece begins after the last row that was given, whatever came in between."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from integrations.queries.changes import Piece

SIZE, LARGEST = 100, 1000
AFTER, LIMIT = "after", "limit"
LAST = 2**63 - 1


class AfterId(BasePagination):
    """``?after=ID&limit=N``: rows by their id, those after ``after``. Nothing is counted; no row is given twice or left
    out because others were added or removed meanwhile. ``next`` is the address of the rest, null at the end."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.limit = request, _whole(request, LIMIT, SIZE, least=1, most=LARGEST)
        after = _whole(request, AFTER, 0, least=0, most=LAST)
        rows = list(queryset.filter(pk__gt=after).order_by("pk")[: self.limit + 1])
        self.has_more = len(rows) > self.limit
        self.rows = rows[: self.limit]
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if self.has_more:
            address = remove_query_param(self.request.build_absolute_uri(), AFTER)
            following = replace_query_param(address, AFTER, self.rows[-1].pk)
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {"type": ["string", "null"], "format": "uri", "description": "The rest; null at the end."}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            _parameter(AFTER, "Rows after the one with this id.", minimum=0, maximum=LAST),
            _parameter(LIMIT, "So many rows.", minimum=1, maximum=LARGEST, default=SIZE),
        ]


class AfterPosition(AfterId):
    """The same for the change feed, whose answer also says where it ended: ``after`` goes on behind what was looked at,
    though none of it may be shown."""

    def after(self, request: Request) -> int:
        return _whole(request, AFTER, 0, least=0, most=LAST)

    def size(self, request: Request) -> int:
        return _whole(request, LIMIT, SIZE, least=1, most=LARGEST)

    def answer(self, request: Request, data: Any, piece: Piece) -> Response:
        following = replace_query_param(request.build_absolute_uri(), AFTER, piece.after) if piece.has_more else None
        return Response({"next": following, "after": piece.after, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = super().get_paginated_response_schema(schema)
        says = "Ask on from here, now or later."
        found["properties"]["after"] = {"type": "integer", "minimum": 0, "description": says}
        return {**found, "required": ["next", "after", "results"]}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            _parameter(AFTER, "Changes after this position: the `after` of the last answer.", minimum=0, maximum=LAST),
            _parameter(LIMIT, "At most so many changes.", minimum=1, maximum=LARGEST, default=SIZE),
        ]


def _parameter(name: str, says: str, **bounds: int) -> dict[str, Any]:
    schema = {"type": "integer", **bounds}
    return {"name": name, "in": "query", "required": False, "description": says, "schema": schema}


def _whole(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    """A whole number of the query; anything else is refused by name."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most:
        return int(text)
    raise ValidationError({name: f"Write a whole number from {least} to {most}."})
