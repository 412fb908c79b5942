"""Uploaded files between looking and loading: in the cache, one upload per person, gone after an hour.

Every web process sees the same cache, so that it does not matter which one answers next.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.cache import cache

from inventory.imports.sources import Source, from_bytes
from stations.models import User

KEPT_SECONDS = 60 * 60
LOADED_AT_ONCE = 300_000  # some seconds' worth


@dataclass(frozen=True)
class Upload:
    """The files of one upload. ``token`` names it in addresses; only the person who uploaded it can open it."""

    token: UUID
    sources: list[Source]
    size: int = 0  # bytes of all files

    @property
    def is_long(self) -> bool:
        """Whether loading it takes longer than a page should answer in."""
        return self.size > LOADED_AT_ONCE


def keep(files: Sequence[tuple[str, bytes]], *, user: User) -> UUID:
    """Keep these files for an hour, in place of the person's last upload. Returns what opens them."""
    token = uuid4()
    packed = [(name, zlib.compress(content, 1)) for name, content in files]
    cache.set(_key(user), (str(token), packed), KEPT_SECONDS)
    return token


def opened(token: UUID, *, user: User) -> Upload | None:
    """The upload, or None once it is gone or another took its place."""
    kept = cache.get(_key(user))
    if kept is None or kept[0] != str(token):
        return None
    files = [(name, zlib.decompress(packed)) for name, packed in kept[1]]
    return Upload(token, [from_bytes(*file) for file in files], sum(len(content) for _, content in files))


def _key(user: User) -> str:
    return f"division-upload:{user.pk}"
