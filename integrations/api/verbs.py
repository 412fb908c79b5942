"""Steps of a thing's life, as addresses below it: ``POST /orders/7/submit``."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from integrations.api.once import once

Serializer = type[serializers.BaseSerializer[Any]]


def creates(asked: Serializer, shown: Serializer) -> Callable[[Any], Any]:
    """Makes a new thing out of a body: POST to the list, once."""

    def decorate(handler: Any) -> Any:
        return extend_schema(request=asked, responses={201: shown})(once(handler))

    return decorate


def verb(asked: Serializer | None, shown: Serializer, *, has_version: bool = True) -> Callable[[Any], Any]:
    """One step: POST to the thing's own address and the step's name, once, refused if it changed since If-Match."""

    def decorate(handler: Any) -> Any:
        made = once(handler)
        made.takes_version = has_version  # type: ignore[attr-defined]  # read by the schema
        address = handler.__name__.replace("_", "-")
        return action(detail=True, methods=["post"], url_path=address)(
            extend_schema(request=asked, responses=shown)(made)
        )

    return decorate
