"""The next id of a table. An id that was given is never given again, also where its row is gone: the log names it."""

from django.db import connection
from django.db.models import AutoField

from integrations.archives.tables import Table


def last_id(table: Table) -> int | None:
    """The last id that the database gave here; None for a table whose ids are chosen."""
    key = table.model._meta.pk
    if not isinstance(key, AutoField):
        return None
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)",
                [table.model._meta.db_table, key.column],
            )
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.model._meta.db_table])
        found = cursor.fetchone()
    return int(found[0]) if found and found[0] is not None else 0


def go_on_after(table: Table, last: int) -> None:
    """Let the database give no id up to this one. PostgreSQL is asked for each: who may use a sequence may do that,
    while setting it is its owner's."""
    if last == 0:
        return
    name, key = table.model._meta.db_table, table.model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", [name, key])
            [given] = cursor.fetchone()
            if given < last:
                cursor.execute(
                    "SELECT max(nextval(pg_get_serial_sequence(%s, %s))) FROM generate_series(%s, %s)",
                    [name, key, given + 1, last],
                )
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, name])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, last])
