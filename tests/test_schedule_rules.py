"""What the schedule keeps to: who can carry what, by when, which runs are left alone, and what it says has moved."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from orders.actions import runs, schedule
from orders.models import DeliveryRun, ResupplyOrder, Shipment, TravelTime
from stations.models import Event, Unit
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db
STAT, URGENT = ResupplyOrder.Priority.STAT, ResupplyOrder.Priority.URGENT


@pytest.fixture
def division():
    """Monday, 2 November 2026, ten in the morning; stations are open from eight to six."""
    return Division()


def at_home(hour, minute=0, *, days=0):
    return timezone.make_aware(datetime.combine(make.TODAY + timedelta(days=days), time(hour, minute)))


def item(division, **fields):
    made = make.item(**{"weight_g": 100, "volume_ml": 500, **fields})
    make.stock(division.warehouse, made, on_hand=10_000)
    return made


def ordered(division, what, quantity=5, *, station=None, **fields):
    """An approved order of a station, by default a new one beside the others; the station."""
    station = station or make.station(supplied_by=division.warehouse)
    make.par(station, what, par=100)
    division.station, division.officer = station, make.officer(station)
    division.approved({what.pk: quantity}, **fields)
    return station


def planned(division, **delta):
    return schedule.schedule_deliveries(at=division.later(**delta) if delta else division.at)


def run_to(station):
    return DeliveryRun.objects.get(stops__station=station, state=DeliveryRun.State.PLANNED)


# --- Who can ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_item", "of_van", "reason"),
    [
        ({"storage": "cold"}, {"carries_cold": True}, "No cold van is in service."),
        ({"storage": "frozen"}, {"carries_cold": True}, "No cold van is in service."),
        ({"needs_two_people": True}, {"crew": 2}, "No van with a crew of two is in service."),
    ],
    ids=["cold", "frozen", "two"],
)
def test_what_needs_a_van_of_its_kind_waits_for_one(division, of_item, of_van, reason):
    station = ordered(division, item(division, **of_item))
    other = ordered(division, item(division))

    assert [why for _, why in planned(division).waits] == [reason]
    assert run_to(other).van == division.van

    able = make.van(division.warehouse, **of_van)
    planned(division)
    assert run_to(station).van == able


def test_what_cannot_go_does_not_hold_up_what_goes_to_the_same_station(division):
    what = item(division)
    station = ordered(division, what)
    [run] = planned(division)
    division.pack(division.to_pick())
    ordered(division, item(division, storage="cold"), station=station)

    done = planned(division, minutes=1)

    assert [why for _, why in done.waits] == ["No cold van is in service."]
    assert not done.runs
    assert run_to(station) == run


def test_more_than_a_van_takes_at_once_goes_on_two_days(division):
    Unit.objects.filter(pk=division.van.pk).update(max_weight_g=800)
    what = item(division)
    station = ordered(division, what)
    planned(division)
    division.pack(division.to_pick())
    division.approved({what.pk: 5})

    planned(division, minutes=1)

    runs_to = DeliveryRun.objects.filter(stops__station=station).order_by("run_on")
    assert [run.run_on for run in runs_to] == [make.TODAY, make.TODAY + timedelta(days=1)]


def test_vans_keep_to_their_shifts(division):
    Unit.objects.filter(pk=division.van.pk).update(shift_start=time(13), shift_end=time(15))
    ordered(division, item(division))

    [run] = planned(division)

    assert at_home(13) <= run.leaves_at < at_home(15)


def test_too_far_for_the_shift_is_named_and_the_rest_goes(division):
    Unit.objects.filter(pk=division.van.pk).update(shift_start=time(13), shift_end=time(15))
    far = make.station(supplied_by=division.warehouse, latitude=48.2)
    ordered(division, item(division), station=far)
    near = ordered(division, item(division))

    done = planned(division)

    assert [(one.destination, why.partition(":")[0]) for one, why in done.waits] == [(far, "Too far for a shift")]
    assert run_to(near)


def test_each_depot_sends_its_own_vans(division):
    what = item(division)
    hub = make.station(supplied_by=division.warehouse)
    make.stock(hub, what, on_hand=1_000)
    bike = make.van(hub)
    near = ordered(division, what)
    beyond = make.station(supplied_by=hub)
    ordered(division, what, station=beyond)

    planned(division)

    assert (run_to(near).van, run_to(beyond).van) == (division.van, bike)


# --- By when ----------------------------------------------------------------------------------------------------------


def test_a_stat_order_is_there_before_its_hour_and_the_others_wait_behind_it(division):
    what = item(division)
    for _ in range(3):
        ordered(division, what)
    stat = ordered(division, what, priority=STAT, needed_by=at_home(11, 30))

    planned(division)

    stop = run_to(stat).stops.get(station=stat)
    assert stop.planned_at <= stop.window_end == at_home(11, 30)


def test_a_stat_order_that_cannot_be_there_by_its_hour_comes_as_soon_as_a_van_can_and_shows_late(division):
    stat = ordered(division, item(division), priority=STAT, needed_by=at_home(10, 15))

    planned(division)

    stop = run_to(stat).stops.get()
    assert stop.is_late()
    assert stop.planned_at < at_home(11, 15)


def test_a_routine_delivery_that_is_far_waits_for_a_better_day_but_not_past_its_due_day(division, settings):
    settings.EMS_DELIVERY_CENTS = 0
    ordered(division, item(division))

    [run] = planned(division)

    assert run.run_on == make.TODAY + timedelta(days=5)


@pytest.mark.parametrize("fields", [{"priority": URGENT}, {"needed_by": at_home(17)}], ids=["urgent", "due"])
def test_what_is_urgent_or_due_goes_today_whatever_it_costs(division, settings, fields):
    settings.EMS_DELIVERY_CENTS = 0
    ordered(division, item(division), **fields)

    [run] = planned(division)

    assert run.run_on == make.TODAY


def test_a_shelf_that_runs_out_makes_the_way_worth_it(division, settings):
    settings.EMS_DELIVERY_CENTS = 0
    what = item(division, criticality="A")
    station = make.station(supplied_by=division.warehouse)
    use(station, what, 140, division)
    ordered(division, what, 50, station=station)

    [run] = planned(division)

    assert run.run_on == make.TODAY


def use(station, what, quantity, division):
    """So much was used there in the last four weeks; nothing is left."""
    from inventory.actions.ledger import Move, post_movements
    from inventory.models import StockMovement
    from stations.models import Command, Location

    level = make.stock(station, what, on_hand=quantity)
    at = division.at - timedelta(days=3)
    command = Command.objects.begin("use", by=None, at=at)
    consumed = Location.objects.virtual(Location.Kind.CONSUMED).pk
    used = Move(level.lot_id, level.location_id, consumed, quantity, StockMovement.Reason.USED)
    post_movements(command, [used], by=None, at=at)


# --- What is left alone, and what moves -------------------------------------------------------------------------------


def test_a_run_planned_by_hand_keeps_its_van_its_time_and_its_order_and_takes_more_for_its_stops(division):
    what = item(division)
    station = ordered(division, what)
    run = schedule.plan_run(
        depot=division.warehouse,
        van=division.van,
        leaves_at=at_home(15),
        stations=[station],
        **division.by(division.logistics),
    )
    before = (run.van, run.leaves_at, list(run.stops.values_list("station", "planned_at")))
    shipment = division.pack(division.to_pick())
    ordered(division, what, station=make.station(supplied_by=division.warehouse))
    division.station = station
    division.officer = make.officer(station)
    division.approved({what.pk: 3})

    done = planned(division)

    run.refresh_from_db()
    assert (run.van, run.leaves_at, list(run.stops.values_list("station", "planned_at"))) == before
    assert Shipment.objects.filter(stop__run=run).count() == 2
    assert len(done.runs) == 2
    assert shipment.stop == run.stops.get()


def test_a_locked_run_takes_no_more_than_it_can_carry(division):
    what = item(division)
    Unit.objects.filter(pk=division.van.pk).update(max_weight_g=600)
    station = ordered(division, what)
    run = schedule.plan_run(
        depot=division.warehouse,
        van=division.van,
        leaves_at=at_home(11),
        stations=[station],
        **division.by(division.logistics),
    )
    division.pack(division.to_pick())
    division.approved({what.pk: 5})

    planned(division)

    assert Shipment.objects.filter(stop__run=run).count() == 1
    assert DeliveryRun.objects.filter(van=division.van, run_on=run.run_on).count() == 2


def test_stops_of_a_van_that_breaks_down_go_with_another_and_the_log_says_what_moved(division):
    what = item(division)
    stations = [ordered(division, what) for _ in range(2)]
    [run] = planned(division)
    Unit.objects.filter(pk=division.van.pk).update(is_in_service=False)
    spare = make.van(division.warehouse)

    done = planned(division, minutes=5)

    [now] = done.runs
    assert now.van == spare
    assert {stop.station for stop in now.stops.all()} == set(stations)
    run.refresh_from_db()
    assert run.state == DeliveryRun.State.CANCELLED
    assert not run.stops.exists()
    assert {move.station for move in done.moves} == set(stations)
    assert all(f"{division.van} → {spare}" in str(move) for move in done.moves)
    assert [event.verb for event in Event.objects.about(run)] == ["planned", "called off"]


def test_what_was_planned_is_pushed_to_another_day_by_what_is_more_urgent_and_that_is_said(division):
    Unit.objects.filter(pk=division.van.pk).update(max_weight_g=600, shift_start=time(10), shift_end=time(11, 15))
    what = item(division)
    promised = ordered(division, what)
    [run] = planned(division)
    assert run.run_on == make.TODAY
    stat = ordered(division, what, priority=STAT)

    done = planned(division, minutes=1)

    assert run_to(stat).run_on == make.TODAY
    assert run_to(promised).run_on == make.TODAY + timedelta(days=1)
    [move] = done.moves
    assert (move.station, "Mon" in str(move), "Tue" in str(move)) == (promised, True, True)
    replanned = Event.objects.get(verb="replanned", subject_id=run.pk)
    assert replanned.details["moved"] == [str(move)]


def test_a_stop_keeps_its_row_when_it_moves_to_another_run(division):
    what = item(division)
    station = ordered(division, what)
    [run] = planned(division)
    stop = run.stops.get()
    Unit.objects.filter(pk=division.van.pk).update(is_in_service=False)
    make.van(division.warehouse)

    planned(division)

    stop.refresh_from_db()
    assert stop.run != run
    assert stop.shipments.get().destination == station


def test_nothing_new_leaves_everything_as_it_is_and_asks_few_questions(division, django_assert_max_num_queries):
    for _ in range(3):
        ordered(division, item(division))
    planned(division)
    before = list(DeliveryRun.objects.values()), list(Shipment.objects.values())

    with django_assert_max_num_queries(4):  # stations and their runs, and what is to be collected at other stations
        done = planned(division, minutes=15)

    assert not done.runs
    assert (list(DeliveryRun.objects.values()), list(Shipment.objects.values())) == before


def test_the_questions_do_not_grow_with_the_shipments(division):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    what = item(division)

    def asked(stations):
        for _ in range(stations):
            ordered(division, what)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            planned(division)
        return len(captured)

    asked(1)
    assert asked(1) == asked(4)


def test_the_division_s_own_travel_times_count(division):
    station = ordered(division, item(division))
    ways = [(division.warehouse, station), (station, division.warehouse)]
    TravelTime.objects.bulk_create(TravelTime(origin=a, destination=b, metres=50_000, seconds=4_800) for a, b in ways)

    [run] = planned(division)

    assert run.distance_m == 100_000
    assert run.stops.get().planned_at - run.leaves_at == timedelta(minutes=80)


def test_reordering_by_hand_locks_the_run(division):
    for _ in range(3):
        ordered(division, item(division))
    [run] = planned(division)
    run.refresh_from_db()
    ids = list(run.stops.values_list("station_id", flat=True))[::-1]
    runs.reorder_stops(run=run, version=run.version, station_ids=ids, **division.by(division.logistics))
    ordered(division, item(division))

    planned(division)

    assert list(run.stops.values_list("station_id", flat=True)) == ids
