"""Letting the test runner, and nobody else, empty tables that can only grow."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from integrations import triggers as integrations
from inventory import triggers as inventory
from stations import triggers as stations

TRIGGERS = (*stations.TRIGGERS, *inventory.TRIGGERS, *integrations.TRIGGERS)


@contextmanager
def lifted() -> Iterator[None]:
    """SQLite has no TRUNCATE: its flush deletes row by row, which the triggers refuse. PostgreSQL's passes by them."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.schema_editor() as editor:
        for trigger in TRIGGERS:
            trigger.drop(editor)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for trigger in TRIGGERS:
                trigger.create(editor)
