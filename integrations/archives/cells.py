"""Values of columns as JSON, and back: nothing is taken that the column could not hold."""

import base64
import math
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, ForeignKey

Reader = Callable[[Any], Any]


class BadCell(Exception):
    """A value that its column cannot hold."""


def plain(value: object) -> str:
    """What JSON has no word for, as text."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(value).decode("ascii")
    raise TypeError(f"an archive cannot hold {type(value).__name__}")


def reader(field: "Field[Any, Any]") -> Reader:
    """How a value of this column is read: every kind of column that our tables have."""
    read = _of_kind(field)
    known = {value for value, _ in field.flatchoices} | ({""} if field.blank else set())

    def checked(value: Any) -> Any:
        if value is None:
            if not field.null:
                raise BadCell("is empty")
            return None
        found = read(value)
        if field.flatchoices and found not in known:
            raise BadCell("is none of its choices")
        return found

    return checked


def _of_kind(field: "Field[Any, Any]") -> Reader:
    if isinstance(field, ForeignKey):
        return _of_kind(field.target_field)
    kind = field.get_internal_type()
    if kind in ("CharField", "SlugField", "TextField"):
        return lambda value: _text(value, field.max_length)
    if kind in _KINDS:
        return _KINDS[kind]
    least, most = connection.ops.integer_field_range(kind)
    return lambda value: _whole(value, least, most)


def _expect(value: Any, kind: type) -> None:
    if type(value) is not kind:
        raise BadCell(f"is no {kind.__name__}")


def _text(value: Any, most: int | None) -> str:
    _expect(value, str)
    if most is not None and len(value) > most:
        raise BadCell("is too long")
    if "\0" in value:
        raise BadCell("holds a character that no table holds")
    return str(value)


def _whole(value: Any, least: int | None, most: int | None) -> int:
    _expect(value, int)
    if (least is not None and value < least) or (most is not None and value > most):
        raise BadCell("is out of range")
    return int(value)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise BadCell("is no number")
    return float(value)


def _yes_no(value: Any) -> bool:
    _expect(value, bool)
    return bool(value)


def _parsed(parse: Callable[[str], Any]) -> Reader:
    def read(value: Any) -> Any:
        _expect(value, str)
        try:
            return parse(value)
        except ValueError as error:
            raise BadCell("cannot be read") from error

    return read


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without an offset")
    return found


def _any(value: Any) -> Any:
    return value


_KINDS: dict[str, Reader] = {
    "BooleanField": _yes_no,
    "FloatField": _number,
    "JSONField": _any,
    "DateTimeField": _parsed(_moment),
    "DateField": _parsed(date.fromisoformat),
    "TimeField": _parsed(time.fromisoformat),
    "UUIDField": _parsed(UUID),
    "BinaryField": _parsed(lambda text: base64.b64decode(text, validate=True)),
}
