"""Tell people: of events, each exactly once, and of what lasts. Nothing here is a command of the trade: what is told is
read from its log and its rows."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction

from dashboard.models import Notice, Untold
from dashboard.notice_kinds import USUAL
from dashboard.queries.mail_times import mail_is_set_up, next_digest
from dashboard.queries.standing import expiring, standing
from dashboard.queries.telling import Telling
from dashboard.queries.told_events import tellings_of
from stations.access import READS_ALL

EVENTS_AT_ONCE = 2_000
BATCHES = 50
KEPT = timedelta(days=90)
ONCE = "ON CONFLICT (key, person_id) DO NOTHING"
_TYPES = ("text", "text", "text", "text", "jsonb", "bigint", "bigint", "bigint", "bigint", "boolean", "text")
# Whoever the telling is for: of a station those who belong to it, the person who is meant, and who sees all anyway.
_TELL = """
    INSERT INTO dashboard_notice
           (person_id, role, kind, key, station_id, event_id, facts, target, made_at, mail_due_at, mail_tries)
    WITH told (kind, role, key, target, facts, station, person, event, apart_from, is_to_act, usual) AS (
        VALUES {lines}
    ), reaches AS (
        SELECT told.*, member.user_id AS reader
          FROM told JOIN stations_membership AS member
            ON member.station_id = told.station AND NOT (told.is_to_act AND member.is_read_only)
        UNION ALL SELECT told.*, told.person FROM told WHERE told.person IS NOT NULL
        UNION ALL SELECT told.*, person.id
          FROM told JOIN stations_user AS person ON person.role = told.role AND person.role IN ({reads_all})
    )
    SELECT person.id, told.role, told.kind, told.key, told.station, told.event, told.facts, told.target, {at},
           CASE WHEN person.email = '' THEN NULL
                WHEN COALESCE(choice.channel, told.usual) = 'at_once' THEN {at_once}
                WHEN COALESCE(choice.channel, told.usual) = 'digest' THEN {digest} END, 0
      FROM reaches AS told
      JOIN stations_user AS person ON person.id = told.reader AND person.role = told.role AND person.is_active
      LEFT JOIN dashboard_noticechoice AS choice ON choice.person_id = person.id AND choice.kind = told.kind
     WHERE COALESCE(choice.channel, told.usual) <> 'off'
       AND (told.apart_from IS NULL OR told.apart_from <> person.id)
     ORDER BY told.key, person.id
    {once}
"""


def tell_events(*, at: datetime) -> int:
    """Tell of every event that is not told yet: how many notices were made. Works in bounded batches, each its own
    transaction; of two workers each takes other events, and what a dead one had taken is free again."""
    made = 0
    for _ in range(BATCHES):
        events, told = _tell_batch(at)
        made += told
        if events < EVENTS_AT_ONCE:
            break
    return made


def tell_what_lasts(*, at: datetime) -> int:
    """Tell of what has no event, unless it was told before."""
    return tell(standing(at=at), at=at)


def tell_expiring(*, at: datetime) -> int:
    """Tell each station once a week what expires this month."""
    return tell(expiring(at=at), at=at)


def forget_notices(*, at: datetime) -> int:
    """Remove what was told three months ago. What lasts that long is told again."""
    return Notice.objects.filter(made_at__lt=at - KEPT).delete()[0]


@transaction.atomic
def _tell_batch(at: datetime) -> tuple[int, int]:
    """How many events were looked at, and how many notices made. The events are marked by taking their row away, in
    the transaction that tells of them."""
    waiting = Untold.objects.select_for_update(skip_locked=True).order_by("pk")[:EVENTS_AT_ONCE]
    events = list(waiting.values_list("pk", flat=True))
    if not events:
        return 0, 0
    made = tell(tellings_of(events, at=at), at=at)
    Untold.objects.filter(pk__in=events).delete()
    return len(events), made


def tell(tellings: Iterable[Telling], *, at: datetime) -> int:
    """Make the notices, in one statement for as many tellings as the database takes parameters for. What a person was
    told before is left as it is."""
    waiting, made = iter(tellings), 0
    size = (connection.features.max_query_params or 10_000) // (len(_TYPES) + 1)
    while batch := list(islice(waiting, size)):
        made += _insert(batch, at)
    return made


def _insert(tellings: Sequence[Telling], at: datetime) -> int:
    is_postgresql = connection.vendor == "postgresql"
    places = [f"CAST(%s AS {kind})" for kind in _TYPES] if is_postgresql else ["%s"] * len(_TYPES)
    moment = "CAST(%s AS timestamptz)" if is_postgresql else "%s"
    statement = _TELL.format(
        lines=", ".join([f"({', '.join(places)})"] * len(tellings)),
        at=moment,
        at_once=moment,
        digest=moment,
        reads_all=", ".join(f"'{role.value}'" for role in sorted(READS_ALL)),
        once=ONCE,
    )
    told = [value for telling in tellings for value in _row(telling)]
    mail = (at, next_digest(at)) if mail_is_set_up() else (None, None)
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(statement, [*told, adapt(at), *(adapt(moment) for moment in mail)])
        return int(cursor.rowcount)


def _row(telling: Telling) -> list[Any]:
    """Its values in the order of the statement."""
    row = {field.name: getattr(telling, field.name) for field in fields(telling)}
    return [*(row | {"facts": json.dumps(row["facts"])}).values(), USUAL[telling.role][telling.kind]]
