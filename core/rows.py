"""Writing rows in one statement where Django takes more."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Model


def write_rows(rows: Collection[Model], names: Sequence[str]) -> None:
    """Save these fields of rows of one model that are in the database, locked by the caller.

    Like ``bulk_update``, whose CASE for every row and field costs more than the commands that need it: here the values
    are a table, and the update joins it. One statement for as many rows as the database takes parameters for.
    """
    waiting = iter(rows)
    size = (connection.features.max_query_params or 10_000) // (len(names) + 1)
    while batch := list(islice(waiting, size)):
        _write(batch, names)


def check_keys_at_once() -> None:
    """From here to the end of this transaction, foreign keys are checked as each statement ends.

    Django has PostgreSQL keep a note for each key of each row and go through them at the commit. For a hundred
    thousand rows that takes twice as long, and the locks are held all the while.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _write(rows: Sequence[Model], names: Sequence[str]) -> None:
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields: list[Any] = [meta.pk, *(meta.get_field(name) for name in names)]
    columns = [quote(field.column) for field in fields]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]
    line = f"({', '.join(_place(field) for field in fields)})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH fresh ({', '.join(columns)}) AS (VALUES {', '.join([line] * len(rows))}) "  # noqa: S608  # our names
            f"UPDATE {quote(meta.db_table)} SET {', '.join(f'{column} = fresh.{column}' for column in columns[1:])} "
            f"FROM fresh WHERE {quote(meta.db_table)}.{columns[0]} = fresh.{columns[0]}",
            values,
        )


def _place(field: Any) -> str:
    """A parameter. PostgreSQL has to be told its type, as the table of values has none."""
    if connection.vendor == "postgresql":
        return f"CAST(%s AS {field.rel_db_type(connection) if field.primary_key else field.db_type(connection)})"
    return "%s"


def insert_unless_known(row: Model, *unique: str) -> bool:
    """Save a new row, unless one with the same values of these columns is there: whether it was saved.

    One statement, so that it costs one round trip and no savepoint; it waits for a twin that is not committed yet.
    """
    fields = [field for field in row._meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    places = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({places}) "  # noqa: S608  # our own names
            f"ON CONFLICT ({', '.join(map(connection.ops.quote_name, unique))}) DO NOTHING RETURNING id",
            values,
        )
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk = found[0]
    row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 - as Model.save does
    return True
