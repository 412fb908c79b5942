"""A PostgreSQL database that belongs to the bench: made beside the division's, and dropped afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, connections
from django.db.utils import OperationalError, ProgrammingError

from core.errors import DomainError

MARK = "Made by manage.py bench, which may drop it at any time."


@contextmanager
def bench_database(suffix: str = "_bench", *, keep: bool = False, reuse: bool = False) -> Iterator[str]:
    """Everything inside runs in an empty, migrated database named like the one we are in plus ``suffix``; its name.

    A leftover that carries our mark is replaced; any other database of that name is refused and not touched. Commits
    wait for the disk and all settings of the session are the application's, as in the division's own. ``reuse``: one
    that an earlier run left is taken as it is, and left again.
    """
    name = f"{connection.settings_dict['NAME']}{suffix}"
    quoted = connection.ops.quote_name(name)
    is_there = _is_ours(name)
    if not (is_there and reuse):
        _administer(name, f"DROP DATABASE IF EXISTS {quoted}", f"CREATE DATABASE {quoted}")
        _administer(name, f"COMMENT ON DATABASE {quoted} IS '{MARK}'")
    try:
        with connected_to(name):
            call_command("migrate", verbosity=0, interactive=False)
            yield name
    finally:
        if not (keep or reuse):
            _administer(name, f"DROP DATABASE IF EXISTS {quoted}")


def drop(*names: str) -> None:
    """Drop databases that were made here and kept."""
    for name in names:
        if _is_ours(name):
            _administer(name, f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}")


def _is_ours(name: str) -> bool:
    """Whether there is such a database from an earlier run. One that is somebody else's is refused."""
    with connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's test runner does
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s AND NOT datistemplate",
            [name],
        )
        row = cursor.fetchone()
    if row is not None and row[0] != MARK:
        raise DomainError(
            f"The database {name} was not made by the bench, so it is left alone. Rename it, or set DATABASE_URL to "
            "another database: the bench makes its own beside it."
        )
    return row is not None


def _administer(name: str, *statements: str) -> None:
    try:
        with connection._nodb_cursor() as cursor:  # noqa: SLF001
            for statement in statements:
                cursor.execute(statement)
    except (OperationalError, ProgrammingError) as error:
        hint = "Another run may use it, or your user may lack the right to create databases (ALTER ROLE … CREATEDB)."
        raise DomainError(f"The database {name} cannot be made anew: {str(error).splitlines()[0]}. {hint}") from error


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Point the connections of this process elsewhere, and back again."""
    settings = connections["default"].settings_dict
    before = settings["NAME"]
    connection.close()
    settings["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        settings["NAME"] = before
