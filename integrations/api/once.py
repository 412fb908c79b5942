"""Each call that changes something is done once, however often it is sent."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypedDict, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import RequestIdReused
from core.fingerprints import fingerprint
from integrations.api.problems import KeyMissing
from integrations.models import ApiCall
from stations.models import User

HEADER = "Idempotency-Key"
NEVER_KEPT = frozenset({"witness_password"})  # no fingerprint is made of it
SHOWN_ONCE = frozenset({"secret"})  # empty in the answer that is kept, and so in that to a repeat
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
NAMESPACE = uuid5(NAMESPACE_URL, "urn:ems-supply:api")
P = ParamSpec("P")
Handler = Callable[Concatenate[Any, Request, P], Response]


class CommandArguments(TypedDict):
    """What every action takes beside what is asked."""

    by: User
    at: Any
    request_id: UUID


def once(handler: Handler[P]) -> Handler[P]:
    """A POST that answers a repeat of its Idempotency-Key with its first answer, word for word, for 24 hours.

    The key, what the call changes and its answer are one transaction: a call that fails leaves nothing and may be sent
    again, and of two at once the second waits for the first. The same key with another body is refused with 422. Even
    when the answer is no longer kept, nothing is done twice: the action's request id is made of the key. Only the first
    answer has a secret: it is not kept.
    """

    @wraps(handler)
    def guarded(view: Any, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = key_of(request)
        mark = fingerprint({"method": request.method, "path": request.path, "body": _facts(request.data)})
        with transaction.atomic():
            call, is_new = ApiCall.objects.claim(cast("User", request.user), key, mark, timezone.now())
            if not is_new:
                if call.fingerprint != mark:
                    raise RequestIdReused
                return _again(call)
            response = handler(view, request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
                return response
            call.status, call.etag = response.status_code, response.get("ETag", "")
            call.answer = JSONRenderer().render(_kept(response.data)).decode()
            call.save(update_fields=["status", "answer", "etag"])
        return response

    guarded.is_once = True  # type: ignore[attr-defined]  # read by the schema
    return guarded


def key_of(request: Request) -> str:
    key = request.headers.get(HEADER, "")
    if not KEY.fullmatch(key):
        raise KeyMissing
    return key


def command_of(request: Request, part: str = "") -> CommandArguments:
    """Who, when, and a request id that is the same whenever this key is sent again. ``part`` tells apart several
    actions of one call."""
    user = cast("User", request.user)
    identity = uuid5(NAMESPACE, f"{user.pk} {part} {key_of(request)}")
    return {"by": user, "at": timezone.now(), "request_id": identity}


def _facts(data: Any) -> Any:
    """The body as what a fingerprint is made of; of files what they hold, of passwords nothing."""
    if isinstance(data, UploadedFile):
        content = data.read()
        data.seek(0)
        return {"name": data.name, "content": fingerprint({"bytes": content.hex()})}
    if hasattr(data, "lists"):
        return {name: [_facts(value) for value in values] for name, values in data.lists() if name not in NEVER_KEPT}
    if isinstance(data, dict):
        return {name: value for name, value in data.items() if name not in NEVER_KEPT}
    return data


def _kept(data: Any) -> Any:
    """The answer as it is kept."""
    return {**data, **dict.fromkeys(SHOWN_ONCE & data.keys(), "")} if isinstance(data, dict) else data


def _again(call: ApiCall) -> Response:
    """The first answer, word for word."""
    headers = {REPLAYED: "true"} | ({"ETag": call.etag} if call.etag else {})
    return Response(json.loads(call.answer) if call.answer else None, status=call.status, headers=headers)
