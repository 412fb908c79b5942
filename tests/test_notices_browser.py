"""The bell in a real browser: on a phone and at a desk, in the light and in the dark."""

import pytest
from django.utils import timezone

from dashboard.actions.telling import tell_events, tell_what_lasts
from dashboard.models import Notice
from tests import make
from tests.flow import Division
from tests.signing_in import is_signed_in
from tests.test_axe_browser import AXE, FINDINGS

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("width", [360, 1440])
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture
def division():
    division = Division(at=timezone.now())
    item = make.item(name="Nitrile gloves", issue_pack=50)
    make.par(division.station, item, par=1000)
    make.stock(division.warehouse, item, on_hand=500)
    make.par(division.station, make.item(name="Naloxone 4 mg nasal spray", criticality="A"), par=10)
    division.delivered({item.pk: 100})
    division.approved({item.pk: 50})
    tell_events(at=division.at)
    tell_what_lasts(at=division.at)
    return division


@pytest.fixture
def open_as(new_page, live_server, client):
    def open_page(person, address, **window):
        page = is_signed_in(new_page(**window), client, person, live_server)
        page.clock.install()
        page.goto(address)
        return page

    return open_page


def bell(page):
    return page.get_by_role("link", name="Notices", exact=False)


def count(page):
    page.locator("#unseen").wait_for()
    return page.locator("#unseen").inner_text().split()[0]


@SIZES
@THEMES
def test_the_bell_counts_and_leads_to_what_acts(division, open_as, width, dark):
    page = open_as(division.officer, "/", width=width, dark=dark)
    assert count(page) == str(Notice.objects.filter(person=division.officer).count())

    bell(page).click()
    page.get_by_role("heading", name="Notices", exact=True).wait_for()
    page.evaluate(AXE.read_text())
    assert page.evaluate(FINDINGS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    before = int(count(page))
    page.get_by_role("button", name="Receive it").click()
    page.wait_for_url("**/receive/")
    assert count(page) == str(before - 1)


@SIZES
@THEMES
def test_how_to_be_told_is_chosen(division, open_as, width, dark):
    page = open_as(division.officer, "/notices/", width=width, dark=dark)
    page.get_by_role("link", name="Choose how you are told").click()
    kind = page.get_by_role("group", name="Request approved")
    kind.get_by_label("And daily e-mail").check()
    page.evaluate(AXE.read_text())
    assert page.evaluate(FINDINGS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Save how I am told").click()
    page.get_by_text("Saved.").wait_for()
    assert kind.get_by_label("And daily e-mail").is_checked()


def test_nothing_moves_when_the_number_comes(division, open_as):
    page = open_as(division.officer, "/", width=360)
    places = "[...document.querySelectorAll('.top-bar-row > *, main')].map(one => one.getBoundingClientRect().toJSON())"
    page.locator("#unseen").wait_for()
    shown = page.evaluate(places)
    page.evaluate("document.getElementById('unseen').remove()")
    assert page.evaluate(places) == shown


def test_the_number_is_asked_for_again_every_minute(division, open_as):
    page = open_as(division.officer, "/notices/", width=360)
    before = int(count(page))
    division.approved({make.item().pk: 5})
    tell_events(at=division.at)
    with page.expect_response("**/notices/unseen/"):
        page.clock.fast_forward("01:00")
    page.locator("#unseen", has_text=str(before + 1)).wait_for()


def test_without_a_signal_the_bell_says_nothing(division, open_as):
    page = open_as(division.officer, "/notices/", width=360)
    before = count(page)
    page.route("**/notices/unseen/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.clock.fast_forward("01:00")
    assert count(page) == before
    assert page.locator("#toasts .notice").count() == 0


def test_after_the_session_has_ended_the_bell_is_empty(division, open_as):
    page = open_as(division.officer, "/notices/", width=360)
    count(page)
    page.context.clear_cookies()
    page.clock.fast_forward("01:00")
    page.locator("#unseen").wait_for(state="detached")
    assert page.locator(".bell-count").inner_text() == ""
