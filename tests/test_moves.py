"""What a day becomes when a delivery is moved, and why it may not be: pure, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from orders.queries.plan_changes import changes
from orders.queries.planner import board, letters, places_to_go
from orders.routing.costs import Rates, plan_cost
from orders.routing.moves import Move, moved
from orders.routing.timetable import Delivery, TimedRun, Timetable, VanOnDay
from orders.routing.timing import Visit, route_timing
from orders.routing.travel import GreatCircle, Place

DAY = datetime(2026, 11, 2, tzinfo=UTC)
DEPOT = Place(47.6, -122.3, 1)
TRAVEL = GreatCircle(factor=1.3, speed_kmh=40)
RATES = Rates(per_van_cents=2_000, per_km_cents=50, per_hour_cents=3_600)
TEN = timedelta(minutes=10)


def hour(number):
    return DAY + timedelta(hours=number)


def delivery(station, *, opens=8, closes=18, **facts):
    """Each station a little further north-east of the depot."""
    place = Place(47.6 + station / 500, -122.3 + station / 700, station)
    return Delivery(station, f"Station {station}", Visit(place, hour(opens), hour(closes), TEN), **facts)


def van(number, **facts):
    return VanOnDay(number, f"VAN-{number}", **{"ready_at": hour(7), **facts})


def run(number, *deliveries, leaves=8, on=None, **facts):
    visits = [one.visit for one in deliveries]
    timing = route_timing(depot=DEPOT, leaves_at=hour(leaves), visits=visits, travel=TRAVEL)
    return TimedRun(number, on or van(number), hour(leaves), deliveries, timing, **facts)


def day(*runs, free=(), waiting=()):
    return Timetable(DEPOT, TRAVEL, RATES, TEN, tuple(runs), tuple(free), tuple(waiting))


def stations(plan):
    return {one.van.name: one.stations for one in plan.runs}


@pytest.fixture
def two():
    return day(run(1, delivery(11), delivery(12), delivery(13)), run(2, delivery(21)), free=[van(3)])


# --- Where it goes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("move", "becomes"),
    [
        (Move(11, 1, run=1, position=3), {"VAN-1": [12, 13, 11], "VAN-2": [21]}),
        (Move(13, 1, run=1, position=1), {"VAN-1": [13, 11, 12], "VAN-2": [21]}),
        (Move(12, 1, run=2, position=1), {"VAN-1": [11, 13], "VAN-2": [12, 21]}),
        (Move(12, 1, run=2), {"VAN-1": [11, 13], "VAN-2": [21, 12]}),
        (Move(12, 1, van=3), {"VAN-1": [11, 13], "VAN-2": [21], "VAN-3": [12]}),
        (Move(12, 1), {"VAN-1": [11, 13], "VAN-2": [21]}),
        (Move(21, 2, run=1, position=2), {"VAN-1": [11, 21, 12, 13]}),
    ],
    ids=["later", "earlier", "other", "end", "free van", "off", "last stop"],
)
def test_a_delivery_is_put_where_it_was_dropped(two, move, becomes):
    assert stations(moved(two, move)) == becomes


def test_what_waits_joins_a_run_and_what_is_taken_off_waits(two):
    off = moved(two, Move(12, 1))
    assert [one.station_id for one in off.waiting] == [12]
    assert stations(moved(off, Move(12, None, run=1, position=2))) == stations(two)


def test_a_van_whose_run_is_emptied_is_free_and_one_that_begins_a_run_is_not(two):
    assert [one.pk for one in moved(two, Move(21, 2, run=1)).free] == [3, 2]
    assert [one.pk for one in moved(two, Move(21, 2, van=3)).free] == [2]


def test_the_plan_that_is_moved_in_stays_as_it_was(two):
    before = stations(two)
    moved(two, Move(12, 1, run=2))
    assert stations(two) == before


# --- When it leaves ---------------------------------------------------------------------------------------------------


def test_a_van_leaves_earlier_only_to_be_less_late():
    plan = day(run(1, delivery(11, opens=12), leaves=11), run(2, delivery(12, closes=9), leaves=8))
    assert moved(plan, Move(12, 2, run=1, position=1)).runs[0].leaves_at < hour(9)
    relaxed = day(run(1, delivery(11, opens=12), leaves=11), run(2, delivery(12), leaves=8))
    assert moved(relaxed, Move(12, 2, run=1, position=1)).runs[0].leaves_at >= hour(11)


def test_a_van_never_leaves_before_its_shift_or_before_it_is_loaded():
    plan = day(run(1, delivery(11), leaves=11, on=van(1, ready_at=hour(10))), run(2, delivery(12, closes=9)))
    target = moved(plan, Move(12, 2, run=1, position=1)).runs[0]
    assert target.leaves_at >= hour(10)
    assert target.late_stops == 1


# --- Why it may not be ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "limits", "said"),
    [
        ({"weight_g": 600_000}, {"max_weight_g": 500_000}, "would carry 610 kg, and may carry 500 kg"),
        ({"volume_ml": 2_500}, {"max_volume_ml": 2_400}, "hold 2.5 litres, and has room for 2.4"),
        ({"is_cold": True}, {}, "keeps nothing cold"),
        ({"needs_two": True}, {}, "has a crew of one"),
    ],
    ids=["weight", "volume", "cold", "crew"],
)
def test_a_van_that_cannot_take_it_refuses_and_one_that_can_takes_it(facts, limits, said):
    able = {"carries_cold": True, "crew": 2}
    first = run(1, delivery(11, **facts), delivery(12))
    weak = run(2, delivery(21, weight_g=10_000), on=van(2, **limits))
    with pytest.raises(DomainError) as refusal:
        moved(day(first, weak), Move(11, 1, run=2))
    assert said in " ".join(refusal.value.problems)
    strong = run(2, delivery(21, weight_g=10_000), on=van(2, **able))
    assert stations(moved(day(first, strong), Move(11, 1, run=2)))["VAN-2"] == [21, 11]


def test_what_waits_must_fit_too():
    small = van(1, max_weight_g=5)
    with pytest.raises(DomainError) as refusal:
        moved(day(free=[small], waiting=[delivery(11, weight_g=9)]), Move(11, van=1))
    assert "VAN-1 would carry" in refusal.value.problems[0]


def test_an_overloaded_van_may_still_change_its_order():
    heavy = run(1, delivery(11, weight_g=9), delivery(12), on=van(1, max_weight_g=5))
    assert stations(moved(day(heavy), Move(12, 1, run=1, position=1)))["VAN-1"] == [12, 11]


@pytest.mark.parametrize(
    ("change", "move", "said"),
    [
        ({"pinned": "locked"}, Move(12, 1, run=2), "is locked.*Unlock it first"),
        ({"pinned": "locked"}, Move(21, 2, run=1), "is locked"),
        ({"pinned": "being loaded"}, Move(12, 1, run=2), "is being loaded"),
        ({"pinned": "on the road"}, Move(12, 1), "is on the road"),
        ({}, Move(99, 1, run=2), "no longer there"),
        ({}, Move(12, 7, run=2), "no longer there"),
        ({}, Move(12, None, run=2), "no longer there"),
        ({}, Move(12, 1, run=9), "no longer planned"),
        ({}, Move(12, 1, van=2), "not free any more"),
        ({}, Move(12, 1, run=2, position=3), "has 1 stop now"),
        ({}, Move(12, 1, run=1, position=4), "has 2 stops now"),
    ],
)
def test_what_may_not_be_moved_is_refused_in_words(two, change, move, said):
    first, second = two.runs
    with pytest.raises(DomainError, match=said):
        moved(replace(two, runs=(replace(first, **change), second)), move)


def test_a_station_is_on_a_run_once_and_a_van_on_one_run_at_a_time():
    same = day(run(1, delivery(11)), run(2, delivery(11)))
    with pytest.raises(DomainError) as refusal:
        moved(same, Move(11, 1, run=2))
    assert refusal.value.problems == ("VAN-2 already stops at Station 11 on this run.",)
    morning, noon = run(1, delivery(11), leaves=8), run(2, delivery(12), leaves=9, on=van(1))
    long = run(3, delivery(90, opens=10))
    with pytest.raises(DomainError) as refusal:
        moved(day(morning, noon, long), Move(90, 3, run=1))
    assert "two runs at once" in refusal.value.problems[0]


# --- What it costs ----------------------------------------------------------------------------------------------------

deliveries = st.lists(st.integers(11, 60), min_size=2, max_size=9, unique=True)


@given(chosen=deliveries, cut=st.integers(1, 8), opens=st.integers(7, 12), data=st.data())
def test_wherever_it_goes_nothing_is_lost_and_the_numbers_are_those_of_the_plan_itself(chosen, cut, opens, data):
    made = [delivery(one, opens=opens, closes=opens + 1 + one % 4) for one in chosen]
    cut = min(cut, len(made) - 1)
    plan = day(run(1, *made[:cut]), run(2, *made[cut:]), free=[van(3)])
    source, target = data.draw(st.sampled_from([1, 2])), data.draw(st.sampled_from([None, 1, 2, 3]))
    station = data.draw(st.sampled_from(stations(plan)[f"VAN-{source}"]))
    aim = {} if target is None else {"van": 3} if target == 3 else {"run": target}
    move = Move(station, source, **aim)

    after = moved(plan, move)

    seen = [one for each in after.runs for one in each.stations] + [one.station_id for one in after.waiting]
    assert sorted(seen) == sorted(chosen)
    for one in after.runs:
        visits = [each.visit for each in one.deliveries]
        assert one.timing == route_timing(depot=DEPOT, leaves_at=one.leaves_at, visits=visits, travel=TRAVEL)
        assert one.leaves_at >= hour(7)
    assert sum(after.costs) == pytest.approx(after.cost)
    assert after.cost == pytest.approx(plan_cost([[one.timing] for one in after.runs], RATES))
    assert changes(plan, after).day[0].after == changes(after, after).day[0].before


def test_what_changes_is_said_for_the_day_each_van_and_each_stop():
    ready = van(1, ready_at=hour(8))
    plan = day(run(1, delivery(11), delivery(12, closes=9), on=ready), run(2, delivery(90, closes=9)))

    told = changes(plan, moved(plan, Move(90, 2, run=1, position=1)))

    assert [row.name for row in told.day] == ["Cost", "Way", "Late"]
    assert told.day[2].trend == "worse"
    assert [one.name for one in told.runs] == ["VAN-1", "VAN-2"]
    assert (told.runs[1].figures[0].name, told.runs[1].figures[0].after) == ("Stops", "–")
    assert [one.name.partition(",")[0] for one in told.late] == ["Station 12"]
    assert told.late[0].figure.before == "on time"
    assert "late" in told.late[0].figure.after


# --- How it is drawn --------------------------------------------------------------------------------------------------


def test_every_van_has_a_lane_that_a_move_does_not_shift(two):
    page = board(two)
    assert [(lane.letter, lane.key) for lane in page.lanes] == [("A", "run-1"), ("B", "run-2"), ("C", "van-3")]
    move = Move(21, 2, van=3)
    after = board(moved(two, move), was=two, move=move)
    assert [(lane.letter, lane.van.name) for lane in after.lanes] == [("A", "VAN-1"), ("B", "VAN-2"), ("C", "VAN-3")]
    block = after.lanes[2].blocks[0]
    assert (block.label, block.move, block.is_moved) == ("C1", "21-2", True)
    assert [lane.is_changed for lane in after.lanes] == [False, False, True]


def test_stops_lie_on_the_axis_in_their_order_and_inside_of_it(two):
    blocks = board(two).lanes[0].blocks
    assert [block.label for block in blocks] == ["A1", "A2", "A3"]
    assert [block.x for block in blocks] == sorted(block.x for block in blocks)
    assert all(0 <= value <= 100 for block in blocks for value in (block.x, block.opens, block.closes))


def test_a_day_without_a_run_is_drawn_too():
    page = board(day(free=[van(1)], waiting=[delivery(11)]))
    assert ([lane.key for lane in page.lanes], [one.move for one in page.waiting]) == (["van-1"], ["11-0"])
    assert board(day()).lanes == []


def test_letters_do_not_run_out():
    named = letters(800)
    assert (named[0], named[25], named[26], named[701], named[702]) == ("A", "Z", "AA", "ZZ", "AAA")
    assert len(set(named)) == 800


def test_the_list_of_places_names_only_what_is_open(two):
    first, second = two.runs
    page = board(replace(two, runs=(first, replace(second, pinned="locked"))))
    aims = places_to_go(page, "12-1")
    assert [group for group, _ in aims] == ["A · VAN-1", "C · VAN-3", "No run"]
    assert aims[0][1][:2] == [("run-1@1", "First on VAN-1"), ("run-1@2", "After A1 Station 11")]
    assert aims[-1][1] == [("waiting", "Take it off: it waits")]
