"""The officer's request on a phone: three taps, gloved thumbs, both themes, and nothing that the policy refuses."""

import pytest
from django.utils import timezone

from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder
from tests import make
from tests.conftest import wait_until
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
TOUCH = 44


@pytest.fixture
def officer():
    north = make.station(name="North", code="NORTH")
    officer = make.officer(north)
    gloves = make.item(name="Nitrile gloves", sku="GLOVE", issue_pack=50)
    make.item(name="Trauma shears", sku="SHEARS")
    make.par(north, gloves, par=100)
    sweep_par_levels(at=timezone.now())
    return officer


@pytest.fixture
def phone(new_page, officer):
    """A phone with the suggested request on it, and how many taps it took from the sign-in form."""
    page = sign_in(new_page(width=360, height=740), officer)
    page.click("main a[href*='/requests/suggested/']")
    page.wait_for_url("**/requests/suggested/NORTH/")
    return page


def test_three_taps_from_signing_in_to_a_sent_request(phone):
    phone.get_by_role("button", name="Send request").click()
    phone.get_by_text("was sent to").wait_for()
    assert ResupplyOrder.objects.get().state == ResupplyOrder.State.SUBMITTED


def test_steppers_show_both_ways_and_repeat_while_held(phone):
    quantity = phone.locator("#lines input")
    phone.get_by_role("button", name="More: Nitrile gloves").click()
    assert quantity.input_value() == "3"
    assert phone.locator("#lines output").inner_text() == "boxes · 150"

    phone.get_by_role("button", name="More: Nitrile gloves").hover()
    phone.mouse.down()
    wait_until(lambda: int(quantity.input_value()) > 4, "the held button to repeat")
    phone.mouse.up()
    for _ in range(3):
        phone.get_by_role("button", name="Less: Nitrile gloves").click()
    phone.get_by_role("button", name="Keep for later").click()
    phone.get_by_text("Kept.").wait_for()
    assert ResupplyOrder.objects.get().lines.get().asked % 50 == 0


def test_an_item_is_added_once_by_searching_for_it(phone):
    for _ in range(2):
        phone.fill("#find-words", "shears")
        phone.locator(".found-item").click()
        phone.locator("#lines li", has_text="Trauma shears").wait_for()
        phone.locator(".found-item").wait_for(state="detached")
    assert phone.locator("#lines li").count() == 2
    phone.get_by_role("button", name="Send request").click()
    phone.get_by_text("was sent to").wait_for()
    assert set(ResupplyOrder.objects.get().lines.values_list("item__sku", "asked")) == {("GLOVE", 100), ("SHEARS", 1)}


def test_everything_to_press_is_large_enough_for_a_glove_and_nothing_scrolls_sideways(phone):
    for button in phone.locator("button:visible, .bottom-bar > a, summary:visible").all():
        box = button.bounding_box()
        assert box["height"] >= TOUCH - 0.5, button.inner_text()
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_theme_follows_the_system_until_it_is_chosen(new_page, officer):
    page = new_page(dark=True)
    page.goto("/accounts/login/")
    theme = "document.documentElement.dataset.bsTheme"
    assert page.evaluate(theme) == "dark"
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    assert page.evaluate(theme) == "light"


def test_a_question_is_asked_before_a_request_is_dropped(phone):
    phone.get_by_role("button", name="Drop this request").click()
    dialog = phone.get_by_role("dialog")
    dialog.get_by_role("button", name="Keep it").click()
    assert not dialog.is_visible()
    phone.get_by_role("button", name="Drop this request").click()
    dialog.get_by_label("Why").fill("We have plenty")
    dialog.get_by_role("button", name="Drop it").click()
    phone.get_by_text("is cancelled").wait_for()
    assert ResupplyOrder.objects.get().state == ResupplyOrder.State.CANCELLED
