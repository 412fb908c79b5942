"""Dividing one short item among lines: packs, tiers of expiry and stat orders together. Property tests."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.models import Item, Pack
from inventory.queries.horizons import Horizons
from orders.models import OrderLine, ResupplyOrder
from orders.queries.dividing import Division
from orders.queries.needs import Need
from stations.models import Station
from tests import make

pytestmark = pytest.mark.django_db
PRIORITIES = st.sampled_from([0, 0, 0, 1, 2])
# Days from today on which lots expire, beside the horizons of 4 and 9 days.
DAYS = [0, 3, 4, 8, 9, 300, None]


@st.composite
def divisions(draw):
    """Up to five lines at up to three stations, and what is free of their item by day of expiry. Nothing is saved."""
    size = draw(st.sampled_from([1, 4, 10]))
    item = Item(pk=1, kind=Item.Kind.CONSUMABLE)
    packs = [Pack(name="box", quantity=size, is_issue_pack=True)]
    vars(item)["_prefetched_objects_cache"] = {"packs": packs}
    stations = [
        Station(pk=n, name=f"Station {n}", review_days=days, lead_days=1) for n, days in ((1, 3), (2, 8), (3, 8))
    ]
    lines = []
    for number in range(draw(st.integers(1, 5))):
        order = ResupplyOrder(pk=number, station=draw(st.sampled_from(stations)), priority=draw(PRIORITIES))
        wanted, allocated = draw(st.integers(1, 30)), draw(st.sampled_from([0, 0, 5]))
        line = OrderLine(pk=number, order=order, item=item, asked=50, approved=wanted + allocated, allocated=allocated)
        line.location_id = order.station.pk
        lines.append(line)
    lines.sort(key=lambda line: (-line.order.priority, line.pk))
    needs = {
        station.pk: Need(
            draw(st.integers(0, 12)), 0, draw(st.sampled_from([0.1, 1.0, 3.0])), 1.5, station.horizon.days, False
        )
        for station in stations
    }
    free = {
        None if days is None else make.TODAY + timedelta(days=days): draw(st.integers(0, 15))
        for days in draw(st.sets(st.sampled_from(DAYS), min_size=1))
    }
    return lines, needs, free


def use_up(lines, free, by_line, until):
    """Take the lots as ``allocate_lines`` does, first expired first; (what each line got, what is left of each lot)."""
    left = dict(free)
    got: Counter[int] = Counter()
    lots = sorted(left, key=lambda day: (day is None, day))
    for line in lines:
        wants = by_line[line.pk]
        for day in lots:
            if day is None or day >= until(line):
                part = min(wants, left[day])
                left[day] -= part
                wants -= part
                got[line.pk] += part
    return got, left


@settings(max_examples=100, deadline=None)
@given(divisions())
def test_what_is_divided_is_there_is_wanted_and_leaves_nothing_that_somebody_may_have(case):
    lines, needs, free = case
    horizons = Horizons(make.TODAY)

    def until(line):
        is_stat = line.order.priority == ResupplyOrder.Priority.STAT
        return make.TODAY if is_stat else horizons.until(line.order.station, line.item.kind)

    division = Division(lines, needs, free, horizons)
    division.run()

    assert all(0 <= division.by_line[line.pk] <= line.wanted for line in lines)
    for location, units in division.by_location.items():
        assert units == sum(division.by_line[line.pk] for line in lines if line.location_id == location)
    got, left = use_up(lines, free, division.by_line, until)
    assert all(got[line.pk] == division.by_line[line.pk] for line in lines), "it is covered by lots that last"
    for line in lines:
        if got[line.pk] < line.wanted:
            assert not any(units for day, units in left.items() if day is None or day >= until(line))


@settings(max_examples=40, deadline=None)
@given(divisions())
def test_dividing_again_what_the_first_half_took_gives_the_others_the_same(case):
    lines, needs, free = case
    horizons = Horizons(make.TODAY)
    routine = [line for line in lines if line.order.priority == 0]
    if not routine:
        return
    whole = Division(routine, needs, {None: sum(free.values())}, horizons)
    whole.run()
    first, others = routine[: len(routine) // 2], routine[len(routine) // 2 :]
    taken = sum(whole.by_line[line.pk] for line in first)
    after = {
        place: Need(
            need.usable,
            sum(whole.by_line[line.pk] for line in first if line.location_id == place),
            need.per_day,
            need.spread,
            need.days,
            False,
        )
        for place, need in needs.items()
    }
    for line in first:
        line.allocated += whole.by_line[line.pk]

    again = Division([line for line in routine if line.wanted], after, {None: sum(free.values()) - taken}, horizons)
    again.run()

    size = routine[0].item.packs.all()[0].quantity
    if all(units % size == 0 for units in (*(line.wanted for line in routine), sum(free.values()))):
        assert all(again.by_line[line.pk] == 0 for line in first)
        assert all(again.by_line[line.pk] == whole.by_line[line.pk] for line in others)
    assert sum(again.by_line.values()) + taken == sum(whole.by_line.values())
