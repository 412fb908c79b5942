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


@dataclass(frozen=True)
class Upload:
    """The files of one upload. ``token`` names it in addresses; only the person who uploaded it can open it."""

    token: UUID
    sources: list[Source]


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
    return Upload(token, [from_bytes(name, zlib.decompress(packed)) for name, packed in kept[1]])


def _key(user: User) -> str:
    return f"division-upload:{user.pk}"
