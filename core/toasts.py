"""What a page says at once of what was done; and of what may safely be undone, with the button that undoes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest


@dataclass(frozen=True)
class Undo:
    """Where the button of a toast posts, and what besides the request id."""

    address: str
    fields: Mapping[str, str] = field(default_factory=dict)


def said_with_undo(request: HttpRequest, words: str, address: str, **fields: object) -> None:
    """Say that something was done, with an ``Undo`` that posts ``fields`` and a fresh request id to ``address``.

    For what nobody else acts on before the toast is gone. The address must refuse what has changed since.
    """
    told = {"address": address, "fields": {name: str(value) for name, value in fields.items()}}
    messages.success(request, words, extra_tags=json.dumps(told))


def undo_of(message: Message) -> Undo | None:
    """What undoes that of which the message tells, if it was said with one."""
    if not (message.extra_tags or "").startswith("{"):
        return None
    return Undo(**json.loads(message.extra_tags or ""))
