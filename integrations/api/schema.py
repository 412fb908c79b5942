"""The OpenAPI schema says what is true of every call: its errors, its Idempotency-Key, its ETag."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.serializers import ListSerializer, TimeField

from integrations.api.fields import One, Text
from integrations.api.once import HEADER
from integrations.api.problems import MEDIA_TYPE
from integrations.api.serializers import FIELDS, Asked, Problem, Shown

# What the fields of bodies look like, in every body alike.
EXAMPLES = {
    "item": "GLV-M",
    "substitute": "GLV-L",
    "code": "00614141123452",
    "pack": "box",
    "command": 4211,
    "station": "S12",
    "depot": "WH",
    "van": "V1",
    "unit": "M7",
    "driver": "lee",
    "lot_number": "NLX22",
    "expires_on": "2027-03-31",
    "quantity": 100,
    "par": 200,
    "minimum": 100,
    "reference": "26-004211",
    "reason": "Two boxes were wet",
    "handed_to": "Lee, in the bay",
    "leaves_at": "2027-01-15T08:00:00-05:00",
    "needed_by": "2027-01-15T18:00:00-05:00",
    "stations": ["S12", "S3"],
    "recalls": ["D-0123-2026", "Z-1187-2026"],
}
# And an error.
PROBLEM = {
    "type": "urn:ems-supply:problem:invalid",
    "title": "Bad Request",
    "status": 400,
    "code": "invalid",
    "detail": "Some of this cannot be taken. Nothing was changed: mend what `errors` lists and send it again.",
    "errors": [{"field": "lines.3.quantity", "code": "min_value", "message": "Write 1 or more."}],
}
CLOCK = r"^[0-9]{2}:[0-9]{2}:[0-9]{2}$"
ALWAYS = {
    400: "What was sent cannot be read; `errors` says where.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token lacks the scope, or the person's role or station does not allow it.",
    404: "There is no such thing, or it may not be seen.",
    406: "Only JSON is spoken.",
    429: "Too many calls. Retry-After says for how many seconds to wait.",
}
CHANGES = {
    409: "Somebody was first, or works on the same stock just now. Read again, or retry.",
    412: "It was changed since the version of If-Match.",
    415: "The body is in no format that is read here.",
    422: "Refused by a rule of the trade; `detail` says what to do. Or the Idempotency-Key stands for another call.",
    428: "If-Match is missing.",
}


class Schema(AutoSchema):
    """Adds to each operation what the machinery around it does."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "area", "api")]

    def get_override_parameters(self) -> list[Any]:
        found = list(super().get_override_parameters())
        names: dict[str, str] = getattr(self.view, "action_map", None) or {}
        handler = getattr(self.view, names.get(self.method.lower(), ""), None)
        if getattr(handler, "is_once", False):
            says = "Yours to choose, a new one for each thing that you want done. A repeat is given the first answer."
            pattern = r"^[\x21-\x7e]{1,255}$"
            key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": pattern}
            found.append(OpenApiParameter(HEADER, key, OpenApiParameter.HEADER, required=True, description=says))
        if getattr(handler, "takes_version", False):
            says = "The ETag that was read: what others changed since is not overwritten."
            is_needed = self.method == "PATCH"
            found.append(
                OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=is_needed, description=says)
            )
        serializer = self.get_response_serializers()
        if self.method == "GET" and isinstance(serializer, type | Shown) and _is_shown(serializer):
            found.append(_fields_of(serializer))
        return found

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        expected = ALWAYS if self.method == "GET" else ALWAYS | CHANGES
        expected |= getattr(self.view, "refusals", {})
        for status, says in expected.items():
            if str(status) not in bodies:
                response = OpenApiResponse(Problem, says)
                body = self._get_response_for_code(response, str(status), [MEDIA_TYPE], direction)  # type: ignore[no-untyped-call]
                bodies[str(status)] = body
        return bodies

    def _map_serializer_field(
        self, field: Any, direction: Literal["request", "response"], bypass_extensions: bool = False
    ) -> dict[str, Any]:
        """A list of lines says how many there may be, a text that it is not blank, a time of day how it is written."""
        made: dict[str, Any] = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if isinstance(field, ListSerializer) and direction == "request":
            many: Any = field
            bounds = {"minItems": many.min_length, "maxItems": many.max_length}
            made = {**made, **{name: bound for name, bound in bounds.items() if bound is not None}}
        if direction == "request" and field.field_name in EXAMPLES and not isinstance(field, One):
            made = {**made, "examples": [EXAMPLES[field.field_name]]}
        if isinstance(field, Text) and not field.allow_blank:
            made = {**made, "pattern": r"[^\s\x1c-\x1f\x85]"}
        if isinstance(field, TimeField):  # the format "time" would have an offset
            made = {name: said for name, said in made.items() if name != "format"} | {"pattern": CLOCK}
        return made

    def _map_basic_serializer(self, serializer: Any, direction: Literal["request", "response"]) -> dict[str, Any]:
        """A body says nothing unknown."""
        made: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Problem):
            return {**made, "examples": [PROBLEM]}
        return {**made, "additionalProperties": False} if isinstance(serializer, Asked) else made


def _fields_of(serializer: Any) -> OpenApiParameter:
    names = list((serializer() if isinstance(serializer, type) else serializer).get_fields())
    one = {"type": "string", "enum": names}
    some = {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
    says = "Only these fields, with commas: the answer then lacks all others."
    return OpenApiParameter(FIELDS, some, OpenApiParameter.QUERY, description=says, style="form", explode=False)


def _is_shown(serializer: Any) -> bool:
    kind = serializer if isinstance(serializer, type) else type(serializer)
    return issubclass(kind, Shown)
