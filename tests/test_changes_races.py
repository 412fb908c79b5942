"""The feed while others write: transactions that commit out of order, readers that die, writers and readers at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.actions import numbering
from integrations.actions.numbering import number_all_changes, number_changes
from integrations.models import Change, Unnumbered
from integrations.queries.changes import piece_after
from integrations.queries.kinds import seen_by
from stations.models import Command, Event
from tests import make
from tests.api import Api
from tests.race import crashes, race

pytestmark = pytest.mark.django_db(transaction=True)


def happens(subject: Any, *verbs: str) -> list[int]:
    command = Command.objects.begin("something", by=None, at=make.AT)
    return [command.log(verb, subject).pk for verb in verbs]


class Slow:
    """A transaction of another connection that has written its event, and commits when it is told to."""

    def __init__(self, subject: Any, verb: str) -> None:
        self.written, self.may_end = threading.Event(), threading.Event()
        self.pool = ThreadPoolExecutor(1)
        self.running = self.pool.submit(self._run, subject, verb)
        assert self.written.wait(timeout=20)

    def _run(self, subject: Any, verb: str) -> None:
        try:
            with transaction.atomic():
                happens(subject, verb)
                self.written.set()
                assert self.may_end.wait(timeout=20)
        finally:
            connection.close()

    def commit(self) -> None:
        self.may_end.set()
        self.running.result(timeout=20)
        self.pool.shutdown()


@pytest.mark.postgres
def test_what_commits_late_comes_late_and_the_highest_id_would_miss_it():
    station, reader = make.station(), make.logistics()
    api = Api(reader)
    after = api.get("/changes/").json()["after"]
    seen_id = Event.objects.latest("pk").pk
    slow = Slow(station, "began first")
    happens(station, "began later")
    body = api.get(f"/changes/?after={after}").json()
    assert [row["verb"] for row in body["results"]] == ["began later"]
    # The control: a reader that goes on after the highest id that it saw.
    naive = list(Event.objects.filter(pk__gt=seen_id).order_by("pk"))
    assert [event.verb for event in naive] == ["began later"]

    slow.commit()

    again = api.get(f"/changes/?after={body['after']}").json()
    assert [row["verb"] for row in again["results"]] == ["began first"]
    assert not Event.objects.filter(pk__gt=naive[-1].pk).exists()
    assert Event.objects.get(verb="began first").pk < naive[-1].pk


@pytest.mark.postgres
def test_the_control_two_who_number_at_once_without_the_turn_get_in_each_others_way(monkeypatch):
    """With the lock taken out, the second gives positions that the first has given already, and fails."""
    monkeypatch.setattr(numbering, "take_turn", lambda: None)
    assert crashes(_number_twice(make.station()))


@pytest.mark.postgres
def test_two_who_number_at_once_take_turns():
    assert _number_twice(make.station()) == [1, 1]
    assert list(Change.objects.order_by("position").values_list("position", flat=True)) == [1, 2]


def _number_twice(station: Any) -> list[object]:
    """Two that number at the same moment: one has numbered its event and not committed when the other begins."""
    happens(station, "first")
    numbered = threading.Event()

    def first() -> int:
        with transaction.atomic():
            count = number_changes()
            numbered.set()
            threading.Event().wait(0.5)
            return count

    def second() -> int:
        assert numbered.wait(timeout=20)
        happens(station, "second")
        return number_changes()

    return race(first, second)


def test_a_reader_that_dies_between_two_pages_goes_on_where_it_was():
    station = make.station()
    happens(station, *map(str, range(10)))
    api = Api(make.logistics())
    kept = api.get("/changes/?limit=4").json()["after"]
    lost = api.get(f"/changes/?after={kept}&limit=4").json()["results"]  # died before it kept where it was

    again = api.get(f"/changes/?after={kept}&limit=4").json()["results"]

    assert again == lost
    assert [row["verb"] for row in again] == ["4", "5", "6", "7"]


def test_numbering_that_dies_half_way_has_numbered_nothing(monkeypatch):
    happens(make.station(), "first", "second")

    class Killed(BaseException):
        pass

    def killed() -> None:
        with transaction.atomic():
            number_changes()
            raise Killed

    with pytest.raises(Killed):
        killed()

    assert Change.objects.last_position() == 0
    assert number_all_changes() == 2


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plans=st.lists(
        st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=6), min_size=2, max_size=4
    ),
    limit=st.integers(1, 7),
)
def test_however_writers_and_readers_meet_each_reader_sees_each_event_once(transactional_db, plans, limit):
    """Every writer does its transactions, some rolled back, while two readers read: each all of it, once, in order."""
    station, reader = make.station(), make.logistics()
    begins = Change.objects.last_position()
    done = threading.Event()

    def write(number: int, plan: list[tuple[int, bool]]) -> list[int]:
        written = []
        for step, (count, is_kept) in enumerate(plan):
            with transaction.atomic():
                made = happens(station, *(f"{number}.{step}.{one}" for one in range(count)))
                if is_kept:
                    written += made
                else:
                    transaction.set_rollback(True)
        return written

    def read() -> list[int]:
        seen, after, is_last = [], begins, False
        while True:
            is_last = done.is_set()
            number_changes()
            piece = piece_after(after, limit=limit, wanted=seen_by(reader))
            seen += [one.position for one in piece.changes]
            after = piece.after
            if is_last and not piece.has_more and not Unnumbered.objects.exists():
                return seen

    def in_thread(command: Any, *arguments: Any) -> Any:
        try:
            return command(*arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(plans) + 2) as threads:
        readers = [threads.submit(in_thread, read) for _ in range(2)]
        writers = [threads.submit(in_thread, write, number, plan) for number, plan in enumerate(plans)]
        written = [pk for one in writers for pk in one.result(timeout=60)]
        done.set()
        seen = [one.result(timeout=60) for one in readers]

    positions = list(range(begins + 1, begins + 1 + len(written)))
    assert seen == [positions, positions]
    told = Change.objects.filter(position__gt=begins).order_by("position")
    assert sorted(told.values_list("event_id", flat=True)) == sorted(written)


@pytest.mark.postgres
def test_whoever_waits_too_long_for_the_turn_is_told_to_try_again():
    happens(make.station(), "first")
    holds, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            numbering.take_turn()
            holds.set()
            may_end.wait(timeout=20)

    def ask() -> Any:
        assert holds.wait(timeout=20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        try:
            return number_changes()
        finally:
            may_end.set()

    _, refused = race(hold, ask)
    assert isinstance(refused, OperationalError)
    assert number_changes() == 1


def test_what_happened_before_there_was_a_feed_comes_first_in_it():
    """The migration is taken back and done again: what happened without it is numbered, in the order of the log."""
    station, executor = make.station(), MigrationExecutor(connection)
    feed = next(node for node in executor.loader.graph.nodes if node[0] == "integrations" and "changes" in node[1])
    before = [one.key for one in executor.loader.graph.node_map[feed].parents if one.key[0] == "integrations"]
    executor.migrate(before)
    happens(station, "one", "two")
    executor = MigrationExecutor(connection)

    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] == "integrations"])

    happens(station, "three")
    number_all_changes()
    told = Change.objects.order_by("position").values_list("position", "event__verb")
    assert list(told) == [(1, "one"), (2, "two"), (3, "three")]
