"""The schedule's core: every delivery is made in its window by a van that carries it, or named with the reason."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orders.routing.nearest import Call, Place, Route, Travel, plan_routes

DAY = datetime(2026, 11, 2, tzinfo=UTC)
TRAVEL = Travel(factor=1.3, speed_kmh=40, stop_minutes=10)
DEPOT = Place(47.6, -122.3)


def hour(number: float) -> datetime:
    return DAY + timedelta(hours=number)


places = st.builds(Place, st.floats(47.4, 47.8), st.floats(-122.5, -122.1))


@st.composite
def all_calls(draw):
    count = draw(st.integers(0, 12))
    return [
        Call(
            station_id=number,
            place=draw(places),
            window_start=hour(start := draw(st.integers(6, 15))),
            window_end=hour(start + draw(st.integers(1, 6))),
            weight_g=draw(st.integers(0, 400)),
            volume_ml=draw(st.integers(0, 400)),
            priority=draw(st.integers(0, 2)),
        )
        for number in range(count)
    ]


def vans(count, *, weight=1_000, volume=1_000):
    return [Route(number, DEPOT, hour(7), weight, volume) for number in range(count)]


@given(all_calls(), st.integers(0, 3))
def test_every_call_is_made_once_in_its_window_within_what_the_van_carries_or_named(calls, count):
    plan = plan_routes(calls, vans(count), TRAVEL)

    served = [planned.call.station_id for route in plan.routes for planned in route.calls]
    named = [call.station_id for call, reason in plan.unserved if reason]
    assert sorted(served + named) == [call.station_id for call in calls]
    for route in plan.routes:
        assert sum(planned.call.weight_g for planned in route.calls) <= 1_000
        assert sum(planned.call.volume_ml for planned in route.calls) <= 1_000
        here, now = DEPOT, hour(7)
        for planned in route.calls:
            way = TRAVEL.time(TRAVEL.metres(here, planned.call.place))
            assert planned.arrives_at >= now + way
            assert planned.call.window_start <= planned.arrives_at <= planned.call.window_end
            here, now = planned.call.place, planned.arrives_at + timedelta(minutes=10)


@given(all_calls())
def test_the_same_calls_in_any_order_give_the_same_plan(calls):
    assert plan_routes(calls, vans(2), TRAVEL) == plan_routes(calls[::-1], vans(2), TRAVEL)


def test_the_nearest_comes_next_and_the_urgent_first():
    def call(number, north, priority=0):
        return Call(number, Place(47.6 + north, -122.3), hour(7), hour(18), priority=priority)

    plan = plan_routes([call(1, 0.03), call(2, 0.01), call(3, 0.02), call(4, 0.05, priority=2)], vans(1), TRAVEL)

    assert [planned.call.station_id for planned in plan.routes[0].calls] == [4, 1, 3, 2]


def test_what_cannot_be_made_says_why():
    far = Call(1, Place(49.0, -122.3), hour(7), hour(8))
    heavy = Call(2, DEPOT, hour(7), hour(8), weight_g=5_000_000)

    reasons = {call.station_id: reason for call, reason in plan_routes([far, heavy], vans(1), TRAVEL).unserved}

    assert "08:00" in reasons[1]
    assert "5000.0 kg" in reasons[2]
    assert plan_routes([far], [], TRAVEL).unserved == [(far, "No van is free.")]


def test_a_degree_of_latitude_is_as_long_as_the_earth_says():
    straight = Travel(factor=1, speed_kmh=60, stop_minutes=0)

    assert round(straight.metres(Place(0, 0), Place(1, 0))) == 111_195
    assert straight.time(60_000) == timedelta(hours=1)
