"""The whole database into one ZIP file, as it is at one moment, row by row."""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings

from core.snapshots import one_moment
from integrations.archives.cells import plain
from integrations.archives.sequences import last_id
from integrations.archives.tables import Table, schema, tables
from inventory.imports.batches import BATCH, batches

FORMAT = "ems-supply archive"
VERSION = 1
MANIFEST = "manifest.json"

# Told how many rows are done, and how many there are.
Report = Callable[[int, int], None]


def write_archive(file: IO[bytes], *, at: datetime, report: Report) -> dict[str, Any]:
    """Write all tables and, last, the manifest that says what they hold. Returns the manifest."""
    with one_moment(), ZipFile(file, "w") as archive:
        every = tables()
        whole, done = sum(table.rows().count() for table in every), 0
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "schema": schema(),
            "division": settings.EMS_DIVISION_NAME,
            "made_at": at.isoformat(),
            "tables": [],
        }
        for table in every:
            written = _write_table(archive, table, at, _after(done, whole, report))
            manifest["tables"].append(written)
            done += written["rows"]
        archive.writestr(_entry(MANIFEST, at), json.dumps(manifest, ensure_ascii=False, indent=1))
    return manifest


def _after(done: int, whole: int, report: Report) -> Callable[[int], None]:
    """Reports the rows of one table on top of those that are done."""
    return lambda rows: report(done + rows, whole)


def _write_table(archive: ZipFile, table: Table, at: datetime, report: Callable[[int], None]) -> dict[str, Any]:
    """A line for each row, its values in the order of the columns: of equal tables, on either database, equal text."""
    mark, size, count = sha256(), 0, 0
    rows = table.rows().order_by("pk").values_list(*table.columns).iterator(chunk_size=BATCH)
    with archive.open(_entry(table.file, at), "w", force_zip64=True) as out:
        for batch in batches(rows):
            text = "".join(map(_line, batch)).encode()
            out.write(text)
            mark.update(text)
            size += len(text)
            count += len(batch)
            report(count)
    return {
        "name": table.name,
        "columns": table.columns,
        "rows": count,
        "bytes": size,
        "sha256": mark.hexdigest(),
        "last_id": last_id(table),
    }


def _line(row: tuple[Any, ...]) -> str:
    text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True, default=plain)
    return f"{text}\n"


def _entry(name: str, at: datetime) -> ZipInfo:
    entry = ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry
