"""What the ledger says was used: against a plain walk through every movement, and the rules of the trade one by one."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from math import log

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.actions import stock as actions
from inventory.models import Lot, StockMovement
from inventory.policy.estimates import HALF_LIFE_DAYS
from inventory.queries.calls import Sort, places
from inventory.queries.par_review import DivisionUse, review
from inventory.queries.peers import lives, peers
from inventory.queries.use_history import Window, usage
from stations.models import Location
from tests import make
from tests.make import AT, TODAY, rid
from tests.past import MIDNIGHT, Kind, Reason, came, days_ago, move, steady, used

pytestmark = pytest.mark.django_db
WINDOW_DAYS = 28


def usage_of(level, days=WINDOW_DAYS):
    """The one row of a par level."""
    found = usage(Window.before(AT, days), [level.location.owner.pk])
    [row] = [
        n
        for n, pair in enumerate(zip(found.location, found.item, strict=True))
        if pair == (level.location_id, level.item_id)
    ]
    return {name: getattr(found, name)[row] for name in ("used", "weighted_used", "squares", "days", "weighted_days")}


def weighed(begins: float, ends: float) -> float:
    """∫ ½^(age ÷ half-life) between two ages in days, the older first."""
    grown: float = 0.5 ** (ends / HALF_LIFE_DAYS) - 0.5 ** (begins / HALF_LIFE_DAYS)
    return grown * HALF_LIFE_DAYS / log(2)


# --- Against a plain walk ---------------------------------------------------------------------------------------------


def walked(level):
    """The same sums by walking through time: every moment at which anything changes, and what was there between."""
    start, end = days_ago(WINDOW_DAYS), MIDNIGHT
    undone = set(StockMovement.objects.exclude(reverses=None).values_list("reverses", flat=True))
    stock: dict[Lot, list[tuple[datetime, int]]] = defaultdict(list)
    per_day: dict[int, int] = defaultdict(int)
    rows = StockMovement.objects.filter(lot__item=level.item).select_related("lot").order_by("moved_at", "pk")
    for row in rows:
        if row.pk in undone or row.reverses_id:
            continue
        for place, sign in ((row.source_id, -1), (row.destination_id, 1)):
            if place == level.location_id:
                stock[row.lot].append((row.moved_at, sign * row.quantity))
        counts = row.reason in ("used", "wasted", "restocked", "dispatched") and row.source_id == level.location_id
        if counts and start <= row.moved_at < end:
            per_day[(row.moved_at - start) // timedelta(days=1)] += row.quantity
    good = {lot: MIDNIGHT + timedelta(days=(lot.expires_on - TODAY).days + 1) for lot in stock if lot.expires_on}
    moments = {start, end} | set(good.values()) | {at for moves in stock.values() for at, _ in moves}
    line = sorted(moment for moment in moments if start <= moment <= end)
    days = weight = 0.0
    for begins, ends in pairwise(line):
        there = [
            sum(change for at, change in moves if at <= begins) > 0 and (lot not in good or good[lot] > begins)
            for lot, moves in stock.items()
        ]
        if any(there):
            days += (ends - begins) / timedelta(days=1)
            weight += weighed((end - begins) / timedelta(days=1), (end - ends) / timedelta(days=1))
    ages = {day: 0.5 ** ((WINDOW_DAYS - day - 0.5) / HALF_LIFE_DAYS) for day in per_day}
    return {
        "used": sum(per_day.values()),
        "weighted_used": sum(units * ages[day] for day, units in per_day.items()),
        "squares": sum(units * units * ages[day] for day, units in per_day.items()),
        "days": days,
        "weighted_days": weight,
    }


def live(chance: random.Random, level, other) -> None:
    """Some weeks of one item at one place: it comes, goes, expires, is lent out, and some of it by mistake."""
    lots = [
        make.lot(level.item, number=f"L{n}", expires_on=(days_ago(chance.randint(-20, 30)).date() if n else None))
        for n in range(3)
    ]
    held = dict.fromkeys(lots, 0)
    at = days_ago(WINDOW_DAYS + 12)
    while at < AT:
        lot = chance.choice(lots)
        if not held[lot]:
            quantity = chance.randint(1, 4)
            held[lot] += quantity
            made = came(lot, level.location, quantity, at)
        else:
            quantity = chance.randint(1, held[lot])
            held[lot] -= quantity
            end, reason = chance.choice(
                [(Kind.CONSUMED, "used"), (Kind.WASTED, "wasted"), (Kind.DISCARDED, "discarded"), (other, "restocked")]
            )
            made = move(lot, level.location, end, quantity, reason, at)
            if chance.random() < 0.25:
                source = Location.objects.get(pk=made.destination_id)
                move(lot, source, level.location, quantity, "corrected", at + timedelta(hours=2), reverses=made)
                held[lot] += quantity
        at += timedelta(hours=chance.randint(3, 90))


def test_the_sums_are_those_of_a_walk_through_every_movement():
    chance = random.Random(3)  # a fixed past
    station = make.station()
    unit = make.unit(station).location
    levels = [make.par(make.room(station), make.item(), 9) for _ in range(8)]
    for level in levels:
        live(chance, level, unit)

    assert any(0 < walked(level)["days"] < WINDOW_DAYS for level in levels)
    for level in levels:
        assert usage_of(level) == pytest.approx(walked(level), abs=2e-5)  # SQLite keeps days to a tenth of a second


# --- The rules, one by one -------------------------------------------------------------------------------------------


@pytest.fixture
def level():
    return make.par(make.room(make.station()), make.item(), 9)


def test_days_without_usable_stock_are_no_days_without_need(level):
    lot = make.lot(level.item)
    came(lot, level.location, 5, days_ago(40))
    used(lot, level.location, 5, days_ago(20))
    came(lot, level.location, 5, days_ago(8))

    found = usage_of(level)

    assert (found["used"], found["days"]) == (5, pytest.approx(8 + 8, abs=1e-4))


def test_stock_that_has_expired_or_is_held_back_is_no_stock(level):
    expired = make.lot(level.item, number="E", expires_on=days_ago(11).date())  # good through that day
    came(expired, level.location, 5, days_ago(40))
    assert usage_of(level)["days"] == pytest.approx(18, abs=1e-4)

    held = make.lot(level.item, number="H")
    came(held, level.location, 5, days_ago(9))
    actions.set_lot_status(
        lot=held, status="quarantined", reason="Leaks", by=make.logistics(), at=days_ago(6), request_id=rid()
    )
    assert usage_of(level)["days"] == pytest.approx(18 + 3, abs=1e-4)


def test_what_was_undone_was_never_used(level):
    lot = make.lot(level.item)
    came(lot, level.location, 5, days_ago(40))
    mistake = used(lot, level.location, 5, days_ago(20))
    actions.reverse_movement(movement=mistake, reason="Wrong shelf", by=make.logistics(), at=AT, request_id=rid())

    found = usage_of(level)

    assert (found["used"], found["days"]) == (0, pytest.approx(28, abs=1e-4))


def test_need_is_what_leaves_for_patients_waste_units_and_stations(level):
    station = level.location.owner
    unit, safe = make.unit(station), make.safe(station)
    aboard = make.par(unit.location, level.item, 3)
    lot = make.lot(level.item)
    came(lot, level.location, 50, days_ago(40))
    move(lot, level.location, unit.location, 7, Reason.RESTOCKED, days_ago(5))
    move(lot, level.location, safe, 11, Reason.TRANSFERRED, days_ago(5))
    move(lot, level.location, Kind.DISCARDED, 13, Reason.DISCARDED, days_ago(5))
    used(lot, unit.location, 2, days_ago(4))
    move(lot, unit.location, Kind.WASTED, 1, Reason.WASTED, days_ago(3))

    assert usage_of(level)["used"] == 7
    assert usage_of(aboard)["used"] == 3


def test_calls_are_incidents_of_a_day_wherever_the_station_took_the_stock():
    hub = make.warehouse()
    station = make.station(supplied_by=hub)
    room, unit, item = make.room(station), make.unit(station).location, make.item()
    lot = make.lot(item)
    for place in (room, unit):
        came(lot, place, 50, days_ago(400))
    used(lot, unit, 1, days_ago(3), reference="I-1")
    used(lot, room, 1, days_ago(3), reference="I-1")  # the same call
    used(lot, unit, 1, days_ago(2), reference="I-2")
    used(lot, unit, 1, days_ago(1))
    used(lot, unit, 1, days_ago(1))  # nobody wrote an incident: two reports
    used(lot, unit, 1, AT)  # today is not over yet

    found = places(Window.before(AT))

    assert (found[unit.pk].sort, found[unit.pk].calls) == (Sort.UNIT, 4)
    assert (found[room.pk].sort, found[room.pk].calls) == (Sort.SHELF, 4)
    assert (found[make.room(hub).pk].sort, found[make.room(hub).pk].calls) == (Sort.HUB, 4)
    weights = sum(0.5 ** ((day - 0.5) / HALF_LIFE_DAYS) for day in (3, 2, 1, 1))
    assert found[unit.pk].calls_per_day == pytest.approx(weights / weighed(364, 0))


def test_a_new_place_is_busy_since_it_opened():
    station = make.station()
    room, lot = make.room(station), make.lot(make.item())
    came(lot, room, 50, days_ago(10))
    for day in range(1, 11):
        used(lot, room, 1, days_ago(day - 0.5), reference=f"I-{day}")

    [found] = [one for pk, one in places(Window.before(AT)).items() if pk == room.pk]

    assert found.open_days == pytest.approx(10, abs=1e-3)
    assert found.calls_per_day == pytest.approx(1, rel=0.01)


def test_what_its_like_use_and_how_long_it_keeps():
    stations = [make.station() for _ in range(2)]
    item = make.item()
    lot = make.lot(item, expires_on=days_ago(-60).date())
    for station in stations:
        make.par(station, item, 5)
        came(lot, make.room(station), 9, days_ago(30))
        used(lot, make.room(station), 2, days_ago(10), reference="I-1")
    window = Window.before(AT)
    found = places(window)

    like = peers(window, found.values())[Sort.SHELF, item.pk]

    weight = 0.5 ** ((9.5) / HALF_LIFE_DAYS)
    assert [like.used, like.squares] == pytest.approx([4 * weight, 8 * weight])
    assert like.days == pytest.approx(2 * weighed(30, 0), abs=1e-3)
    assert like.calls == pytest.approx(2 * weight, abs=1e-3)
    assert lives(window, found.values())[Sort.SHELF, item.pk] == pytest.approx(30 + 60 + 1, abs=1e-3)
    assert (Sort.UNIT, item.pk) not in lives(window, found.values())


# --- Shrinkage, and what it costs ------------------------------------------------------------------------------------


def mean_of(found, level):
    [row] = [n for n, pk in enumerate(found.usage.location) if pk == level.location_id]
    return found.estimate.demand.mean_per_day[row], found.estimate.own_share[row]


def test_a_new_station_is_taken_for_one_of_its_like_by_its_calls():
    item = make.item()
    old = [steady(make.station(), item=item, a_day=2, days=60) for _ in range(3)]
    new = make.station()
    level = make.par(new, item, 10)
    bandage = make.item()
    lot = make.lot(bandage)
    came(lot, level.location, 50, days_ago(8))
    for day in range(1, 8):
        used(lot, level.location, 1, days_ago(day - 0.4), reference=f"N-{day}")  # calls, which never used the item

    found = review(DivisionUse.read(AT), [new.pk, *(one.location.owner.pk for one in old)])

    mean, own = mean_of(found, level)
    assert own == pytest.approx(0, abs=0.01)
    assert mean == pytest.approx(2 * 7 / 8, rel=0.25)  # two a call, and nearly a call a day


def test_a_chunk_is_judged_as_if_it_were_the_whole_division():
    item = make.item()
    levels = [steady(make.station(), item=item, a_day=units, days=40) for units in (1, 2, 4)]
    stations = [level.location.owner.pk for level in levels]
    division = DivisionUse.read(AT)

    whole = review(division, stations)
    alone = [review(division, [pk]) for pk in stations]

    for level, part in zip(levels, alone, strict=True):
        assert mean_of(part, level)[0] == pytest.approx(mean_of(whole, level)[0], rel=0.05)


@pytest.mark.parametrize("size", [2, 12])
def test_queries_do_not_grow_with_stations_or_items(size):
    for _ in range(size):
        station = make.station()
        for _ in range(size // 2):
            make.par(station, make.item(), 5)
            make.par(make.unit(station).location, make.item(), 5)
    with CaptureQueriesContext(connection) as asked:
        division = DivisionUse.read(AT)
        review(division, list(division.places and {one.station_id for one in division.places.values()}))
    assert len(asked) == 12
