"""ETag and If-Match on what people edit: nobody's change is overwritten unseen."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import StaleEdit
from integrations.api.problems import VersionMissing

TAG = re.compile(r'(?:W/)?"v(\d{1,9})"')


@dataclass(frozen=True)
class Facts:
    """What keeps no count of its versions: its version is made of what it says."""

    said: tuple[Any, ...]

    @property
    def version(self) -> int:
        return crc32(repr(self.said).encode()) % 999_999_999 + 1


def tag_of(subject: Any) -> str:
    return f'"v{subject.version}"'


def tagged(response: Response, subject: Any) -> Response:
    """The answer with the version that it shows."""
    response["ETag"] = tag_of(subject)
    return response


def is_known(request: Request, subject: Any) -> bool:
    """Whether the caller has this version already (If-None-Match)."""
    return tag_of(subject) in [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]


def read(request: Request, subject: Any, show: Callable[[], Any]) -> Response:
    """What was asked for with its version; 304, and nothing is shown, if the caller has that version already."""
    return tagged(Response(status=304) if is_known(request, subject) else Response(show()), subject)


def version_seen(request: Request, *, is_required: bool = False) -> int | None:
    """The version that the caller read, from If-Match; None if they do not say or say ``*``. A tag that is none of ours
    stands for no version that ever was, so it is refused as outdated."""
    text = request.headers.get("If-Match", "").strip()
    if not text and is_required:
        raise VersionMissing
    if text in ("", "*"):
        return None
    found = TAG.fullmatch(text)
    return int(found.group(1)) if found else 0


def refuse_outdated(request: Request, subject: Any) -> None:
    """Refuse what was changed since If-Match, which is needed."""
    if version_seen(request, is_required=True) not in (None, subject.version):
        raise StaleEdit("Somebody changed this since you read it. Nothing was saved; read it again.")
