"""Steps of a thing's life, as addresses below it: ``POST /orders/7/submit``."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser

from integrations.api.once import once
from integrations.api.parsing import Json

Serializer = type[serializers.BaseSerializer[Any]]


def creates(asked: Serializer, shown: Serializer) -> Callable[[Any], Any]:
    """Makes a new thing out of a body: POST to the list, once."""

    def decorate(handler: Any) -> Any:
        return extend_schema(request=asked, responses={201: shown})(once(handler))

    return decorate


def verb(
    asked: Serializer,
    shown: Serializer,
    *,
    name: str = "",
    has_version: bool = True,
    makes: bool = False,
    parsers: Sequence[type[BaseParser]] = (Json,),
) -> Callable[[Any], Any]:
    """One step: POST to the thing's own address and the step's name, once, refused if it changed since If-Match.
    ``makes``: the step makes something new and answers with that; ``parsers`` read its body instead of the usual."""
    return _step(asked, shown, name, detail=True, has_version=has_version, makes=makes, parsers=parsers)


def command(asked: Serializer, shown: Serializer, *, name: str = "", makes: bool = True) -> Callable[[Any], Any]:
    """Something done to many: POST to the list's address and the command's name, once."""
    return _step(asked, shown, name, detail=False, has_version=False, makes=makes, parsers=(Json,))


def _step(
    asked: Serializer,
    shown: Serializer,
    name: str,
    *,
    detail: bool,
    has_version: bool,
    makes: bool,
    parsers: Sequence[type[BaseParser]],
) -> Callable[[Any], Any]:
    def decorate(handler: Any) -> Any:
        made = once(handler)
        made.takes_version = has_version  # type: ignore[attr-defined]  # read by the schema
        address = name or handler.__name__.replace("_", "-")
        routed = action(
            detail=detail, methods=["post"], url_path=address, filterset_class=None, parser_classes=parsers
        )(made)
        return extend_schema(request=asked, responses={201: shown} if makes else shown)(routed)

    return decorate
