"""The whole division out in one file, and into an empty system."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.errors import DomainError
from integrations.archives.loading import load
from integrations.archives.reading import opened
from integrations.archives.writing import Report, write_archive
from integrations.models import ArchivePart, KeptArchive
from integrations.sentences import TOO_MUCH
from stations.access import require_role
from stations.models import Command, User

MEGABYTE = 1_000_000
PART = 1 << 20


def nobody(done: int, whole: int) -> None:
    """A report that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an archive held."""

    division: str
    made_at: str
    rows: dict[str, int]


@transaction.atomic
def note_export(*, by: User | None, at: datetime, request_id: UUID) -> None:
    """Write into the log that somebody takes everything out. Chiefs only; nobody (``by`` None) is the command line."""
    command, is_new = Command.objects.claim(request_id, "export_division", by=by, at=at, facts={})
    if is_new:
        if by is not None:
            require_role(by, User.Role.CHIEF)
        command.log("exported", command)


def export_division(
    file: IO[bytes], *, by: User | None, at: datetime, request_id: UUID, report: Report = nobody
) -> dict[str, Any]:
    """Write the whole division into ``file`` as it is at this moment: what the file says of itself."""
    note_export(by=by, at=at, request_id=request_id)
    return write_archive(file, at=at, report=report)


def import_archive(source: Path | IO[bytes], *, looked: Report = nobody, report: Report = nobody) -> Imported:
    """Load a division into this empty system: every row with its id, its log and its balances, or nothing at all.

    For whoever sets the system up, from the command line: before it there is nobody who could be asked for a role.
    The log stays as it was in the other system; nothing is added to it.
    """
    with opened(source) as archive:
        archive.check(looked)
        with transaction.atomic():
            load(archive, report)
        manifest = archive.manifest
        rows = {table.name: archive.rows_of(table) for table in archive.tables.values()}
    return Imported(str(manifest["division"]), str(manifest["made_at"]), rows)


@transaction.atomic
def ask_for_archive(*, by: User, at: datetime, request_id: UUID) -> KeptArchive:
    """Note that a chief wants an archive, in place of any earlier one. Making it is the worker's."""
    note_export(by=by, at=at, request_id=request_id)
    KeptArchive.objects.exclude(request_id=request_id).delete()
    found, _ = KeptArchive.objects.get_or_create(request_id=request_id, defaults={"asked_by": by, "asked_at": at})
    return found


class TooMuch(DomainError):
    """An archive is larger, or takes longer, than a page's may."""


class Bounded:
    """A file that refuses to grow beyond what a page's archive may have, or once its time is over."""

    def __init__(self, file: IO[bytes], most: int, is_over: Callable[[], bool]) -> None:
        self._file, self._most, self._is_over = file, most, is_over
        self._size = 0

    def write(self, content: bytes) -> int:
        self._size += len(content)
        if self._size > self._most or self._is_over():
            raise TooMuch(TOO_MUCH())
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()


def make_archive(
    *, archive: KeptArchive, at: datetime, report: Report = nobody, is_over: Callable[[], bool] = lambda: False
) -> KeptArchive:
    """Make what was asked for, and keep it. One that is made or refused already stays as it is."""
    if archive.made_at or archive.refusal:
        return archive
    with TemporaryFile() as file:
        bounded: Any = Bounded(file, settings.EMS_ARCHIVE_MB * MEGABYTE, is_over)
        try:
            manifest = write_archive(bounded, at=at, report=report)
        except TooMuch as refusal:
            KeptArchive.objects.filter(pk=archive.pk).update(refusal=str(refusal))
        else:
            rows = sum(table["rows"] for table in manifest["tables"])
            _keep(archive, file, at, rows)
    archive.refresh_from_db()
    return archive


def _keep(archive: KeptArchive, file: IO[bytes], at: datetime, rows: int) -> None:
    """Part by part, each by itself: on SQLite nobody waits for longer than one takes. Half of it is not offered."""
    archive.parts.all().delete()
    size = file.tell()
    file.seek(0)
    for position, content in enumerate(iter(partial(file.read, PART), b"")):
        ArchivePart.objects.create(archive=archive, position=position, content=content)
    KeptArchive.objects.filter(pk=archive.pk).update(made_at=at, size=size, rows=rows)
