"""What a picker did not find: promised to nobody, and one tap from its count, until somebody has counted it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from dashboard.queries.counted import freshness
from inventory.actions import counts
from inventory.actions.count_lines import Counted
from inventory.actions.unfound import count_unfound
from inventory.models import CycleCount, StockLevel
from inventory.queries.stock_lines import stock_lines
from orders.actions import picking
from orders.actions.allocation import allocate_backorders
from orders.queries.verify import all_differences
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.pages import form_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze 4x4")
    make.par(division.station, item, par=100)
    make.par(division.warehouse, item, par=100, bin="A-04")
    return item


@pytest.fixture
def stocked(division, gauze):
    """By the books 50 of it, 20 of which are promised."""
    level = make.stock(division.warehouse, gauze, on_hand=50, number="A17")
    division.approved({gauze.pk: 20})
    return level


@pytest.fixture
def level(division, stocked):
    """The same after a picker who was sent for 20 found 12."""
    pick(division, 12)
    stocked.refresh_from_db()
    return stocked


def pick(division, taken):
    """Take so many of the only line to pick, and say why not all."""
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    picked = {shipment.lines.get().pk: taken}
    by = division.by(division.logistics)
    picking.confirm_picks(shipment=shipment, version=None, picked=picked, reason="The bin was empty", **by)


def record(division, count, **numbers):
    lines = [Counted(int(lot[1:]), number) for lot, number in numbers.items()]
    counts.record_count(count=count, lines=lines, **division.by(division.logistics))


def finish(division, count):
    return counts.finish_count(count=count, version=None, **division.by(division.logistics))


def post(division, count, **reasons):
    why = {int(lot[1:]): reason for lot, reason in reasons.items()}
    return counts.post_count(count=count, version=None, reasons=why, **division.by(division.logistics))


def counted(division, level, number):
    """The spot count of what was not found, from its first tap to its posting."""
    lot = f"l{level.lot_id}"
    count = count_unfound(location=level.location, **division.by(division.logistics))
    record(division, count, **{lot: number})
    return post(division, finish(division, count), **{lot: "Miscounted"})


def test_the_rest_of_the_lot_is_set_aside_and_the_books_stay(division, level):
    assert (level.on_hand, level.allocated, level.unfound, level.available) == (50, 50, 38, 0)
    assert level.unfound_at == division.at
    assert all_differences() == []
    [line] = stock_lines([level.location], today=timezone.localdate()).values()
    assert (line.usable, line.unfound, line.state) == (0, 38, "out")
    [event] = Event.objects.about(level.lot)
    assert (event.verb, event.comment, event.details["quantity"]) == ("not found", "The bin was empty", 38)


def test_a_short_pick_that_is_repeated_is_answered_with_its_shipment(division, stocked):
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    picked, command = {shipment.lines.get().pk: 12}, division.by(division.logistics)
    answers = [
        picking.confirm_picks(shipment=shipment, version=None, picked=picked, reason="Empty", **command)
        for _ in range(2)
    ]
    assert answers == [shipment, shipment]
    assert Event.objects.about(stocked.lot).filter(verb="not found").count() == 1


def test_it_is_not_promised_again_while_another_lot_is(division, gauze, level):
    assert allocate_backorders(at=division.at) == 0

    make.stock(division.warehouse, gauze, on_hand=5, number="B2")

    assert allocate_backorders(at=division.at) == 5
    assert division.to_pick().lines.get().level.lot.number == "B2"


@pytest.mark.parametrize(("found", "free"), [(12, 0), (50, 38), (60, 48), (30, 18)])
def test_a_count_frees_what_is_there(division, level, found, free):
    division.later(minutes=5)
    counted(division, level, found)

    level.refresh_from_db()
    assert (level.on_hand, level.unfound, level.unfound_at, level.available) == (found, 0, None, free)
    assert all_differences() == []
    assert allocate_backorders(at=division.at) == min(free, 8)


def test_a_count_below_what_others_were_promised_is_refused_and_frees_nothing(division, level):
    division.later(minutes=5)

    with pytest.raises(DomainError) as refusal:
        counted(division, level, 5)

    level.refresh_from_db()
    assert "12 are promised to orders" in refusal.value.problems[0]
    assert level.unfound == 38


@pytest.mark.parametrize(("before", "is_refused"), [(50, False), (40, True)])
def test_a_line_counted_before_the_picker_looked_frees_nothing(division, stocked, before, is_refused):
    lot = f"l{stocked.lot_id}"
    count = counts.open_count(location=stocked.location, **division.by(division.logistics))
    record(division, count, **{lot: before})
    division.later(minutes=5)
    pick(division, 0)
    finish(division, count)

    if is_refused:
        with pytest.raises(DomainError) as refusal:
            post(division, count, **{lot: "Miscounted"})
        assert "a picker did not find it since it was counted" in refusal.value.problems[0]
    else:
        post(division, count)

    stocked.refresh_from_db()
    assert stocked.unfound == 50


def test_it_joins_the_count_that_is_under_way_where_what_was_counted_before_is_counted_again(division, stocked):
    other = make.stock(division.warehouse, make.item(), on_hand=3)
    count = counts.open_count(location=stocked.location, **division.by(division.logistics))
    record(division, count, **{f"l{stocked.lot_id}": 50, f"l{other.lot_id}": 3})
    division.later(minutes=5)
    pick(division, 0)

    joined = count_unfound(location=stocked.location, **division.by(division.logistics))

    assert joined == count
    assert not joined.is_spot
    assert dict(count.lines.values_list("lot_id", "counted")) == {stocked.lot_id: None, other.lot_id: 3}


def test_a_count_that_waits_to_be_posted_comes_first(division, level):
    count = counts.open_count(location=level.location, **division.by(division.logistics))
    record(division, count, **{f"l{level.lot_id}": 50})
    finish(division, count)

    with pytest.raises(DomainError, match="waits to be posted"):
        count_unfound(location=level.location, **division.by(division.logistics))


def test_a_spot_count_does_not_make_its_shelf_counted(division, level):
    division.later(minutes=5)
    counted(division, level, 12)

    assert freshness(at=division.at + timedelta(minutes=1), station=division.warehouse).hits == 0


def test_pressed_twice_it_opens_one_count_and_given_up_it_still_waits(division, level):
    command = division.by(division.logistics)

    count = count_unfound(location=level.location, **command)

    assert count_unfound(location=level.location, **command) == count
    counts.cancel_count(count=count, version=None, reason="Later", **division.by(division.logistics))
    assert list(StockLevel.objects.to_count()) == [level]


def test_nothing_in_doubt_is_nothing_to_count(division, stocked):
    with pytest.raises(DomainError, match="waits to be counted"):
        count_unfound(location=stocked.location, **division.by(division.logistics))


def test_the_queue_counts_it_and_one_tap_begins(client, division, level):
    client.force_login(division.logistics)
    assert "1 lot to count" in text_of(client.get(reverse("queue")))
    page = client.get(reverse("counts"))
    begin = reverse("count_unfound", args=[level.location_id])
    assert "Gauze 4x4, lot A17 : 38 each in doubt" in text_of(page)

    opened = client.post(begin, form_in(page, begin), follow=True)

    assert [line.lot_id for shelf in opened.context["bins"] for line in shelf.lines] == [level.lot_id]
    incomplete = client.post(begin, {"request_id": "x"}, follow=True)
    assert "nothing was begun" in text_of(incomplete)
    assert CycleCount.objects.count() == 1


def test_the_picker_sees_what_was_set_aside(client, division, stocked):
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    client.force_login(division.logistics)
    short = reverse("pick_short", args=[shipment.pk])
    page = client.get(reverse("pick_shipment", args=[shipment.pk]))

    after = client.post(short, form_in(page, short, quantity="12", reason="Empty"), follow=True)

    assert "38 each in doubt" in text_of(after)
    assert reverse("count_unfound", args=[stocked.location_id]) in after.text


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("chief", 403), ("auditor", 403), ("driver", 404)])
def test_who_may_not_count_cannot_begin(client, level, who, status):
    client.force_login(make.officer() if who == "outsider" else make.person(who))

    response = client.post(reverse("count_unfound", args=[level.location_id]), {"request_id": make.rid()})

    assert response.status_code == status
    assert not CycleCount.objects.exists()
    assert "Count 1 lot" not in client.get(reverse("counts")).text
