"""W6: telling people. Every event is one that a station hears of, which is the most there is to do."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from dashboard.actions.telling import tell_events, tell_what_lasts
from ems_supply.bench.asked import Asked, Tell
from ems_supply.bench.division import Size, load, run, settle
from ems_supply.bench.measuring import in_turn, seconds_of
from ems_supply.bench.report import Bound, Figure

QUICK, SIZES = (Size(6, 20, 1),), (Size(100, 500, 1), Size(1_000, 2_000, 1))
EVENTS = (2_000, 20_000)
QUICK_EVENTS = (20, 200)
AT_MOST, WRITTEN = 8.0, 1.5

# The same notices by hand, of all events at once and of this one kind alone.
_BY_HAND = """
    INSERT INTO dashboard_notice
           (person_id, role, kind, key, station_id, event_id, facts, target, made_at, mail_tries)
    SELECT person.id, person.role, 'approved', 'event:' || event.id || ':approved', station.id, event.id,
           jsonb_build_object('order', 'R' || lpad(resupply.id::text, 6, '0'), 'how', 'full', 'count', 0,
                              'station', station.name),
           '/requests/' || resupply.id || '/', %(at)s, 0
      FROM dashboard_untold AS untold
      JOIN stations_event AS event ON event.id = untold.event_id
      JOIN orders_resupplyorder AS resupply ON resupply.id = event.subject_id
      JOIN stations_station AS station ON station.id = resupply.station_id
      JOIN stations_membership AS member ON member.station_id = station.id
      JOIN stations_user AS person ON person.id = member.user_id AND person.is_active AND person.role = 'officer'
        ON CONFLICT (key, person_id) DO NOTHING
"""


def _make_officers() -> None:
    """Two at each station, and nobody else."""
    run("DELETE FROM stations_membership")
    run(
        """INSERT INTO stations_user (username, first_name, last_name, email, password, is_superuser, is_staff,
                                      is_active, date_joined, role, language)
           SELECT 'crew' || n || '-' || id, 'Crew', id::text, '', '!', FALSE, FALSE, TRUE, now(), 'officer', ''
             FROM stations_station, generate_series(1, 2) AS n WHERE kind = 'station'"""
    )
    run(
        """INSERT INTO stations_membership (user_id, station_id, is_read_only)
           SELECT id, last_name::bigint, FALSE FROM stations_user WHERE first_name = 'Crew'"""
    )


def _make_events(count: int, at: datetime) -> None:
    """So many requests that were approved in full, and what the log says of it."""
    run("TRUNCATE dashboard_notice, dashboard_untold")
    run(
        """INSERT INTO orders_resupplyorder (station_id, source_id, state, priority, is_automatic, comment,
                                             requested_by_id, created_at, submitted_at, approved_at, version)
           SELECT person.last_name::bigint, station.supplied_by_id, 'approved', 0, FALSE, '', person.id,
                  %(at)s, %(at)s, %(at)s, 1
             FROM generate_series(1, %(count)s) AS n
             JOIN (SELECT *, row_number() OVER (ORDER BY id) AS nth, COUNT(*) OVER () AS many
                     FROM stations_user WHERE first_name = 'Crew') AS person ON person.nth = 1 + n %% person.many
             JOIN stations_station AS station ON station.id = person.last_name::bigint""",
        count=count,
        at=at,
    )
    _log(count, at)
    settle()


def _log(count: int, at: datetime) -> None:
    """One command that approved the last so many requests."""
    run(
        """WITH command AS (
               INSERT INTO stations_command (request_id, verb, fingerprint, by_id, at)
               VALUES (gen_random_uuid(), 'approve_order', '', NULL, %(at)s) RETURNING id)
           INSERT INTO stations_event (command_id, subject_kind, subject_id, verb, comment, details)
           SELECT command.id, 'resupplyorder', resupply.id, 'approved', '', '{"next": "", "less": []}'
             FROM command, (SELECT id FROM orders_resupplyorder ORDER BY id DESC LIMIT %(count)s) AS resupply""",
        count=count,
        at=at,
    )


def _tell_by_hand(at: datetime) -> None:
    with transaction.atomic():
        run(_BY_HAND, at=at)
        run("DELETE FROM dashboard_untold")


def _told() -> tuple[object, ...]:
    """What was told, as one row that two ways of telling it share."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*), SUM(hashtext(person_id || key || facts::text || target)) FROM dashboard_notice"
        )
        row: tuple[object, ...] = cursor.fetchone() or ()
    return row


def measure(asked: Asked, tell: Tell) -> Iterator[Figure]:
    """Telling of many events beside one statement by hand, of none, of what lasts; and what the log's rows cost."""
    for size in asked.sizes or (QUICK if asked.quick else SIZES):
        tell(f"W6 {size}: loading")
        load(size, at=asked.at)
        _make_officers()
        yield from _of_events(size, asked, tell)
        yield _what_lasts(size, asked.at)


def _of_events(size: Size, asked: Asked, tell: Tell) -> Iterator[Figure]:
    counts = QUICK_EVENTS if asked.quick else EVENTS
    for count in counts:
        tell(f"W6 {size}: telling of {count:,} events")
        _make_events(count, asked.at)
        timed = in_turn(
            lambda: tell_events(at=asked.at), lambda: _tell_by_hand(asked.at), reset=_untold, runs=asked.runs
        )
        _agree(asked.at)
        what, bound = f"{count:,} events, {size}", None if asked.quick else Bound(AT_MOST)
        yield Figure("W6", "Telling of events", what, timed.seconds, "s", floor=timed.floor_seconds, bound=bound)
    yield Figure("W6", "Telling when nothing waits", str(size), seconds_of(lambda: tell_events(at=asked.at)), "s")
    yield _writing(counts[-1], size, asked)


def _untold() -> None:
    run("TRUNCATE dashboard_notice, dashboard_untold")
    run("INSERT INTO dashboard_untold SELECT id FROM stations_event WHERE verb = 'approved'")


def _agree(at: datetime) -> None:
    _tell_by_hand(at)
    expected = _told()
    _untold()
    tell_events(at=at)
    if _told() != expected:
        raise AssertionError(f"The system told {_told()}, by hand it is {expected}.")


def _writing(count: int, size: Size, asked: Asked) -> Figure:
    """What it costs the log that each of its events leaves a row to be told."""
    switch = "ALTER TABLE stations_event {} TRIGGER dashboard_every_event_is_told"

    def without() -> None:
        run(switch.format("DISABLE"))
        _log(count, asked.at)
        run(switch.format("ENABLE"))

    timed = in_turn(lambda: _log(count, asked.at), without, runs=asked.runs)
    bound = None if asked.quick else Bound(WRITTEN)
    what = f"{count:,} events, {size}"
    return Figure("W6", "Writing them to the log", what, timed.seconds, "s", floor=timed.floor_seconds, bound=bound)


def _what_lasts(size: Size, at: datetime) -> Figure:
    first = seconds_of(lambda: tell_what_lasts(at=at))
    again = seconds_of(lambda: tell_what_lasts(at=at))
    return Figure("W6", "Telling what lasts, again", str(size), again, "s", details={"first": first})
