"""Photos that people send: checked, and drawn anew as a small JPEG that does not say where or by what it was taken."""

import hashlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from django.http import HttpResponse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from core.errors import DomainError

MOST_MEGABYTES = 15
# A JPEG, as phones take them, is read at a fraction of its size; of the others every pixel comes into memory.
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
LONGEST_SIDE = 1600
MOST_BYTES = 1_000_000
QUALITIES = (80, 60, 40, 20)
DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of ours. ``mark``: the SHA-256 of what was sent, by which a repeat is known."""

    content: bytes
    width: int
    height: int
    mark: str


class PictureRefused(DomainError):
    """What was sent is no photo that can be kept."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_picture(stream: Readable, *, size: int) -> Picture:
    """The picture in this file of ``size`` bytes: upright, at most 1600 pixels a side and a megabyte, without EXIF and
    whatever else was in it. Refuses what is no JPEG, PNG or WebP, is broken, or is larger than a phone takes."""
    if size > MOST_MEGABYTES * 1024 * 1024:
        raise PictureRefused(_("This photo is larger than %(most)d MB: take it smaller.") % {"most": MOST_MEGABYTES})
    sent = stream.read(MOST_MEGABYTES * 1024 * 1024)
    with _refusing_what_is_broken():
        _check(sent)
        image = _upright(sent)
        content = _as_jpeg(image)
    return Picture(content, image.width, image.height, hashlib.sha256(sent).hexdigest())


def as_answer(content: bytes) -> HttpResponse:
    """A picture of ours. It never changes, so whoever was given it may keep it; nothing between may."""
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Cache-Control"] = f"private, max-age={DAY}, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@contextmanager
def _refusing_what_is_broken() -> Iterator[None]:
    """Pillow's readers say in many ways that a file is not what it claims to be."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error) as error:
        raise PictureRefused(_("This is no photo that can be read: send a JPEG, PNG or WebP.")) from error


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(_("This photo has too many pixels to be read here: take it smaller."))


def _check(sent: bytes) -> None:
    """Only its head is read until its size is known."""
    with Image.open(BytesIO(sent), formats=tuple(MOST_PIXELS)) as image:
        if image.width * image.height > MOST_PIXELS[image.format or "PNG"]:
            raise _too_many_pixels()
        image.verify()


def _upright(sent: bytes) -> Image.Image:
    with Image.open(BytesIO(sent), formats=tuple(MOST_PIXELS)) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        turned = ImageOps.exif_transpose(image)
        clear = turned.convert("RGBA") if turned.has_transparency_data else turned.convert("RGB")
    plain = Image.new("RGB", clear.size, "white")
    plain.paste(clear, mask=clear if clear.mode == "RGBA" else None)
    return plain


def _as_jpeg(image: Image.Image) -> bytes:
    for quality in QUALITIES:
        drawn = BytesIO()
        image.save(drawn, "JPEG", quality=quality)
        if drawn.tell() <= MOST_BYTES:
            return drawn.getvalue()
    raise PictureRefused(_("This photo cannot be made small enough: take it again."))
