"""When a van is where: exact times, the best departure, and what it costs."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orders.routing.costs import Rates, plan_cost, run_cost, van_cost
from orders.routing.timing import Visit, best_departure, route_timing
from orders.routing.travel import GreatCircle, Measured, Place

DAY = datetime(2026, 11, 2, tzinfo=UTC)
DEPOT = Place(47.6, -122.3, 1)
TRAVEL = GreatCircle(factor=1.3, speed_kmh=40)
RATES = Rates(per_van_cents=2_000, per_km_cents=50, per_hour_cents=3_600)


def hour(number):
    return DAY + timedelta(hours=number)


def minutes(number):
    return timedelta(minutes=number)


visits = st.lists(
    st.builds(
        lambda north, east, opens, length: Visit(
            Place(47.6 + north, -122.3 + east), hour(opens), hour(opens + length), minutes(10)
        ),
        st.floats(-0.2, 0.2),
        st.floats(-0.2, 0.2),
        st.integers(6, 14),
        st.integers(1, 6),
    ),
    max_size=6,
)


def ways(**legs):
    """A matrix of minutes between stations 1, 2, 3 …, a kilometre a minute."""
    pairs = {(int(name[1]), int(name[2])): (minute * 1_000, minute * 60) for name, minute in legs.items()}
    return Measured(pairs, TRAVEL)


def test_the_van_waits_at_a_closed_door_and_is_late_after_it():
    early = Visit(Place(0, 0, 2), hour(8), hour(9), minutes(10))
    late = Visit(Place(0, 0, 3), hour(7), hour(8), minutes(10))
    travel = ways(w12=20, w23=10, w31=30)

    timing = route_timing(depot=DEPOT, leaves_at=hour(7), visits=[early, late], travel=travel)

    first, second = timing.visits
    assert (first.arrives_at, first.wait, first.starts_at) == (hour(7) + minutes(20), minutes(40), hour(8))
    assert (second.arrives_at, second.late) == (hour(8) + minutes(20), minutes(20))
    assert timing.back_at == hour(9)
    assert (timing.metres, timing.late, timing.wait) == (60_000, minutes(20), minutes(40))
    assert run_cost(timing, RATES) == 60 * 50 + 2 * 3_600


def test_waiting_is_done_at_the_depot_unless_it_makes_a_stop_late():
    far = Visit(Place(0, 0, 2), hour(7), hour(7) + minutes(50), minutes(10))
    closed = Visit(Place(0, 0, 3), hour(9), hour(10), minutes(10))
    travel = ways(w12=30, w23=10, w31=30, w13=30)

    def leaves(*stops):
        return best_departure(depot=DEPOT, earliest=hour(7), visits=stops, travel=travel)

    assert leaves(closed) == hour(8) + minutes(30)
    assert leaves(far, closed) == hour(7) + minutes(20)


@given(visits, st.integers(5, 10))
def test_leaving_at_the_best_time_is_as_good_as_leaving_early_and_waits_less(stops, opens):
    early = route_timing(depot=DEPOT, leaves_at=hour(opens), visits=stops, travel=TRAVEL)
    departure = best_departure(depot=DEPOT, earliest=hour(opens), visits=stops, travel=TRAVEL)
    best = route_timing(depot=DEPOT, leaves_at=departure, visits=stops, travel=TRAVEL)
    later = route_timing(depot=DEPOT, leaves_at=departure + timedelta(seconds=1), visits=stops, travel=TRAVEL)

    assert departure >= hour(opens)
    assert best.back_at == early.back_at
    assert best.late == early.late
    assert not stops or later.back_at > best.back_at or later.late > best.late


@given(visits)
def test_times_follow_each_other(stops):
    timing = route_timing(depot=DEPOT, leaves_at=hour(7), visits=stops, travel=TRAVEL)

    moments = [timing.leaves_at]
    for stop, planned in zip(stops, timing.visits, strict=True):
        moments += [planned.arrives_at, planned.starts_at, planned.leaves_at]
        assert planned.starts_at >= stop.window_start
        assert (planned.late > timedelta()) == (planned.starts_at > stop.window_end)
    assert moments == sorted(moments)
    assert timing.back_at >= moments[-1]


def test_a_van_that_stays_in_costs_nothing_and_the_wait_between_two_trips_is_paid():
    visit = Visit(Place(0, 0, 2), hour(7), hour(18), minutes(10))
    travel = ways(w12=25, w21=25)
    runs = [route_timing(depot=DEPOT, leaves_at=hour(at), visits=[visit], travel=travel) for at in (7, 9)]

    assert van_cost([], RATES) == 0
    assert van_cost(runs, RATES) == 2_000 + 2 * 50 * 50 + 3 * 3_600
    assert plan_cost([runs, [], runs[:1]], RATES) == van_cost(runs, RATES) + van_cost(runs[:1], RATES)


def test_a_degree_of_latitude_is_as_long_as_the_earth_says():
    straight = GreatCircle(factor=1, speed_kmh=60)

    assert straight.metres(Place(0, 0), Place(1, 0)) == 111_195
    assert straight.time(Place(0, 0), Place(1, 0)) == timedelta(seconds=6672)


def test_a_measured_way_counts_one_way_and_the_rest_is_straight():
    a, b = Place(0, 0, 1), Place(1, 0, 2)
    travel = Measured({(1, 2): (90_000, 4_000)}, GreatCircle(factor=1, speed_kmh=60))

    assert (travel.metres(a, b), travel.time(a, b)) == (90_000, timedelta(seconds=4_000))
    assert (travel.metres(b, a), travel.metres(a, a)) == (111_195, 0)
