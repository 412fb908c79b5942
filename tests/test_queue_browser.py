"""The queue at a desk: by keyboard from the first key to the last approval, and live without a reload."""

import pytest
from django.utils import timezone

from orders.models import ResupplyOrder
from tests import make
from tests.flow import Division
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
LOOK = "00:21"  # the page looks every twenty seconds
KEY_ALONE = 100  # ms: keys closer together are a scanner's


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def ask(division):
    item = make.item(name="Gauze")
    make.stock(division.warehouse, item, on_hand=100)
    make.par(division.station, item, par=50)
    return lambda: division.submitted({item.pk: 5})


@pytest.fixture
def desk(new_page, division):
    def open_queue():
        page = new_page()
        page.clock.install()
        return sign_in(page, division.logistics, at="/queue/")

    return open_queue


def press_each(page, keys):
    """Key by key, as a hand does: each has been heard before the next."""
    for key in keys:
        page.keyboard.press(key)
        page.clock.run_for(KEY_ALONE)


def test_two_requests_are_approved_without_a_mouse(desk, ask):
    ask(), ask()
    page = desk()

    press_each(page, "jxjxa")
    page.wait_for_url("**/requests/approve/**")
    page.keyboard.press("a")

    page.get_by_text("2 requests approved").wait_for()
    assert set(ResupplyOrder.objects.values_list("state", flat=True)) == {"approved"}


def test_one_request_is_opened_and_approved_by_keys(desk, ask):
    ask()
    page = desk()

    press_each(page, "ja")
    page.wait_for_url("**/approve/")
    page.keyboard.press("a")

    page.get_by_text("is approved").wait_for()


def test_slash_goes_to_the_search_and_letters_in_it_are_letters(desk, ask):
    order = ask()
    page = desk()

    page.keyboard.press("/")
    page.keyboard.type(order.number)
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{order.get_absolute_url()}")


def test_who_leaves_the_keys_to_the_browser_has_none(desk, ask):
    page = desk()
    page.keyboard.press("?")
    page.get_by_label("Leave these keys").check()
    page.locator("#keys").get_by_role("button").click()

    page.keyboard.press("?")

    assert page.locator("dialog[open]").count() == 0


def test_a_request_that_comes_in_is_shown_and_marked_without_a_reload(desk, ask):
    page = desk()
    page.evaluate("window.stays = true")

    ask()
    page.clock.fast_forward(LOOK)

    page.locator(".work.is-new").get_by_text("New", exact=True).wait_for()
    assert page.get_by_text("1 to approve").is_visible()
    assert page.evaluate("window.stays"), "the page was loaded anew"


def test_nothing_moves_under_the_finger(desk, ask):
    ask()
    page = desk()
    page.locator("[name=chosen]").check()

    ask()
    page.clock.fast_forward(LOOK)
    page.locator("#news").get_by_text("1 changed meanwhile").wait_for()
    assert page.locator(".work").count() == 1

    page.locator("#news").click()
    page.locator(".work").nth(1).wait_for()
    assert page.locator("[name=chosen]:checked").count() == 1, "what was chosen stays chosen"
