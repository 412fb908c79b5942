"""Loading millions of rows: what a table checks row by row is lifted, and put back over all rows at once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE contype IN ('f', 'u') AND conrelid = ANY(%s::regclass[])
     ORDER BY contype DESC
"""
_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
      FROM pg_index AS i
     WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
       AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c
                        WHERE c.conindid = i.indexrelid AND c.contype IN ('u', 'p', 'x'))
"""


@contextmanager
def lifted(*tables: str) -> Iterator[None]:
    """Inside, these tables have no foreign keys, no unique rules, no indexes but the key, and no triggers of
    ours; after, all are back.

    Keys and rules are checked again over every row as they come back, so nothing is taken on trust but the triggers;
    what those would have kept is added up by ``verify_ledger`` afterwards. Needs the owner of the tables.
    """
    keys = _rows(_CONSTRAINTS, tables)
    indexes = _rows(_INDEXES, tables)
    with connection.cursor() as cursor:
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("RESET maintenance_work_mem")


def _rows(statement: str, tables: Sequence[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(tables)])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
