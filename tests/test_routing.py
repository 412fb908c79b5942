"""The plan of a day: every rule kept, the best plan found where it can be proved, every refusal with its reason."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.routing.checks import cost_of, faults
from orders.routing.costs import Rates, plan_cost
from orders.routing.day import COLD, TWO_PEOPLE, Call, Day, Present, Rank, Van
from orders.routing.insertion import insert
from orders.routing.planning import cheapest_plan, iterations_for, plan_day
from orders.routing.problem import Delivery, Plan, Problem, Round, Vehicle
from orders.routing.timing import RouteTiming
from orders.routing.tours import short_tour
from orders.routing.translation import UNIT, Translation
from orders.routing.travel import GreatCircle, Place
from orders.routing.worth import WorthLine, expected_shortfall, worth_cents
from tests.brute_force import least_cost

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
DEPOT = Place(47.6, -122.3, 0)
TRAVEL = GreatCircle(factor=1.3, speed_kmh=40)
RATES = Rates(per_van_cents=2_000, per_km_cents=50, per_hour_cents=3_600)


def hour(number):
    return MONDAY + timedelta(hours=number)


def van(number=1, since=7, until=17, **fields):
    return Van(number, ((hour(since), hour(until)),), **fields)


def call(number, north=0.05, east=0.0, since=7, until=17, **fields):
    """A call some 5.6 km to the north unless told."""
    fields = {"worth_cents": 100_000, **fields}
    return Call(number, Place(47.6 + north, -122.3 + east, number), hour(since), hour(until), **fields)


def day(*calls, vans=(), present=(), **fields):
    parts = {"service": timedelta(minutes=10), "reload": timedelta(minutes=30), **fields}
    return Day(DEPOT, vans or [van()], calls, TRAVEL, RATES, present=present, **parts)


def stations(run):
    return [one.station_id for one in run.calls]


def times(run):
    return [visit.starts_at for visit in run.timing.visits]


# --- Every rule, for every day ---------------------------------------------------------------------------------------

needs = st.sampled_from([frozenset(), frozenset({COLD}), frozenset({TWO_PEOPLE}), frozenset({COLD, TWO_PEOPLE})])
calls = st.builds(
    lambda north, east, opens, length, weight, volume, need, rank, worth: Call(
        0,
        Place(47.6 + north, -122.3 + east),
        hour(opens),
        hour(opens + length),
        weight,
        volume,
        need,
        rank,
        worth,
    ),
    st.floats(-0.2, 0.2),
    st.floats(-0.2, 0.2),
    st.integers(6, 15),
    st.integers(1, 6),
    st.integers(0, 700),
    st.integers(0, 700),
    needs,
    st.sampled_from(Rank),
    st.integers(0, 20_000),
)
vans = st.builds(
    lambda since, length, weight, volume, skills, is_used: Van(
        0, ((hour(since), hour(since + length)),), weight, volume, skills, is_used
    ),
    st.integers(6, 9),
    st.integers(3, 9),
    st.none() | st.integers(300, 1_500),
    st.none() | st.integers(300, 1_500),
    needs,
    st.booleans(),
)


@st.composite
def days(draw, most_calls=7, most_vans=3):
    asked = [replace(one, station_id=n) for n, one in enumerate(draw(st.lists(calls, max_size=most_calls)), start=1)]
    fleet = [replace(one, van_id=n) for n, one in enumerate(draw(st.lists(vans, max_size=most_vans)), start=1)]
    return Day(DEPOT, fleet, asked, TRAVEL, RATES, timedelta(minutes=10), timedelta(minutes=30))


@settings(max_examples=40, deadline=None)
@given(days())
def test_every_call_is_made_once_by_a_van_that_can_in_its_window_and_shift_or_named_with_the_reason(asked):
    plan = plan_day(asked, iterations=30)

    served = [pk for run in plan.runs for pk in stations(run)]
    named = [one.station_id for one, reason in plan.unserved if reason]
    assert sorted(served + named) == [one.station_id for one in asked.calls]
    fleet = {one.van_id: one for one in asked.vans}
    back: dict[int, datetime] = {}
    for run in plan.runs:
        able = fleet[run.van_id]
        [(since, until)] = able.free
        assert sum(one.weight_g for one in run.calls) <= (able.max_weight_g or 10**9)
        assert sum(one.volume_ml for one in run.calls) <= (able.max_volume_ml or 10**9)
        assert all(one.needs <= able.skills for one in run.calls)
        assert run.timing.leaves_at >= back.get(run.van_id, since)
        assert run.timing.back_at <= until
        assert run.timing.late == timedelta()
        back[run.van_id] = run.timing.back_at + asked.reload


@settings(max_examples=40, deadline=None)
@given(days(most_calls=4, most_vans=2))
def test_of_a_small_day_no_plan_is_cheaper(asked):
    problem = Translation(asked, asked.calls).problem

    assert found_cost(problem) == least_cost(problem)


def found_cost(problem):
    plan = cheapest_plan(problem, insert(problem), iterations=iterations_for(len(problem.deliveries)))
    assert faults(problem, plan) == []
    return cost_of(problem, plan)


def test_of_six_stops_no_plan_is_cheaper():
    spread = [(0.10, 0.0), (-0.07, 0.09), (0.02, -0.15), (-0.12, -0.05), (0.08, 0.11), (0.01, 0.02)]
    asked = day(
        *(call(n, *place, weight_g=300, since=8 + n % 3, until=11 + n % 3) for n, place in enumerate(spread, start=1)),
        vans=[van(1, max_weight_g=900)],
    )
    problem = Translation(asked, asked.calls).problem

    assert found_cost(problem) == least_cost(problem)


@settings(max_examples=20, deadline=None)
@given(days(), st.randoms())
def test_the_same_calls_in_any_order_give_the_same_plan(asked, random):
    mixed = random.sample(list(asked.calls), len(asked.calls))

    assert plan_day(asked, iterations=20) == plan_day(replace(asked, calls=mixed), iterations=20)


@settings(max_examples=30, deadline=None)
@given(days(most_vans=2))
def test_the_times_of_the_runs_cost_what_the_search_reckoned(asked):
    whole = Translation(asked, asked.calls)
    plan = insert(whole.problem)
    assert faults(whole.problem, plan) == []

    by_van: dict[int, list[RouteTiming]] = {}
    for run in whole.runs(plan):
        by_van.setdefault(run.van_id, []).append(run.timing)
    sunk = sum(RATES.per_van_cents for one in asked.vans if one.is_used and one.van_id in by_van)
    missed = sum(whole.problem.deliveries[number].prize or 0 for number in plan.unserved)
    cents = plan_cost(by_van.values(), RATES) - sunk + missed / UNIT

    assert cents == pytest.approx(cost_of(whole.problem, plan) / UNIT, abs=0.01)


def test_pages_that_plan_nothing_do_not_load_the_solver():
    asks = "import sys, orders.routing.planning, orders.routing.timing; sys.exit('pyvrp' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0


# --- Rule by rule ----------------------------------------------------------------------------------------------------


def test_cold_goes_with_the_cold_van_and_what_takes_two_with_the_crew_of_two():
    plan = plan_day(
        day(
            call(1, needs=frozenset({COLD})),
            call(2, needs=frozenset({TWO_PEOPLE})),
            vans=[van(1), van(2, skills=frozenset({COLD})), van(3, skills=frozenset({TWO_PEOPLE}))],
        )
    )

    assert {run.van_id: stations(run) for run in plan.runs} == {2: [1], 3: [2]}


@pytest.mark.parametrize("heavy", ["weight_g", "volume_ml"])
def test_a_van_that_is_full_comes_back_and_goes_again(heavy):
    asked = day(call(1, **{heavy: 700}), call(2, **{heavy: 700}), vans=[van(max_weight_g=1_000, max_volume_ml=1_000)])

    first, second = plan_day(asked).runs

    assert second.timing.leaves_at >= first.timing.back_at + timedelta(minutes=30)
    assert sorted(stations(first) + stations(second)) == [1, 2]


def test_a_van_is_back_before_its_shift_ends():
    plan = plan_day(day(call(1, since=7, until=17), vans=[van(since=7, until=8)]))
    assert plan.runs[0].timing.back_at <= hour(8)

    assert plan_day(day(call(1, north=0.5), vans=[van(since=7, until=8)])).runs == []


def test_a_stretch_between_two_runs_of_the_van_is_used():
    busy = Van(1, ((hour(7), hour(8)), (hour(11), hour(17))))

    [run] = plan_day(day(call(1, since=8, until=12), vans=[busy])).runs

    assert run.timing.leaves_at >= hour(11)


def test_stat_comes_before_its_hour_though_it_is_out_of_the_way():
    others = [call(number, north=0.02 * number, until=9) for number in (1, 2, 3)]
    stat = call(4, north=-0.1, until=8, rank=Rank.STAT)

    plan = plan_day(day(*others, stat))

    [visit] = [v for run in plan.runs for one, v in zip(run.calls, run.timing.visits, strict=True) if one == stat]
    assert visit.starts_at <= hour(8)


def test_what_must_go_goes_before_what_is_only_worth_much():
    must = call(1, weight_g=900, rank=Rank.URGENT)
    dear = call(2, weight_g=900, until=8, worth_cents=10_000_000)
    both_at_once = day(replace(must, window_end=hour(8)), dear, vans=[van(until=8, max_weight_g=1_000)])

    plan = plan_day(both_at_once)

    assert [stations(run) for run in plan.runs] == [[1]]
    assert [one.station_id for one, _ in plan.unserved] == [2]


def test_a_routine_delivery_goes_when_the_way_costs_less_than_it_is_worth():
    near, far = call(1, worth_cents=10_000), call(2, north=1, worth_cents=10_000)

    plan = plan_day(day(near, far))

    assert [stations(run) for run in plan.runs] == [[1]]
    assert plan.unserved == [(far, "The way there that day costs more than the wait.")]


@pytest.mark.parametrize(
    ("asked", "vans", "reason"),
    [
        (call(1), [Van(1, ())], "Every van that could take it is out or off duty"),
        (call(1, needs=frozenset({COLD})), [van()], "No cold van is in service."),
        (call(1, needs=frozenset({TWO_PEOPLE})), [van()], "No van with a crew of two is in service."),
        (
            call(1, needs=frozenset({COLD, TWO_PEOPLE})),
            [van(1, skills=frozenset({COLD})), van(2, skills=frozenset({TWO_PEOPLE}))],
            "No van in service is cold and has a crew of two.",
        ),
        (
            call(1, weight_g=900_000),
            [van(max_weight_g=650_500)],
            "Too heavy for any van: 900.0 kg, and the most is 650.5",
        ),
        (call(1, volume_ml=9_000), [van(max_volume_ml=6_000)], "Too large for any van: 9.0 l, and the most is 6.0"),
        (call(1, since=7, until=8), [van(since=8)], "No van can be there by 08:00, when its window closes: 08:10"),
        (
            call(1, north=2),
            [van(since=7, until=16)],
            "Too far for a shift: there and back takes 14 h 37 min, a van has 9 h",
        ),
    ],
    ids=["busy", "cold", "crew", "both", "heavy", "large", "closed", "far"],
)
def test_what_cannot_go_says_why_and_the_rest_goes(asked, vans, reason):
    other = replace(call(2), window_end=hour(17))

    plan = plan_day(day(asked, other, vans=vans))

    said = {one.station_id: why for one, why in plan.unserved}
    assert said[1].startswith(reason)
    assert [pk for run in plan.runs for pk in stations(run)] == ([2] if vans[0].free else [])


def test_without_a_van_nothing_goes():
    assert [why for _, why in plan_day(replace(day(call(1)), vans=[])).unserved] == [
        "No van is in service at this depot."
    ]


def test_of_many_vans_alike_no_more_go_out_than_are_needed_and_each_goes_once():
    asked = [call(n, 0.02 * (n % 5), 0.03 * (n % 3), until=9, weight_g=400) for n in range(1, 9)]
    plan = plan_day(day(*asked, vans=[van(n, until=10, max_weight_g=1_000) for n in range(1, 31)]))

    assert not plan.unserved
    busy = [(run.van_id, run.timing.leaves_at, run.timing.back_at) for run in plan.runs]
    assert len({pk for pk, _, _ in busy}) <= 4
    for pk, leaves_at, back_at in busy:
        assert not any(other == pk and leaves_at < later < back_at for other, later, _ in busy)


def test_when_all_could_go_but_not_together_one_says_that_the_vans_are_full():
    plan = plan_day(day(call(1, until=8, rank=Rank.URGENT), call(2, north=-0.15, until=8, rank=Rank.URGENT)))

    assert [why for _, why in plan.unserved] == ["The vans have no room or time left for it that day."]


# --- What is planned already -----------------------------------------------------------------------------------------


def presently(run):
    stops = tuple(zip(stations(run), times(run), strict=True))
    return Present(run.van_id, run.timing.leaves_at, stops)


def test_planning_a_planned_day_again_changes_nothing():
    asked = day(*(call(n, 0.03 * n, 0.05 * (n % 3)) for n in range(1, 7)), vans=[van(1), van(2)])
    first = plan_day(asked)

    again = plan_day(replace(asked, present=[presently(run) for run in first.runs]))

    assert again == first


def test_promised_stops_stay_where_they_are_for_a_small_gain():
    # Station 1 and 2 lie beside each other; the present plan takes them in the dearer order.
    asked = day(call(1, 0.05, 0.001), call(2, 0.0525), since_free := call(3, 0.2, -0.2))
    present = Present(1, hour(7), ((1, hour(7.2)), (2, hour(7.45)), (3, hour(8.5))))

    plan = plan_day(replace(asked, present=[present]))

    assert stations(plan.runs[0])[:2] == [1, 2]
    assert since_free.station_id == 3


def test_promised_stops_move_for_a_large_gain():
    near_and_far = [call(1, 0.05), call(2, 0.05, 0.001), call(3, 0.06), call(4, 0.06, 0.001)]
    senseless = [
        Present(1, hour(7), ((1, hour(7.2)), (3, hour(7.6)))),
        Present(2, hour(7), ((2, hour(7.2)), (4, hour(7.6)))),
    ]

    plan = plan_day(day(*near_and_far, vans=[van(1), van(2)], present=senseless))

    assert len(plan.runs) == 1


def test_stops_of_a_van_that_broke_down_go_with_another():
    broken = Present(9, hour(7), ((1, hour(8)), (2, hour(9))))

    plan = plan_day(day(call(1, rank=Rank.PROMISED), call(2, rank=Rank.PROMISED), vans=[van(1)], present=[broken]))

    assert [run.van_id for run in plan.runs] == [1]
    assert not plan.unserved


# --- What a delivery is worth ----------------------------------------------------------------------------------------


@given(st.floats(0.01, 60), st.integers(0, 90))
def test_the_expected_shortfall_is_what_adding_up_says(mean, stock):
    chances = [np.exp(-mean)]
    for used in range(1, 400):
        chances.append(chances[-1] * mean / used)
    added_up = sum(chance * max(used - stock, 0) for used, chance in enumerate(chances))

    assert expected_shortfall(mean, stock) == pytest.approx(added_up, abs=1e-6)


def test_a_delivery_is_worth_more_the_closer_its_shelf_is_to_running_out():
    def worth(usable, criticality="A", days=2):
        return worth_cents([WorthLine(criticality, 10, usable, 1.5)], days=days, base_cents=10_000)

    assert worth(0) > worth(2) > worth(5) > worth(20) == 20_000
    assert worth(2, "A") > worth(2, "B") > worth(2, "C")
    assert worth(2, days=4) > worth(2, days=2)
    assert worth_cents([], days=0, base_cents=10_000) == 0
    assert expected_shortfall(1_000, 400) == 600


# --- By hand ---------------------------------------------------------------------------------------------------------


def test_a_short_way_round_does_not_cross_itself():
    corners = [Place(47.7, -122.3), Place(47.6, -122.1), Place(47.7, -122.1), Place(47.65, -122.3)]

    assert short_tour(DEPOT, corners, TRAVEL) in ([3, 0, 2, 1], [1, 2, 0, 3])
    assert short_tour(DEPOT, [], TRAVEL) == []


def test_a_plan_with_faults_is_told():
    matrix = np.array([[0, 5], [5, 0]], dtype=np.int64)
    late = Delivery(place=1, load=(3,), service=1, opens=0, closes=4)
    problem = Problem(matrix, matrix, [late, late], [Vehicle(0, (5,), 0, 9)])
    plan = insert(problem)

    assert plan.rounds == ()
    assert faults(problem, plan) == ["Delivery 0 is not made.", "Delivery 1 is not made."]
    assert faults(problem, Plan((Round(0, ((0, 1), (0,))),))) == [
        "Delivery 0 is made 2 times.",
        "Vehicle 0 makes 2 trips.",
        "Vehicle 0 cannot carry (0, 1).",
        "Vehicle 0 is late by 30.",
    ]
