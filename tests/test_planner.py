"""Moving deliveries by hand: what is written, what is refused, and what a repeat and a second person find."""

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import DomainError, RequestIdReused, StaleEdit
from orders.actions import planner, runs, schedule
from orders.models import DeliveryRun, Shipment, Stop
from orders.queries.timetable import last_change, timetable_of
from orders.queries.verify import all_differences
from orders.routing.moves import Move, moved
from orders.routing.timetable import HELD
from stations.models import Event
from tests import make, planned_day
from tests.flow import Division
from tests.planned_day import order_of

pytestmark = pytest.mark.django_db
State = DeliveryRun.State


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def two(division):
    """Two runs, of three stops and of one."""
    return planned_day.runs(division, 3, 1)


def move(division, station, source=None, **aim):
    versions = aim.pop("versions", None)
    command = {**division.by(division.logistics), **aim.pop("command", {})}
    asked = Move(station, source and source.pk, **{name: getattr(one, "pk", one) for name, one in aim.items()})
    return planner.move_stop(depot=division.warehouse, day=make.TODAY, move=asked, versions=versions, **command)


def test_a_stop_goes_to_another_run_with_its_shipments_and_both_are_timed_anew(division, two):
    first, second = two
    station = order_of(first)[1]
    stop = Stop.objects.get(run=first, station=station)

    assert move(division, station, first, run=second, position=1) == second

    stop.refresh_from_db()
    assert (stop.run, stop.position, order_of(first)) == (second, 1, [one for one in order_of(first) if one != station])
    assert Shipment.objects.get(destination=station).stop == stop
    for before in two:
        run = DeliveryRun.objects.get(pk=before.pk)
        assert run.version == before.version + 1
        stops = list(run.stops.all())
        assert [one.position for one in stops] == list(range(1, len(stops) + 1))
        assert [one.planned_at for one in stops] == sorted(one.planned_at for one in stops)
    assert all_differences() == []


def test_what_is_written_is_what_was_shown(division, two):
    first, second = two
    station = order_of(first)[2]
    shown = moved(timetable_of(division.warehouse, make.TODAY, at=division.at), Move(station, first.pk, second.pk))

    move(division, station, first, run=second)

    found = timetable_of(division.warehouse, make.TODAY, at=division.at)
    assert {one.pk: (one.stations, one.leaves_at, one.timing) for one in found.runs} == {
        one.pk: (one.stations, one.leaves_at, one.timing) for one in shown.runs
    }
    assert found.cost == shown.cost
    for run in DeliveryRun.objects.all():
        one = found.run(run.pk)
        assert one is not None
        assert run.distance_m == one.timing.metres
        assert [stop.planned_at for stop in run.stops.all()] == [each.starts_at for each in one.timing.visits]


def test_a_stop_goes_along_its_run(division, two):
    first = two[0]
    a, b, c = order_of(first)
    move(division, a, first, run=first, position=3)
    assert order_of(first) == [b, c, a]
    move(division, a, first, run=first, position=1)
    assert order_of(first) == [a, b, c]


def test_taken_off_its_run_a_delivery_waits_and_goes_on_a_run_again(division, two):
    first, second = two
    station = order_of(first)[0]
    shipment = Shipment.objects.get(destination=station)

    assert move(division, station, first) == first
    shipment.refresh_from_db()
    assert (shipment.stop, Stop.objects.filter(station=station).count()) == (None, 0)

    move(division, station, run=second, position=2)
    shipment.refresh_from_db()
    stop = second.stops.get(shipments=shipment)
    assert (stop.position, shipment.wait_reason) == (2, "")


def test_what_was_taken_off_is_planned_for_another_day_until_the_day_is_planned_again(division, two):
    first = two[0]
    station = order_of(first)[0]
    shipment = Shipment.objects.get(destination=station)
    move(division, station, first)
    found = timetable_of(division.warehouse, make.TODAY, at=division.at)
    assert [one.wait_reason for one in found.waiting] == [HELD]

    schedule.schedule_deliveries(at=division.at)
    shipment.refresh_from_db()
    assert shipment.stop is not None
    assert shipment.stop.run.run_on > make.TODAY

    again = {"depot": division.warehouse, "day": make.TODAY}
    move(division, order_of(first)[0], first)
    schedule.replan_day(**again, **division.by(division.logistics))
    assert not Shipment.objects.exclude(held_on=None).exclude(pk=shipment.pk)
    assert Stop.objects.filter(run__run_on=make.TODAY).count() == 3


def test_more_that_waits_for_a_station_goes_with_it(division, two):
    [station] = planned_day.waiting(division)
    Shipment.objects.create(
        source=division.warehouse, destination=station, created_at=division.at, state="packed", packed_at=division.at
    )
    move(division, station.pk, run=two[0])
    assert Shipment.objects.filter(destination=station, stop__run=two[0]).count() == 2


def test_a_van_that_has_no_run_begins_one(division, two):
    [station] = planned_day.waiting(division)
    van = make.van(division.warehouse)

    run = move(division, station.pk, van=van)

    assert (run.van, run.run_on, run.state, order_of(run)) == (van, make.TODAY, State.PLANNED, [station.pk])
    stop = run.stops.get()
    assert run.leaves_at < stop.planned_at
    assert stop.window_start <= stop.planned_at <= stop.window_end


def test_a_run_without_a_stop_is_called_off_and_its_van_is_free_again(division, two):
    first, second = two
    station = order_of(second)[0]

    assert move(division, station, second, run=first) == first

    second.refresh_from_db()
    assert (second.state, second.distance_m, second.stops.count()) == (State.CANCELLED, 0, 0)
    again = move(division, station, first, van=second.van)
    assert (again.van, order_of(again)) == (second.van, [station])


def test_a_second_send_of_the_same_move_changes_nothing(division, two):
    first, second = two
    a, b, _ = order_of(first)
    command = division.by(division.logistics)
    once = move(division, a, first, run=second, command=command)
    events = Event.objects.count()

    assert move(division, a, first, run=second, command=command) == once
    assert Event.objects.count() == events
    with pytest.raises(RequestIdReused):
        move(division, b, first, run=second, command=command)


@pytest.mark.parametrize("which", [0, 1], ids=["from", "to"])
def test_a_plan_that_another_changed_meanwhile_is_refused_with_what_they_did(division, two, which):
    seen = {run.pk: run.version for run in two}
    first, second = two
    a, b, _ = order_of(first)
    other = make.logistics()
    if which:
        runs.assign_driver(run=second, version=None, driver=division.driver, **division.by(other))
    else:
        move(division, b, first, run=first, position=1, command=division.by(other))
    before = order_of(first), order_of(second)

    with pytest.raises(StaleEdit) as refusal:
        move(division, a, first, run=second, versions=seen)

    assert str(other) in refusal.value.problems[0]
    assert (order_of(first), order_of(second)) == before


@pytest.mark.parametrize("state", ["loading", "out"])
def test_a_van_that_is_loaded_or_out_keeps_its_stops(division, gauze, state):
    division.packed({gauze.pk: 5})
    [loaded] = schedule.schedule_deliveries(at=division.at)
    loaded.refresh_from_db()
    [other] = planned_day.runs(division, 1)
    if state == "loading":
        runs.load_run(run=loaded, version=None, **division.by(division.logistics))
    else:
        division.leave(loaded)
    for source, target in [(loaded, other), (other, loaded)]:
        with pytest.raises(DomainError, match="stay as they are"):
            move(division, order_of(source)[0], source, run=target)
    with pytest.raises(DomainError, match="stay as they are"):
        move(division, order_of(loaded)[0], loaded)


@pytest.fixture
def gauze(division):
    item = make.item(weight_g=1_000, volume_ml=500)
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=1_000)
    return item


@pytest.mark.parametrize(
    ("item", "van", "said"),
    [
        ({}, {"max_weight_g": 4_000}, "would carry 5 kg, and may carry 4 kg"),
        ({}, {"max_volume_ml": 2_000}, "hold 2.5 litres, and has room for 2"),
        ({"storage": "cold"}, {}, "keeps nothing cold"),
        ({"needs_two_people": True}, {}, "a crew of one"),
    ],
)
def test_a_van_that_cannot_carry_it_is_refused_by_what_its_lines_say(division, gauze, item, van, said):
    type(gauze).objects.filter(pk=gauze.pk).update(**item)
    division.approved({gauze.pk: 5})
    small = make.van(division.warehouse, **van)
    with pytest.raises(DomainError) as refusal:
        move(division, division.station.pk, van=small)
    assert said in " ".join(refusal.value.problems)
    assert not DeliveryRun.objects.exists()
    able = make.van(division.warehouse, carries_cold=True, crew=2)
    assert move(division, division.station.pk, van=able).van == able


def test_a_day_that_is_past_stays_as_it_was(division, two):
    first, second = two
    [station] = planned_day.waiting(division)
    division.later(days=1)
    with pytest.raises(DomainError, match="from a day that is past"):
        move(division, order_of(first)[0], first, run=second)
    with pytest.raises(DomainError, match="not free any more"):
        move(division, station.pk, van=division.van)


def test_only_logistics_moves_and_locks(division, two):
    station = order_of(two[0])[0]
    for person in (division.driver, division.chief, division.officer, make.auditor()):
        with pytest.raises(PermissionDenied):
            move(division, station, two[0], command=division.by(person))
        with pytest.raises(PermissionDenied):
            planner.lock_run(run=two[0], version=None, **division.by(person))


def test_another_depots_run_is_not_this_days(division, two):
    other = Division()
    [elsewhere] = planned_day.runs(other, 1)
    with pytest.raises(DomainError, match="no longer planned for this day"):
        move(division, order_of(two[0])[0], two[0], run=elsewhere)


# --- Locks ------------------------------------------------------------------------------------------------------------


def test_a_locked_run_is_left_as_it_is_until_it_is_unlocked(division, two):
    first, second = two
    station = order_of(first)[0]
    planner.lock_run(run=first, version=first.version, **division.by(division.logistics))

    for source, target in [(first, second), (second, first)]:
        with pytest.raises(DomainError, match="Unlock it first"):
            move(division, order_of(source)[0], source, run=target)
    with pytest.raises(DomainError, match="locked already"):
        planner.lock_run(run=first, version=None, **division.by(division.logistics))

    planner.unlock_run(run=first, version=first.version + 1, **division.by(division.logistics))
    assert move(division, station, first, run=second) == second


def test_only_a_planned_run_is_locked(division, two):
    runs.load_run(run=two[0], version=None, **division.by(division.logistics))
    with pytest.raises(DomainError, match="only a planned run"):
        planner.lock_run(run=two[0], version=None, **division.by(division.logistics))


def test_locking_twice_with_one_request_locks_once(division, two):
    command = division.by(division.logistics)
    for _ in range(2):
        assert planner.lock_run(run=two[0], version=two[0].version, **command).is_locked


# --- The schedule beside a hand ---------------------------------------------------------------------------------------


def test_what_a_hand_arranged_the_schedule_leaves_until_the_day_is_planned_again(division, gauze):
    division.approved({gauze.pk: 5})
    [run] = schedule.schedule_deliveries(at=division.at)
    run.refresh_from_db()
    assert not run.is_by_hand
    other = make.van(division.warehouse)
    [station] = order_of(run)
    mine = move(division, station, run, van=other)
    assert mine.is_by_hand
    planned_day.waiting(division)

    schedule.schedule_deliveries(at=division.at)
    assert order_of(mine) == [station], "what a hand arranged is left"

    command = {**division.by(division.logistics), "depot": division.warehouse, "day": make.TODAY}
    moves = schedule.replan_day(**command)
    assert not DeliveryRun.objects.filter(is_by_hand=True).exists()
    assert schedule.replan_day(**command) == moves
    assert DeliveryRun.objects.exclude(state=State.CANCELLED).count() == 1, "one van does both"
    assert any(str(division.station) in one for one in moves)


def test_a_locked_run_stays_when_the_day_is_planned_again(division, two):
    orders = {run.pk: order_of(run) for run in two}
    for run in two:
        planner.lock_run(run=run, version=None, **division.by(division.logistics))
    schedule.replan_day(depot=division.warehouse, day=make.TODAY, **division.by(division.logistics))
    assert {run.pk: order_of(run) for run in two} == orders
    with pytest.raises(PermissionDenied):
        schedule.replan_day(depot=division.warehouse, day=make.TODAY, **division.by(division.chief))
    ids = order_of(two[0])[::-1]
    with pytest.raises(DomainError, match="is locked"):
        runs.reorder_stops(run=two[0], version=None, station_ids=ids, **division.by(division.logistics))


# --- What it says afterwards ------------------------------------------------------------------------------------------


def test_the_log_says_what_moved_and_what_the_day_was_before_and_after(division, two):
    first, second = two
    station = order_of(first)[1]
    before = timetable_of(division.warehouse, make.TODAY, at=division.at)

    move(division, station, first, run=second)

    for run in two:
        [event] = Event.objects.about(run).filter(verb="moved a stop")
        assert f"from {first.van} to {second.van}" in event.comment
    last = last_change(division.warehouse, make.TODAY)
    after = timetable_of(division.warehouse, make.TODAY, at=division.at)
    assert last is not None
    assert last.details["before"] == {"cents": round(before.cost), "metres": before.metres, "late": before.late}
    assert last.details["after"] == {"cents": round(after.cost), "metres": after.metres, "late": after.late}


def test_why_a_delivery_waits(division):
    weekly, found, new = planned_day.waiting(division, 3)
    type(weekly).objects.filter(pk=weekly.pk).update(delivery_days=0b10100)
    Shipment.objects.filter(destination=found).update(wait_reason="No van has room for it.")

    plan = timetable_of(division.warehouse, make.TODAY, at=division.at)

    assert {one.station_id: one.wait_reason for one in plan.waiting} == {
        weekly.pk: "Takes deliveries on Wed, Fri.",
        found.pk: "No van has room for it.",
        new.pk: "Came in since the last planning.",
    }
