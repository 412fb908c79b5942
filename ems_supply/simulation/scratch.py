"""A database of its own for a simulation: made beside the division's, migrated, and dropped afterwards."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from django.db.utils import OperationalError, ProgrammingError

from core.errors import DomainError

FAST_SQLITE = "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;PRAGMA foreign_keys=ON;PRAGMA cache_size=-200000;"


@contextmanager
def scratch_database(suffix: str, *, keep: bool) -> Iterator[str]:
    """Everything inside runs in an empty database named like the division's plus ``suffix``; its name.

    A leftover of that name is replaced; one in use by another run is refused. The division's own is not touched.
    A crash of the machine may lose this database, which is why it need not wait for the disk.
    """
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    with make(suffix, keep=keep) as name:
        call_command("migrate", verbosity=0, interactive=False)
        yield name


@contextmanager
def _on_sqlite(suffix: str, *, keep: bool) -> Iterator[str]:
    own = Path(str(connection.settings_dict["NAME"]))
    path = own.with_name(f"{own.stem}{suffix}{own.suffix or '.sqlite3'}")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock_path = path.with_name(f"{path.name}.lock")
    with lock_path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DomainError(f"Another run uses {path}. Wait until it ends, or set DATABASE_URL.") from None
        _remove(path)
        options = connection.settings_dict["OPTIONS"] | {"init_command": FAST_SQLITE}
        try:
            with _connected_to(str(path), options):
                yield str(path)
        finally:
            if not keep:
                _remove(path)
            lock_path.unlink(missing_ok=True)


@contextmanager
def _on_postgresql(suffix: str, *, keep: bool) -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}{suffix}"
    _administer(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}", name)
    _administer(f"CREATE DATABASE {connection.ops.quote_name(name)}", name)
    options = dict(connection.settings_dict["OPTIONS"])
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()
    try:
        with _connected_to(name, options):
            yield name
    finally:
        if not keep:
            _administer(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}", name)


@contextmanager
def _connected_to(name: str, options: dict[str, Any]) -> Iterator[None]:
    """Point the one connection of this process elsewhere, and back again."""
    settings = connections["default"].settings_dict
    before = settings["NAME"], settings["OPTIONS"]
    connection.close()
    settings["NAME"], settings["OPTIONS"] = name, options
    try:
        yield
    finally:
        connection.close()
        settings["NAME"], settings["OPTIONS"] = before


def _administer(statement: str, name: str) -> None:
    try:
        with connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's test runner does
            cursor.execute(statement)
    except (OperationalError, ProgrammingError) as error:
        hint = "Another run may use it, or your user may lack the right to create databases (ALTER ROLE … CREATEDB)."
        raise DomainError(f"The database {name} cannot be made anew: {str(error).splitlines()[0]}. {hint}") from error


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
