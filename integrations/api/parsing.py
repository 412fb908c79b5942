"""JSON bodies. What no column could keep is refused before anything looks at it."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 16


class Json(JSONParser):
    """JSON of at most sixteen levels, whose texts are text: no NUL and no half of a character."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(TOO_DEEP) from error
        _check(data)
        return data


TOO_DEEP = f"This body is nested too deep: at most {DEEPEST} levels."


def _check(data: Any) -> None:
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise ParseError(TOO_DEEP)


def _inside(data: Any) -> list[Any]:
    if isinstance(data, Mapping):
        return [*data.keys(), *data.values()]
    if isinstance(data, list):
        return data
    if isinstance(data, str) and ("\0" in data or not _is_text(data)):
        raise ParseError("A text has a character that is none: a NUL, or half of a pair.")
    return []


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
