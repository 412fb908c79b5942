"""The officer's three jobs on a phone, in as few taps as they may take from the home page after signing in."""

import pytest
from django.utils import timezone

from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder, Shipment
from tests import make
from tests.flow import Division
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gloves(division):
    item = make.item(name="Nitrile gloves", issue_pack=50)
    make.stock(division.warehouse, item, on_hand=200)
    return item


@pytest.fixture
def home(new_page, division):
    """Opens the officer's home on a phone, signed in."""

    return lambda: sign_in(new_page(width=360, height=740), division.officer)


def tap_all(*targets):
    """Tap each in turn, and say how many taps that were."""
    for target in targets:
        target.tap()
    return len(targets)


def test_a_suggested_request_is_sent_in_two_taps(division, gloves, home):
    make.par(division.station, gloves, par=100)
    sweep_par_levels(at=timezone.now())
    page = home()

    taps = tap_all(page.get_by_role("link", name="Look and send"), page.get_by_role("button", name="Send request"))

    page.get_by_text("was sent to").wait_for()
    assert taps == 2
    assert ResupplyOrder.objects.get().state == ResupplyOrder.State.SUBMITTED


def test_one_thing_is_taken_from_the_shelf_in_three_taps(division, gloves, home):
    make.stock(division.station, gloves, on_hand=10)
    page = home()

    taps = tap_all(
        page.get_by_role("navigation", name="At the shelf").get_by_role("link", name="Use"),
        page.get_by_role("button", name="More: Nitrile gloves"),
        page.locator("button[data-tally]"),
    )

    page.get_by_text("taken from").wait_for()
    assert taps == 3
    assert make.on_hand(make.room(division.station), gloves) == 9


def test_a_delivery_is_received_as_sent_in_two_taps(division, gloves, home):
    shipment = division.delivered({gloves.pk: 100})
    page = home()

    taps = tap_all(
        page.get_by_role("link", name="Receive", exact=True), page.get_by_role("button", name="Receive all as sent")
    )

    page.get_by_text("everything as sent").wait_for()
    shipment.refresh_from_db()
    assert taps == 2
    assert shipment.state == Shipment.State.RECEIVED
    assert make.on_hand(make.room(division.station), gloves) == 100


def test_three_deliveries_are_received_as_sent_in_one_tap(division, gloves, home):
    make.stock(division.warehouse, gloves, on_hand=200)
    division.in_the_bay({gloves.pk: 100}, 3)
    page = home()

    taps = tap_all(page.get_by_role("button", name="Receive all 3 as sent"))

    page.get_by_text("3 deliveries are received: everything as sent.").wait_for()
    assert taps == 1
    assert set(Shipment.objects.values_list("state", flat=True)) == {Shipment.State.RECEIVED}
    assert make.on_hand(make.room(division.station), gloves) == 300


def test_a_unit_is_filled_from_the_shelves_in_two_taps(division, gloves, home):
    make.stock(division.station, gloves, on_hand=50)
    unit = make.unit(division.station)
    make.par(unit.location, gloves, par=10)
    page = home()

    taps = tap_all(page.get_by_role("link", name=f"Restock {unit.code}"), page.locator("button[data-tally]"))

    page.get_by_text(f"put on {unit}").wait_for()
    assert taps == 2
    assert make.on_hand(unit.location, gloves) == 10


def test_forty_items_on_four_shelves_are_counted_in_nine_taps(division, home):
    room = make.room(division.station)
    for number in range(40):
        item = make.item(name=f"Item {number:02}")
        make.stock(division.station, item, on_hand=10)
        make.par(room, item, par=10, bin=f"A{number // 10 + 1}")
    page = home()
    bar = page.get_by_role("navigation", name="At the shelf")

    taps = tap_all(bar.get_by_role("link", name="Count"), page.get_by_role("button", name="Begin counting"))
    for shelf in range(4):
        taps += tap_all(page.get_by_role("button", name="All 10 as expected").first)
        page.get_by_text(f"{shelf * 10 + 10} of 40 counted").wait_for()
    taps += tap_all(
        page.get_by_role("button", name="Finish counting"), page.get_by_role("button", name="Post this count")
    )

    page.get_by_text("0 differed").wait_for()
    assert taps <= 9
