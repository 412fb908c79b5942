"""An item's page draws how much of it was used week by week, of the places that one may see."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from inventory.access import visible_locations
from inventory.actions.ledger import reverse_movement
from inventory.models import StockMovement
from inventory.queries.item_use import item_use
from tests import make
from tests.pages import questions, text_of
from tests.test_weekly_report import move

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Reason = StockMovement.Reason


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Monday, Nov 2, 2026, 10:00 in the division."""
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


@pytest.fixture
def north():
    return make.station(name="North")


@pytest.fixture
def gauze(north):
    item = make.item(name="Gauze")
    make.par(north, item, par=100)
    return make.stock(north, item, on_hand=5000, number="A1")


def use_of(level, user):
    places = None if user.role == "chief" else visible_locations(user)
    return item_use(level.lot.item, places, today=make.TODAY)


def test_each_unit_counts_once_in_its_week(gauze):
    move(gauze, 7, Reason.USED, make.AT)
    move(gauze, 2, Reason.WASTED, make.AT - DAY)  # Sunday, of the week before
    for reason in (Reason.DISCARDED, Reason.RECEIVED, Reason.LOST):
        move(gauze, 50, reason, make.AT)
    move(gauze, 40, Reason.USED, make.AT - 52 * 7 * DAY)  # the week before the first
    move(gauze, 3, Reason.USED, make.AT - 51 * 7 * DAY)

    found = use_of(gauze, make.chief())

    assert [week.used for week in found.weeks] == [3, *[0] * 49, 2, 7]
    assert (found.weeks[0].monday, found.weeks[-1].monday) == (date(2025, 11, 10), make.TODAY)
    assert found.mean == pytest.approx(5 / 51)
    assert found.since == date(2025, 11, 10)
    assert found.par_lasts == pytest.approx(100 / (5 / 51))
    assert [bar.height for bar in found.chart.bars[-2:]] == [pytest.approx(28.57), 100]


def test_the_mean_begins_with_the_first_use(gauze):
    for weeks, quantity in ((0, 99), (1, 6), (3, 6)):
        move(gauze, quantity, Reason.USED, make.AT - weeks * 7 * DAY)

    assert use_of(gauze, make.chief()).mean == 4


def test_what_is_used_for_the_first_time_has_no_mean_yet(client, gauze):
    move(gauze, 7, Reason.USED, make.AT)
    client.force_login(make.chief())

    assert use_of(gauze, make.chief()).chart.level is None
    assert "first used this week" in text_of(client.get(gauze.lot.item.get_absolute_url()))


def test_what_was_undone_was_not_used(gauze):
    movement = move(gauze, 7, Reason.USED, make.AT)
    reverse_movement(movement=movement, reason="typed twice", by=make.logistics(), at=make.AT, request_id=make.rid())

    assert use_of(gauze, make.chief()).total == 0


def test_an_officer_sees_the_use_of_their_own_stations_only(client, north, gauze):
    south = make.station(name="South", supplied_by=north.supplied_by)
    make.par(south, gauze.lot.item, par=900)
    theirs = make.stock(south, gauze.lot.item, on_hand=500, number="A1")
    move(gauze, 7, Reason.USED, make.AT - 8 * DAY)
    move(theirs, 90, Reason.USED, make.AT - 8 * DAY)

    assert (use_of(gauze, make.officer(north)).total, use_of(gauze, make.chief()).total) == (7, 97)
    assert (use_of(gauze, make.officer(north)).par, use_of(gauze, make.chief()).par) == (100, 1000)
    assert use_of(gauze, make.officer()).total == 0
    client.force_login(make.officer(north))
    page = client.get(gauze.lot.item.get_absolute_url())
    assert "All par levels together are 100" in text_of(page)
    table = page.content.decode().partition('<details class="use-table">')[2].partition("</details>")[0]
    weeks = [int(used) for used in re.findall(r'<td class="number">\D*(\d+)', table)]
    assert len(weeks) > 1
    assert (max(weeks), sum(weeks)) == (7, 7)


def test_an_item_that_nobody_used_says_so(client, gauze):
    client.force_login(make.logistics())

    assert "Not used in 12 months" in text_of(client.get(gauze.lot.item.get_absolute_url()))


def test_the_page_asks_as_much_however_much_was_used(client, gauze):
    client.force_login(make.logistics())
    address = gauze.lot.item.get_absolute_url()
    move(gauze, 1, Reason.USED, make.AT)
    few = questions(client, address)
    for weeks in range(20):
        move(gauze, 1, Reason.USED, make.AT - weeks * 7 * DAY)

    assert questions(client, address) == few <= 22
