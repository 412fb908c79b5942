"""The PostgreSQL of this machine, for commands that need one of their own."""

import os
from collections.abc import Iterator

import psycopg2


def find_postgresql() -> str | None:
    """The first database that lets us in and lets us create others: ``DATABASE_URL``, else the local defaults."""
    for url in filter(None, [os.environ.get("DATABASE_URL"), *local_databases()]):
        try:
            connection = psycopg2.connect(url, connect_timeout=3)
        except psycopg2.OperationalError:
            continue
        except psycopg2.ProgrammingError:  # DATABASE_URL names another kind of database
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            row = cursor.fetchone()
        connection.close()
        if row and row[0]:
            return url
    return None


def local_databases() -> Iterator[str]:
    """Where a PostgreSQL that runs beside us usually lets us in."""
    for name in ("test", "postgres"):
        yield f"postgresql:///{name}?host=/var/run/postgresql"
        yield f"postgresql://127.0.0.1:5432/{name}"
        yield f"postgresql://postgres@127.0.0.1:5432/{name}"
