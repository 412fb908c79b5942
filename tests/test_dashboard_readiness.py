"""Ready, Short, Out: one rule, on shelves and in units, from the ledger as it is now."""

from datetime import timedelta

import pytest

from dashboard.queries.par_states import State, line_states, place_states
from dashboard.queries.readiness import StationReadiness, ready_share, station_readiness
from dashboard.queries.shares import Share
from inventory.models import Item, Lot, StockLevel
from orders.queries.par_lines import par_lines
from stations.models import Station
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Station:
    return make.station()


def readiness(station: Station) -> StationReadiness:
    [row] = station_readiness(at=make.AT, stations=[station])
    return row


def stocked(station: Station, criticality: str, *, usable: int, par: int = 10, minimum: int = 5) -> Item:
    item = make.item(criticality=criticality)
    make.par(station, item, par, minimum)
    if usable:
        make.stock(station, item, on_hand=usable)
    return item


@pytest.mark.parametrize(
    ("criticality", "usable", "state"),
    [
        ("A", 10, State.READY), ("A", 5, State.READY), ("A", 4, State.SHORT), ("A", 0, State.OUT),
        ("B", 4, State.READY), ("B", 0, State.OUT),
        ("C", 4, State.READY), ("C", 0, State.READY),
    ],
)  # fmt: skip
def test_the_state_of_a_station_follows_its_critical_items(north, criticality, usable, state):
    stocked(north, criticality, usable=usable)
    stocked(north, "C", usable=10)

    assert readiness(north).state == state


def test_stock_at_its_minimum_is_short_only_where_the_division_says_so(north, settings):
    stocked(north, "A", usable=5)
    full = stocked(north, "A", usable=1, par=1, minimum=1)

    assert readiness(north).state == State.READY
    settings.EMS_SHORT_AT_OR_BELOW_MINIMUM = True
    assert readiness(north).state == State.SHORT
    assert full.pk not in {line.item_id for line in line_states(at=make.AT, only=[State.SHORT])}


def test_stock_that_is_held_promised_or_expires_before_the_delivery_after_next_is_not_usable(north):
    item = stocked(north, "A", usable=0)
    horizon = make.TODAY + north.horizon
    make.stock(north, item, number="old", on_hand=5, expires_on=horizon - timedelta(days=1))
    make.stock(north, item, number="held", on_hand=5, status=Lot.Status.QUARANTINED)
    promised = make.stock(north, item, number="promised", on_hand=5)
    StockLevel.objects.filter(pk=promised.pk).update(allocated=5)
    assert readiness(north).state == State.OUT

    make.stock(north, item, number="fresh", on_hand=5, expires_on=horizon)
    assert readiness(north).state == State.READY


def test_an_empty_unit_is_out_itself_and_leaves_its_station_ready(north):
    unit = make.unit(north)
    make.par(unit.location, make.item(criticality="A"), 2)

    row = readiness(north)

    assert row.state == State.READY
    assert [(one.unit, one.state) for one in row.units] == [(unit, State.OUT)]
    assert row.units_not_ready == 1
    assert row.stock_outs == Share(1, 1)


def test_units_out_of_service_and_par_levels_of_zero_do_not_count(north):
    make.par(make.unit(north, is_in_service=False).location, make.item(criticality="A"), 2)
    make.par(north, make.item(criticality="A"), 0)

    assert readiness(north).lines == 0
    assert place_states(at=make.AT) == []


def test_the_worst_item_is_the_one_that_decides(north):
    stocked(north, "C", usable=0)
    stocked(north, "A", usable=4)
    worst = stocked(north, "B", usable=0)
    safe_item = make.item(criticality="A")
    make.par(make.safe(north), safe_item, 4, 2)

    assert [place.worst.item_id for place in place_states(at=make.AT) if place.worst] == [safe_item.pk, worst.pk]
    decisive = readiness(north).worst
    assert decisive
    assert decisive.item_id == safe_item.pk


def test_totals_are_the_sum_of_the_lines_and_every_line_is_a_par_line(north):
    unit = make.unit(north)
    for usable in (0, 2, 5, 10):
        for criticality in "ABC":
            stocked(north, criticality, usable=usable)
    make.par(unit.location, make.item(), 3)

    lines = line_states(at=make.AT)
    places = place_states(at=make.AT)

    assert sum(place.lines for place in places) == len(lines) == 13
    assert sum(place.out for place in places) == sum(line.state == State.OUT for line in lines) == 4
    assert sum(place.short for place in places) == sum(line.state == State.SHORT for line in lines) == 3
    numbers = {line.par_level_id: (line.usable, line.on_hand, line.need) for line in par_lines(make.TODAY)}
    assert {line.par_level_id: (line.usable, line.on_hand, line.need) for line in lines} == numbers


def test_only_stations_are_counted_as_ready_and_the_worst_come_first(north):
    stocked(north, "A", usable=0)
    south = make.station(supplied_by=north.supplied_by)
    locker = make.station(kind="locker", supplied_by=north.supplied_by)
    stocked(locker, "A", usable=0)

    rows = station_readiness(at=make.AT, stations=Station.objects.all())

    assert ready_share(rows) == Share(1, 2)
    assert {row.station for row in rows[:2]} == {north, locker}
    assert rows[2].state == rows[3].state == State.READY
    assert south in {row.station for row in rows[2:]}


@pytest.mark.parametrize("stations", [3, 30])
def test_readiness_asks_two_questions_however_many_stations(north, stations, django_assert_num_queries):
    for _ in range(stations):
        station = make.station(supplied_by=north.supplied_by)
        make.unit(station)
        stocked(station, "A", usable=0)
    everywhere = list(Station.objects.all())

    with django_assert_num_queries(2):
        station_readiness(at=make.AT, stations=everywhere)
