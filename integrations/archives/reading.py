"""An archive, looked over before anything of it is believed: it may be broken, cut short, or a trap.

Nothing is ever unpacked to disk: members are read by the names that they must have, line by line.
"""

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, TypeVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from django.conf import settings

from core.errors import DomainError
from integrations.archives.cells import BadCell, reader
from integrations.archives.tables import Table, schema, tables
from integrations.archives.writing import FORMAT, MANIFEST, VERSION, Report

BROKEN = (
    AttributeError, BadZipFile, EOFError, KeyError, NotImplementedError, OSError, OverflowError, RecursionError,
    RuntimeError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
GIGABYTE = 1_000_000_000
MOST_OF_MANIFEST = 1_000_000
MOST_OF_A_LINE = 16_000_000
BLOCK = 1 << 20
# What our tables shrink to is a tenth; a trap shrinks to a thousandth.
MOST_SHRUNK, SHRUNK_FROM = 200, 10_000_000

Thing = TypeVar("Thing")


class ArchiveRefused(DomainError):
    """The file is no archive that this system can take. Nothing was loaded."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Nothing was loaded.")


NO_ARCHIVE = "This is not a whole archive of a division: make it again with manage.py export_division."


def _attempt(read: Callable[[], Thing]) -> Thing:
    try:
        return read()
    except BROKEN as error:
        raise ArchiveRefused(NO_ARCHIVE) from error


class Archive:
    """An archive of this system's tables whose manifest is understood. ``check`` before reading rows."""

    def __init__(self, file: ZipFile) -> None:
        self._file = file
        self.manifest = _attempt(lambda: _manifest(file))
        self.tables = {table.name: table for table in tables()}
        self._said: dict[str, Mapping[str, Any]] = _attempt(self._tables_said)
        self._check_members()

    @property
    def whole(self) -> int:
        return sum(said["rows"] for said in self._said.values())

    def rows_of(self, table: Table) -> int:
        return int(self._said[table.name]["rows"])

    def last_id(self, table: Table) -> int:
        return int(self._said[table.name]["last_id"] or 0)

    def check(self, report: Report) -> None:
        """Read all of it once: every table must be as long as the manifest says, and have its mark."""
        done = 0
        for name, said in self._said.items():
            table = self.tables[name]
            if _attempt(partial(self._mark, table)) != (said["bytes"], said["sha256"]):
                raise ArchiveRefused(f"The table {name} was changed after the archive was made.")
            done += said["rows"]
            report(done, self.whole)

    def rows(self, table: Table) -> Iterator[list[Any]]:
        """The rows of a table, each value checked against its column."""
        readers = [(field.attname, reader(field)) for field in table.fields]
        count = 0
        for line in self._lines(table):
            count += 1
            values = _attempt(partial(_parse, line))
            if type(values) is not list or len(values) != len(readers):
                raise ArchiveRefused(f"Row {count} of {table.name} has not as many values as there are columns.")
            try:
                yield [read(value) for (_, read), value in zip(readers, values, strict=True)]
            except BadCell as error:
                column = _first_bad(readers, values)
                raise ArchiveRefused(f"Row {count} of {table.name}: {column} {error}.") from error
        if count != self.rows_of(table):
            raise ArchiveRefused(f"The table {table.name} has {count} rows and should have {self.rows_of(table)}.")

    def _lines(self, table: Table) -> Iterator[bytes]:
        with _attempt(lambda: self._file.open(table.file)) as member:
            while line := _attempt(lambda: member.readline(MOST_OF_A_LINE)):
                if not line.endswith(b"\n"):
                    raise ArchiveRefused(NO_ARCHIVE)
                if b"\\u0000" in line:
                    raise ArchiveRefused(f"The table {table.name} holds a character that no table holds.")
                yield line

    def _mark(self, table: Table) -> tuple[int, str]:
        mark, size = sha256(), 0
        with self._file.open(table.file) as member:
            while block := member.read(BLOCK):
                mark.update(block)
                size += len(block)
        return size, mark.hexdigest()

    def _tables_said(self) -> dict[str, Mapping[str, Any]]:
        """What the manifest says of each table: all of this system's, and no other."""
        if (self.manifest["format"], self.manifest["version"]) != (FORMAT, VERSION):
            raise ArchiveRefused(NO_ARCHIVE)
        if self.manifest["schema"] != (here := schema()):
            this = ", ".join(f"{app} {name}" for app, name in sorted(here.items()))
            raise ArchiveRefused(f"It was made by another version: load it there, then update. This one is {this}.")
        said = {entry["name"]: entry for entry in self.manifest["tables"]}
        if len(said) != len(self.manifest["tables"]) or said.keys() != self.tables.keys():
            raise ArchiveRefused("It does not hold the tables of this system.")
        for name, entry in said.items():
            numbers = (entry["rows"], entry["bytes"], entry["last_id"] or 0)
            if entry["columns"] != self.tables[name].columns or any(
                type(number) is not int or not 0 <= number < 1 << 53 for number in numbers
            ):
                raise ArchiveRefused(f"The table {name} has not the columns of this system.")
        return said

    def _check_members(self) -> None:
        """The members are the tables and the manifest, each once, none of them folded up a thousandfold."""
        members = self._file.infolist()
        names = [member.filename for member in members]
        if sorted(names) != sorted([MANIFEST, *(table.file for table in self.tables.values())]):
            raise ArchiveRefused("It holds other files than those of an archive.")
        if any(member.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or member.flag_bits & 1 for member in members):
            raise ArchiveRefused(NO_ARCHIVE)
        sizes = {table.file: self._said[name]["bytes"] for name, table in self.tables.items()}
        if any(member.file_size != sizes.get(member.filename, member.file_size) for member in members):
            raise ArchiveRefused("A table was changed after the archive was made.")
        if sum(member.file_size for member in members) > settings.EMS_ARCHIVE_UNPACKED_GB * GIGABYTE:
            most = settings.EMS_ARCHIVE_UNPACKED_GB
            raise ArchiveRefused(f"Unpacked it has more than {most:g} GB (EMS_ARCHIVE_UNPACKED_GB).")
        if any(
            member.file_size > SHRUNK_FROM and member.file_size > MOST_SHRUNK * member.compress_size
            for member in members
        ):
            raise ArchiveRefused("A table in it is folded up far more than tables are.")


def _manifest(file: ZipFile) -> dict[str, Any]:
    with file.open(MANIFEST) as member:
        found: dict[str, Any] = _parse(member.read(MOST_OF_MANIFEST))
    if type(found) is not dict:
        raise TypeError("a manifest is an object")
    return found


def _parse(text: bytes) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _first_bad(readers: list[tuple[str, Callable[[Any], Any]]], values: list[Any]) -> str:
    for (name, read), value in zip(readers, values, strict=True):
        try:
            read(value)
        except BadCell:
            return name
    raise AssertionError("one of them was refused just now")


@contextmanager
def opened(source: Path | IO[bytes]) -> Iterator[Archive]:
    """The archive in this file; refused if it is none, or one of another version."""
    with _attempt(lambda: ZipFile(source)) as file:
        yield Archive(file)
