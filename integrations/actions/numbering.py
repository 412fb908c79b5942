"""Giving events their positions in the change feed."""

from django.db import connection, transaction

from integrations.models import Change, Unnumbered

BATCH = 10_000
# Names the one lock of the feed among PostgreSQL's advisory locks.
LOCK = 0x656D735F66656564
NUMBER = """
INSERT INTO integrations_change (position, event_id)
SELECT %s + row_number() OVER (ORDER BY event_id), event_id FROM (
    SELECT event_id FROM integrations_unnumbered ORDER BY event_id LIMIT %s
) AS waiting
"""
NUMBERED = """
DELETE FROM integrations_unnumbered WHERE event_id IN (SELECT event_id FROM integrations_change WHERE position > %s)
"""


def number_changes() -> int:
    """Give the next positions to events that can be seen and have none, at most a batch of them; how many.

    One at a time does so, until it has committed: whoever comes next sees those positions and goes on after them. What
    commits meanwhile comes later, with a higher position, however low its id. Killed half-way, nothing was numbered.
    """
    if not Unnumbered.objects.exists():
        return 0
    with transaction.atomic():
        take_turn()
        last = Change.objects.last_position()
        with connection.cursor() as cursor:
            cursor.execute(NUMBER, [last, BATCH])
            cursor.execute(NUMBERED, [last])
            return int(cursor.rowcount)


def number_all_changes() -> int:
    """The same until nothing waits."""
    total = 0
    while numbered := number_changes():
        total += numbered
    return total


def take_turn() -> None:
    """Wait until no other numbers changes, to the end of this transaction. On SQLite a transaction that writes has the
    database to itself already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
