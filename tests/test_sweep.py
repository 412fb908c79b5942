"""The sweep: DESIGN's definition of a shortfall, explained line by line, and drafts that keep what people chose."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.models import KindPolicy
from orders.actions import drafts
from orders.actions.sweep import sweep_par_levels
from orders.models import OrderLine, ResupplyOrder, Shortfall
from orders.queries.par_lines import par_lines
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division()


def days(number):
    return make.TODAY + timedelta(days=number)


def draft_lines(division):
    lines = OrderLine.objects.filter(order__station=division.station, order__is_automatic=True)
    return {line.item_id: line for line in lines}


def test_a_line_is_explained_by_its_numbers(division):
    item = make.item(issue_pack=10)
    make.par(division.station, item, par=100, minimum=40)
    make.stock(division.station, item, on_hand=12)
    make.stock(division.station, item, on_hand=30, number="SOON", expires_on=days(5))
    make.stock(division.station, item, on_hand=50, number="HELD", status="recalled")
    make.stock(division.warehouse, item, on_hand=500)
    division.approved({item.pk: 15})

    sweep_par_levels(at=division.at)

    line = draft_lines(division)[item.pk]
    explained = (line.par, line.minimum, line.usable, line.expiring, line.inbound)
    assert explained == (100, 40, 12, 30, 15)
    assert line.asked == 80  # 100 − 12 − 15 = 73, in tens


@pytest.mark.parametrize(("usable", "at_or_below", "short"), [(39, False, True), (40, False, False), (40, True, True)])
def test_the_minimum_decides_below_or_at_it_as_set(division, settings, usable, at_or_below, short):
    settings.EMS_SHORT_AT_OR_BELOW_MINIMUM = at_or_below
    item = make.item()
    make.par(division.station, item, par=100, minimum=40)
    make.stock(division.station, item, on_hand=usable)

    sweep_par_levels(at=division.at)

    assert Shortfall.objects.filter(item=item).exists() == short


@pytest.mark.parametrize(("expires_in", "usable"), [(8, 0), (9, 10), (10, 10)])
def test_stock_counts_when_it_lasts_until_the_delivery_after_next(division, expires_in, usable):
    item = make.item()
    make.par(division.station, item, par=100)  # review 7 + lead 2 days
    make.stock(division.station, item, on_hand=10, expires_on=days(expires_in))

    [line] = par_lines(make.TODAY, [division.station.pk])

    assert (line.usable, line.expiring) == (usable, 10 - usable)


def test_a_kind_may_have_a_horizon_of_its_own(division):
    KindPolicy.objects.create(kind="medication", horizon_days=30)
    drug, gauze = make.item(kind="medication"), make.item()
    for item in (drug, gauze):
        make.par(division.station, item, par=100)
        make.stock(division.station, item, on_hand=10, expires_on=days(20))

    usable = {line.item_id: line.usable for line in par_lines(make.TODAY, [division.station.pk])}

    assert usable == {drug.pk: 0, gauze.pk: 10}


def test_what_waits_for_approval_is_not_asked_for_twice(division):
    item = make.item()
    make.par(division.station, item, par=10)
    division.submitted({item.pk: 10})

    sweep_par_levels(at=division.at)

    assert draft_lines(division) == {}
    assert (Shortfall.objects.get().need, Shortfall.objects.get().awaiting) == (10, 10)


def test_promised_stock_of_the_source_is_not_usable_there(division):
    locker = make.station(kind="locker", supplied_by=division.warehouse)
    division.station.supplied_by = locker
    division.station.save()
    item = make.item()
    make.par(division.station, item, par=10)
    make.par(locker, item, par=20)
    make.stock(locker, item, on_hand=20)
    division.approved({item.pk: 10})

    sweep_par_levels(at=division.at)

    assert Shortfall.objects.get(location__station=locker).usable == 10


def test_one_automatic_draft_per_station_however_often_it_sweeps(division):
    for _ in range(3):
        make.par(division.station, make.item(), par=10)
        sweep_par_levels(at=division.later(hours=1))

    draft = ResupplyOrder.objects.automatic_drafts().get(station=division.station)
    assert draft.lines.count() == 3


def test_a_sweep_that_finds_nothing_new_changes_nothing(division):
    make.par(division.station, make.item(), par=10)
    sweep_par_levels(at=division.at)
    before = ResupplyOrder.objects.values().get()

    again = sweep_par_levels(at=division.later(hours=1))

    assert again.drafts == 0
    assert ResupplyOrder.objects.values().get() == before
    assert Shortfall.objects.get().since < Shortfall.objects.get().swept_at


def test_what_a_person_chose_survives_the_next_sweep(division):
    chosen, unwanted, added, plain = (make.item() for _ in range(4))
    for item in (chosen, unwanted, plain):
        make.par(division.station, item, par=10)
    sweep_par_levels(at=division.at)
    draft = ResupplyOrder.objects.get()
    drafts.edit_order(
        order=draft,
        version=draft.version,
        quantities={chosen.pk: 25, unwanted.pk: 0, added.pk: 3},
        **division.by(division.officer),
    )
    make.stock(division.station, chosen, on_hand=2)
    make.stock(division.station, plain, on_hand=2)

    sweep_par_levels(at=division.later(hours=1))

    asked = {pk: line.asked for pk, line in draft_lines(division).items()}
    assert asked == {chosen.pk: 25, unwanted.pk: 0, added.pk: 3, plain.pk: 8}
    assert draft_lines(division)[chosen.pk].suggested == 8


def test_a_line_that_is_no_longer_short_leaves_the_draft_unless_a_person_chose_it(division):
    filled, kept = make.item(), make.item()
    for item in (filled, kept):
        make.par(division.station, item, par=10)
    sweep_par_levels(at=division.at)
    draft = ResupplyOrder.objects.get()
    drafts.edit_order(order=draft, version=draft.version, quantities={kept.pk: 7}, **division.by(division.officer))
    for item in (filled, kept):
        make.stock(division.station, item, on_hand=10)

    sweep_par_levels(at=division.later(hours=1))

    assert {pk: line.asked for pk, line in draft_lines(division).items()} == {kept.pk: 7}
    assert not Shortfall.objects.exists()


def test_units_are_restocked_from_their_station_and_not_drafted_for(division):
    unit = make.unit(division.station)
    item = make.item()
    make.par(unit.location, item, par=4)

    sweep_par_levels(at=division.at)

    assert Shortfall.objects.get().location == unit.location
    assert not ResupplyOrder.objects.exists()


def test_the_top_of_the_chain_is_short_without_a_draft(division):
    make.par(division.warehouse, make.item(), par=100)

    sweep_par_levels(at=division.at)

    assert Shortfall.objects.count() == 1
    assert not ResupplyOrder.objects.exists()


def test_a_sweep_of_some_stations_leaves_the_others(division):
    other = make.station(supplied_by=division.warehouse)
    for station in (division.station, other):
        make.par(station, make.item(), par=10)
    sweep_par_levels(at=division.at)

    sweep_par_levels(at=division.later(hours=1), stations=[division.station])

    assert Shortfall.objects.filter(location__station=other).exists()


@pytest.mark.parametrize("stations", [3, 30])
def test_the_sweep_asks_as_often_for_many_stations_as_for_few(division, django_assert_num_queries, stations):
    item = make.item()
    for _ in range(stations):
        make.par(make.station(supplied_by=division.warehouse), item, par=10)

    with django_assert_num_queries(SWEEP_QUERIES, exact=False):
        sweep_par_levels(at=division.at)


SWEEP_QUERIES = 24


class Definition(TestCase):
    """The statement against DESIGN's words, spelled out in Python."""

    @settings(max_examples=60, deadline=None)
    @given(
        par=st.integers(0, 60),
        minimum=st.integers(0, 60),
        pack=st.sampled_from([None, 2, 10, 25]),
        lots=st.lists(
            st.tuples(
                st.integers(1, 40),
                st.one_of(st.none(), st.integers(-3, 15)),
                st.sampled_from(["usable", "quarantined", "recalled"]),
            ),
            max_size=4,
        ),
    )
    def test_need_is_par_less_usable_in_whole_packs_when_below_the_minimum(self, par, minimum, pack, lots):
        station, item = make.station(), make.item(issue_pack=pack)
        minimum = min(par, minimum)
        make.par(station, item, par=par, minimum=minimum)
        for number, (quantity, expires_in, status) in enumerate(lots):
            expires_on = None if expires_in is None else days(expires_in)
            make.stock(station, item, on_hand=quantity, number=str(number), expires_on=expires_on, status=status)

        [line] = par_lines(make.TODAY, [station.pk])

        usable = sum(
            quantity for quantity, until, status in lots if status == "usable" and (until is None or until >= 9)
        )
        need = -(-(par - usable) // (pack or 1)) * (pack or 1) if usable < minimum else 0
        assert (line.usable, line.need) == (usable, need)
