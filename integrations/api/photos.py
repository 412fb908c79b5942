"""Photos in bodies, as base64, and as answers."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from core.errors import DomainError
from core.pictures import Picture, PictureRefused, read_picture
from integrations.api.asked import wrong_rows
from integrations.api.parsing import Json
from integrations.api.problems import TooLong
from orders.forms.receipts import MOST_PHOTOS

MOST_MEGABYTES = 32  # of a body with photos


class JsonWithPhotos(BaseParser):
    """JSON of up to 32 MB."""

    media_type = Json.media_type

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        most = MOST_MEGABYTES * 1024 * 1024
        content = stream.read(most + 1)
        if len(content) > most:
            raise TooLong(f"This body is larger than {MOST_MEGABYTES} MB. Send fewer photos, or smaller ones.")
        return Json().parse(BytesIO(content), media_type, parser_context)


@extend_schema_field({"type": "string", "contentEncoding": "base64"})
class Photo(serializers.Field[bytes, str, Any, Any]):
    """A file in base64. Whether it is a photo is seen by ``pictures_of``."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "Write the file in base64.",
        "unreadable": "This is not base64.",
    }

    def to_internal_value(self, data: Any) -> bytes:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return b64decode(data, validate=True)
        except ValueError:
            self.fail("unreadable")


class Jpeg(JSONRenderer):
    """An answer that is a JPEG. Refusals are JSON all the same."""

    media_type = "image/jpeg"
    format = "jpg"


def pictures_of(lines: Sequence[Mapping[str, Any]]) -> list[list[Picture]]:
    """The photos of each line, drawn anew. Refuses what is no photo, line by line, and more than a page takes."""
    if sum(len(line["photos"]) for line in lines) > MOST_PHOTOS:
        raise DomainError(f"At most {MOST_PHOTOS} photos in one receipt. Nothing was changed: send those of the worst.")
    found: list[list[Picture]] = []
    problems: dict[int, dict[str, str]] = {}
    for number, line in enumerate(lines):
        try:
            found.append([read_picture(BytesIO(one), size=len(one)) for one in line["photos"]])
        except PictureRefused as refusal:
            problems[number] = {"photos": str(refusal)}
    wrong_rows("lines", problems, code="unreadable")
    return found
