"""Which day and which van a shipment gets, and what happens when there is none."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from core.errors import DomainError
from orders.actions import runs, schedule
from orders.models import DeliveryRun, ResupplyOrder, Shipment, Stop
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db
MONDAY, WEDNESDAY = 1 << 0, 1 << 2


@pytest.fixture
def division():
    """Monday, 2 November 2026, ten in the morning; the station is open from eight to six."""
    return Division()


@pytest.fixture
def gauze(division):
    item = make.item(weight_g=100, volume_ml=500)
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=10_000)
    return item


def at_home(hour, *, days=0):
    return timezone.make_aware(datetime.combine(make.TODAY + timedelta(days=days), time(hour)))


def test_a_delivery_goes_on_the_next_day_that_its_station_takes_them(division, gauze):
    division.station.delivery_days = WEDNESDAY
    division.station.save()
    division.approved({gauze.pk: 5})

    [run] = schedule.schedule_deliveries(at=division.at)

    assert run.run_on == make.TODAY + timedelta(days=2)
    stop = run.stops.get()
    assert stop.window_start <= stop.planned_at <= stop.window_end
    assert run.leaves_at < stop.planned_at


def test_a_stat_order_goes_today_whatever_the_day(division, gauze):
    division.station.delivery_days = WEDNESDAY
    division.station.save()
    division.approved({gauze.pk: 5}, priority=ResupplyOrder.Priority.STAT)

    [run] = schedule.schedule_deliveries(at=division.at)

    assert run.run_on == make.TODAY


def test_too_late_for_the_window_is_tomorrow(division, gauze):
    division.approved({gauze.pk: 5})

    [run] = schedule.schedule_deliveries(at=at_home(17) + timedelta(minutes=50))

    assert run.run_on == make.TODAY + timedelta(days=1)


def test_a_second_look_finds_nothing_left_to_plan(division, gauze):
    division.approved({gauze.pk: 5})
    schedule.schedule_deliveries(at=division.at)

    again = schedule.schedule_deliveries(at=division.later(minutes=5))

    assert (again.runs, again.moves, again.waits) == ([], [], [])
    assert DeliveryRun.objects.count() == 1


def test_more_for_a_station_joins_its_stop_and_more_stations_follow(division, gauze):
    division.packed({gauze.pk: 5})
    [run] = schedule.schedule_deliveries(at=division.at)
    division.approved({gauze.pk: 7})
    near = division.station
    other = make.station(supplied_by=division.warehouse, latitude=near.latitude + 0.01, longitude=near.longitude)
    make.par(other, gauze, par=100)
    division.station, first = other, division.station
    division.officer = make.officer(other)
    division.approved({gauze.pk: 7})

    again = schedule.schedule_deliveries(at=division.later(minutes=5))

    assert DeliveryRun.objects.count() == 1
    assert again.runs == [run]
    assert again.moves == []
    assert {stop.station for stop in run.stops.all()} == {first, other}
    assert [stop.position for stop in run.stops.all()] == [1, 2]
    assert Shipment.objects.filter(stop__run=run, stop__station=first).count() == 2


def test_a_run_that_is_being_loaded_is_left_as_it_is(division, gauze):
    division.packed({gauze.pk: 5})
    [run] = schedule.schedule_deliveries(at=division.at)
    run.refresh_from_db()
    runs.load_run(run=run, version=run.version, **division.by(division.logistics))
    division.approved({gauze.pk: 7})

    before = run_facts(run)

    [later] = schedule.schedule_deliveries(at=division.at)

    assert run_facts(run) == before
    assert (later.van, later.run_on) == (run.van, run.run_on)
    assert later.leaves_at >= run.stops.get().planned_at


def run_facts(run):
    run.refresh_from_db()
    stops = run.stops.values_list("station", "position", "planned_at", "shipments")
    return run.state, run.version, run.leaves_at, run.distance_m, list(stops)


@pytest.mark.parametrize("vans", [1, 2])
def test_a_van_takes_what_it_can_carry_and_the_rest_goes_with_another_run(division, gauze, vans):
    division.van.max_weight_g = 60 * 100
    division.van.save()
    if vans == 2:
        make.van(division.warehouse, max_weight_g=60 * 100)
    other = make.station(supplied_by=division.warehouse)
    make.par(other, gauze, par=100)
    division.approved({gauze.pk: 50})
    division.station, division.officer = other, make.officer(other)
    division.approved({gauze.pk: 50})

    planned = schedule.schedule_deliveries(at=division.at)

    first, second = sorted(planned, key=lambda run: run.leaves_at)
    assert [run.stops.count() for run in (first, second)] == [1, 1]
    assert first.van != second.van or second.leaves_at > first.stops.get().planned_at


def test_what_no_van_can_take_waits(division, gauze):
    division.van.is_in_service = False
    division.van.save()
    division.approved({gauze.pk: 5})

    [(waits, reason)] = schedule.schedule_deliveries(at=division.at).waits

    waits.refresh_from_db()
    assert waits.stop is None
    assert waits.wait_reason == reason == "No van is in service at this depot."

    division.van.is_in_service = True
    division.van.save()
    schedule.schedule_deliveries(at=division.at)

    waits.refresh_from_db()
    assert waits.stop is not None
    assert waits.wait_reason == ""


def test_a_station_too_far_to_drive_to_does_not_stop_the_others(division, gauze):
    division.approved({gauze.pk: 5})
    far = make.station(supplied_by=division.warehouse, latitude=-47.0, longitude=100.0)
    make.par(far, gauze, par=100)
    division.station, division.officer = far, make.officer(far)
    division.approved({gauze.pk: 5})

    [run] = schedule.schedule_deliveries(at=division.at)

    assert run.stops.count() == 1
    left = Shipment.objects.get(stop=None)
    assert left.destination == far
    assert left.wait_reason.startswith("No van can be there by")


def test_stops_are_put_in_another_order_and_timed_anew(division, gauze):
    stations = [division.station, *(make.station(supplied_by=division.warehouse) for _ in range(2))]
    for station in stations:
        make.par(station, make.item(), par=100)
        division.station, division.officer = station, make.officer(station)
        division.approved({gauze.pk: 5})
    [run] = schedule.schedule_deliveries(at=division.at)
    run.refresh_from_db()
    backwards = [stop.station_id for stop in run.stops.all()][::-1]

    run = runs.reorder_stops(run=run, version=run.version, station_ids=backwards, **division.by(division.logistics))

    stops = list(run.stops.all())
    assert [stop.station_id for stop in stops] == backwards
    assert [stop.planned_at for stop in stops] == sorted(stop.planned_at for stop in stops)
    assert run.is_by_hand
    with pytest.raises(DomainError, match="others now"):
        runs.reorder_stops(run=run, version=run.version, station_ids=backwards[:2], **division.by(division.logistics))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"leaves_at": at_home(8)}, "has passed"),
        ({"stations": []}, "at least one station"),
        ({"van": "other"}, "not a van in service"),
        ({"driver": "officer"}, "is not a driver"),
    ],
    ids=["past", "nowhere", "van", "driver"],
)
def test_a_run_that_cannot_be_is_refused_with_every_reason(division, gauze, change, said):
    division.approved({gauze.pk: 5})
    people = {"other": make.van(make.warehouse()), "officer": division.officer}
    facts = {
        "depot": division.warehouse,
        "van": division.van,
        "leaves_at": at_home(12),
        "stations": [division.station],
        "driver": division.driver,
    } | {name: people.get(value, value) if isinstance(value, str) else value for name, value in change.items()}

    with pytest.raises(DomainError) as refusal:
        schedule.plan_run(**facts, **division.by(division.logistics))

    assert any(said in problem for problem in refusal.value.problems)
    assert not DeliveryRun.objects.exists()


def test_a_run_called_off_gives_its_shipments_back(division, gauze):
    division.packed({gauze.pk: 5})
    [run] = schedule.schedule_deliveries(at=division.at)
    run.refresh_from_db()

    runs.cancel_run(run=run, version=run.version, reason="The van is broken.", **division.by(division.logistics))

    assert Shipment.objects.get().stop is None
    assert not Stop.objects.exists()
