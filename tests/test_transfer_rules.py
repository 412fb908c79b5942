"""Which stock may move: what a place can spare, what would expire there, who could use it, and on which run."""

from datetime import UTC, datetime, timedelta
from math import exp, lgamma, log
from random import Random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.actions.ledger import Move as LedgerMove
from inventory.actions.ledger import post_movements
from inventory.models import KindPolicy, StockMovement
from orders.actions.approval import approve_order
from orders.matching import Donor, Lot, Want, fulfil, own_need, parts_for
from orders.queries.surplus import spare_lots
from orders.queries.transfers import proposals
from orders.rides import Halt, Round, joined, keeps_pairs, order_for, timing
from orders.ways import Place
from stations.models import Command, Location
from tests import make
from tests.flow import Division
from tests.transfers import Neighbours

TODAY = make.TODAY
SOON = timedelta(days=40)


@transaction.atomic
def used(place, item, quantity):
    """So much was used there of an item, of a lot of its own that is used up by it."""
    level = make.stock(place, item, on_hand=quantity, number="gone")
    command = Command.objects.begin("use", by=None, at=make.AT)
    gone = Location.objects.virtual(Location.Kind.CONSUMED)
    move = LedgerMove(level.lot_id, level.location_id, gone.pk, quantity, StockMovement.Reason.USED)
    post_movements(command, [move], by=None, at=make.AT)


@pytest.mark.parametrize("mean", [0.01, 0.7, 3, 40.5, 2_000])
def test_own_need_is_the_smallest_that_suffices_in_99_of_100(mean):
    def within(most):
        """P(D ≤ most), added up."""
        return sum(exp(n * log(mean) - mean - lgamma(n + 1)) for n in range(most + 1))

    need = own_need(mean / 9, 9)

    assert within(need) >= 0.99 > within(need - 1)


def walk(lots, daily):
    """What expires of each lot, day by day: (quantity, days until it expires) in the order of use."""
    left = [float(quantity) for quantity, _ in lots]
    for day in range(max(days for _, days in lots)):
        demand = daily
        for number, (_, days) in enumerate(lots):
            if day < days:
                taken = min(left[number], demand)
                left[number] -= taken
                demand -= taken
    return left


@pytest.mark.django_db
def test_what_would_expire_is_what_a_walk_day_by_day_leaves_over(django_assert_num_queries):
    KindPolicy.objects.update_or_create(kind="consumable", defaults={"expiring_days": 90})
    random, station = Random(7), make.station()
    expected = {}
    for _ in range(25):
        item = make.item()
        lots = sorted((random.randint(1, 30), random.randint(1, 80)) for _ in range(random.randint(1, 4)))
        lots.sort(key=lambda lot: lot[1])
        four_weeks = random.choice([0, 3, 14, 28, 56])
        if four_weeks:
            used(station, item, four_weeks)
        for number, (quantity, days) in enumerate(lots):
            make.stock(station, item, on_hand=quantity, number=f"L{number}", expires_on=TODAY + timedelta(days=days))
        expected[item.pk] = [pytest.approx(left, abs=1e-6) for left in walk(lots, four_weeks / 28)]

    with django_assert_num_queries(1):
        found = list(spare_lots(at=make.AT))

    outdating = {item: [lot.outdating for lot in found if lot.item_id == item] for item in expected}
    assert outdating == expected


@pytest.mark.django_db
def test_a_lot_that_lasts_long_does_not_count_as_expiring():
    station, item = make.station(), make.item()
    make.stock(station, item, on_hand=10, number="L", expires_on=TODAY + timedelta(days=200))

    [lot] = spare_lots(at=make.AT)

    assert lot.outdating == 0


@pytest.mark.django_db
def test_surplus_is_what_is_above_par_and_need_and_never_goes_below_the_minimum():
    world = Neighbours(has=18, lacks=100)
    [eight] = proposals(at=world.at)
    assert (eight.quantity, eight.donor_keeps) == (8, 10)

    used(world.donor, world.item, 28)  # one a day: in nine days at most 17, in 99 of 100
    [one] = proposals(at=world.at)
    assert (one.quantity, one.donor_keeps) == (1, own_need(1, 9))


@pytest.mark.django_db
def test_only_whole_packs_of_the_receiver_move():
    world = Neighbours(item=make.item(issue_pack=12, criticality="A"), has=50, lacks=100)

    [proposal] = proposals(at=world.at)

    assert proposal.quantity == 36


@pytest.mark.django_db
def test_who_is_short_is_asked_of_its_own_source_first():
    world = Neighbours()
    make.stock(world.warehouse, world.item, on_hand=15)

    [proposal] = proposals(at=world.at)

    assert proposal.quantity == 5


@pytest.mark.django_db
def test_lots_that_do_not_last_until_the_receivers_horizon_stay():
    world = Neighbours(has=0)
    make.stock(world.donor, world.item, on_hand=50, number="A", expires_on=TODAY + timedelta(days=8))

    assert proposals(at=world.at) == []


@pytest.mark.django_db
def test_what_would_expire_goes_to_who_uses_it_in_time():
    world = Neighbours(has=0, lacks=30)
    make.stock(world.donor, world.item, on_hand=40, number="A", expires_on=TODAY + SOON)
    make.stock(world.receiver, world.item, on_hand=30, number="B", expires_on=TODAY + timedelta(days=300))
    used(world.receiver, world.item, 56)  # two a day: 80 until A expires, 30 of them from B

    [proposal] = proposals(at=world.at)

    assert (proposal.quantity, proposal.expiring, proposal.is_short) == (30, 30, False)
    assert proposal.expires_on == TODAY + SOON
    assert proposal.value_cents == 3_000


@pytest.mark.django_db
def test_what_would_expire_stays_where_nobody_uses_it():
    world = Neighbours(has=0, lacks=30)
    make.stock(world.donor, world.item, on_hand=40, number="A", expires_on=TODAY + SOON)
    make.stock(world.receiver, world.item, on_hand=30, number="B", expires_on=TODAY + timedelta(days=300))

    assert proposals(at=world.at) == []


@pytest.mark.django_db
def test_a_donor_on_a_run_that_goes_there_comes_before_a_nearer_one():
    world = Neighbours()
    near = make.station(
        supplied_by=world.warehouse, latitude=world.receiver.latitude, longitude=world.receiver.longitude
    )
    make.par(near, world.item, 10, 5)
    make.stock(near, world.item, on_hand=50)
    assert [one.donor for one in proposals(at=world.at)] == [make.room(near)]

    world.both()

    assert [one.donor for one in proposals(at=world.at)] == [make.room(world.donor)]


@pytest.mark.django_db
def test_the_emptiest_place_gets_it_and_one_donor_gives_no_more_than_it_can_spare():
    world = Neighbours(lacks=30)
    fuller = make.station(supplied_by=world.warehouse)
    make.par(fuller, world.item, 30, 20)
    make.stock(fuller, world.item, on_hand=10)

    found = {one.receiver: one.quantity for one in proposals(at=world.at)}

    assert found == {make.room(world.receiver): 30, make.room(fuller): 10}


@pytest.mark.django_db
def test_what_is_asked_for_and_cannot_be_sent_counts_before_it_is_approved():
    world = Neighbours()
    flow = Division(warehouse=world.warehouse)
    make.par(flow.station, world.item, 10, 0)
    order = flow.submitted({world.item.pk: 10})

    found = {one.receiver.station: one.quantity for one in proposals(at=world.at)}
    assert found[flow.station] == 10

    approve_order(order=order, version=order.version, **flow.by(flow.logistics))
    found = {one.receiver.station: one.quantity for one in proposals(at=world.at)}
    assert found[flow.station] == 10, "and as long as it is owed"


@pytest.mark.django_db
def test_proposals_cost_as_many_queries_whatever_their_number(django_assert_max_num_queries):
    worlds = [Neighbours() for _ in range(4)]

    with django_assert_max_num_queries(11):
        found = proposals(at=worlds[0].at)

    assert len(found) == 4


days = st.one_of(st.none(), st.integers(5, 90))
lots = st.lists(st.tuples(st.integers(1, 40), days, st.integers(0, 40)), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    lots=lots,
    numbers=st.tuples(*[st.integers(0, 60)] * 4),
    wanted=st.tuples(st.integers(0, 60), st.integers(1, 7), st.integers(0, 60), st.integers(0, 9)),
    quantity=st.integers(1, 80),
)
def test_whatever_is_asked_a_donor_keeps_its_own_and_gives_whole_packs(lots, numbers, wanted, quantity):
    inbound, par, minimum, need = numbers
    lacks, pack, has, daily = wanted
    stock = [
        Lot(number, free, day if day is None else TODAY + timedelta(days=day), min(out, free) if day else 0)
        for number, (free, day, out) in enumerate(sorted(lots, key=lambda lot: (lot[1] is None, lot[1] or 0)))
    ]
    usable = sum(lot.free for lot in stock if lot.lasts(TODAY + timedelta(days=9)))
    donor = Donor(1, 1, 1, stock, usable, inbound, max(par, minimum), minimum, need)
    want = Want(2, 2, 1, TODAY + timedelta(days=9), lacks, pack, has, 0, 30, float(daily))
    spare, free = donor.spare, {lot.level_id: lot.free for lot in stock}

    parts = parts_for(donor, want, quantity, today=TODAY)

    assert sum(parts.values()) % pack == 0
    assert sum(parts.values()) <= min(quantity, spare)
    assert all(0 < given <= free[level] for level, given in parts.items())
    assert usable - sum(parts.values()) >= min(usable, donor.floor)
    assert all(lot.lasts(want.until) for lot in stock if lot.level_id in parts)

    made = fulfil(donor, want, quantity, today=TODAY)
    assert sum(made.values()) <= quantity
    assert all(lot.free >= 0 for lot in donor.lots)


AT = datetime(2026, 11, 3, 8, tzinfo=UTC)


def leg(a, b):
    metres = abs(a.latitude - b.latitude) * 100_000 + abs(a.longitude - b.longitude) * 100_000
    return metres, timedelta(minutes=metres / 1_000)


points = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda at: Place(at[0] / 100, at[1] / 100))


@st.composite
def rounds(draw):
    """A run of some stops whose windows hold as planned, with a transfer on it already or none."""
    where = draw(st.lists(points, min_size=2, max_size=6))
    wide = [Halt(number, place, AT, AT + timedelta(days=1), AT) for number, place in enumerate(where)]
    planned = timing(Place(0, 0), AT, wide, leg, timedelta(minutes=10)).arrivals
    slack = draw(st.lists(st.integers(0, 90), min_size=len(where), max_size=len(where)))
    halts = tuple(
        Halt(pk, halt.place, AT, planned[pk] + timedelta(minutes=slack[pk]), planned[pk])
        for pk, halt in enumerate(wide)
    )
    pairs = frozenset({(0, len(where) - 1)} if draw(st.booleans()) else ())
    return Round(1, Place(0, 0), AT, halts, pairs, draw(st.booleans()))


@settings(max_examples=150, deadline=None)
@given(one=rounds(), data=st.data())
def test_an_order_found_for_a_transfer_collects_first_and_makes_no_stop_late(one, data):
    ends = st.integers(0, len(one.halts))  # one more than there are stops: a station that the run does not pass
    donor, receiver = data.draw(st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]))

    order = order_for(one, donor, receiver, leg, timedelta(minutes=10))

    now = tuple(halt.station_id for halt in one.halts)
    if order is None:
        assert donor not in now or receiver not in now or now.index(donor) > now.index(receiver)
        return
    assert sorted(order) == sorted(now)
    assert keeps_pairs(order, one.pairs | {(donor, receiver)})
    assert order == now or one.may_change
    halts = {halt.station_id: halt for halt in one.halts}
    timed = timing(one.depot, one.leaves_at, [halts[pk] for pk in order], leg, timedelta(minutes=10))
    assert all(timed.arrivals[pk] <= halts[pk].window_end for pk in order)


@settings(max_examples=100, deadline=None)
@given(one=rounds(), where=st.tuples(points, points), missing=st.sampled_from([(98,), (99,), (98, 99)]))
def test_stops_that_a_person_adds_are_put_so_that_all_is_collected_first(one, where, missing):
    donor = 98 if 98 in missing else one.halts[0].station_id
    receiver = 99 if 99 in missing else one.halts[-1].station_id
    extra = [Halt(pk, place, AT, AT, AT) for pk, place in zip((98, 99), where, strict=True) if pk in missing]

    order = joined(one, extra, donor, receiver, leg, timedelta(minutes=10))

    assert keeps_pairs(order, one.pairs | {(donor, receiver)})
    assert [pk for pk in order if pk < 98] == [halt.station_id for halt in one.halts]
