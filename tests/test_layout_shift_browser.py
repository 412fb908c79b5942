"""Nothing jumps: what a page asks for once it stands comes into a place that was kept for it."""

import pytest
from django.utils import timezone

from inventory.actions.proposals import propose_par_levels
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder
from tests import make, past
from tests.flow import Division
from tests.signing_in import is_signed_in

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
# What moves by itself, as Chromium measures it; what follows a press is meant.
WATCH = """
    window.jumps = [];
    new PerformanceObserver((list) => list.getEntries().forEach((one) => {
      if (!one.hadRecentInput) window.jumps.push([one.value, ...one.sources.map(({node}) => node && node.outerHTML)]);
    })).observe({ type: "layout-shift", buffered: true });
"""
# Bytes and milliseconds: an officer's home takes some seconds.
BAD_SIGNAL = {"offline": False, "latency": 100, "downloadThroughput": 3_000, "uploadThroughput": 3_000}
# The page came in pieces, over more than a second, and its first paint waited for the last of them.
SHOWN_AND_THERE = """
    () => {
      const [came] = performance.getEntriesByType("navigation"), [shown] = performance.getEntriesByType("paint");
      return [came.responseEnd - came.responseStart > 1000, shown.startTime >= came.responseEnd - 200];
    }
"""
PAGES = {
    "officer": ["/", "/stock/", "/notices/"],
    "logistics": ["/", "/planner/", "/stock/", "/requests/{order}/approve/", "/par-levels/proposals/"],
    "driver": ["/"],
    "chief": ["/", "/stations/", "/planner/"],
}


@pytest.fixture
def division():
    """A division with a life-saving item that is short, a request that waits, a par level to raise, and a delivery on
    the road."""
    division = Division(at=timezone.now())
    gauze = make.item(name="Gauze", criticality="A")
    make.stock(division.warehouse, gauze, on_hand=200)
    make.par(division.station, gauze, par=100, minimum=50)
    sweep_par_levels(at=division.at)
    division.dispatched({gauze.pk: 20})
    division.submitted({gauze.pk: 5})
    past.steady(division.station, par=400, minimum=300, item=make.item(name="Saline"))
    propose_par_levels(at=make.AT)
    return division


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("role", PAGES)
def test_nothing_jumps_while_a_page_comes(new_page, client, live_server, division, role, width):
    page = is_signed_in(new_page(width=width), client, getattr(division, role), live_server)
    page.context.add_init_script(WATCH)
    order = ResupplyOrder.objects.get(state=ResupplyOrder.State.SUBMITTED)
    for address in (one.format(order=order.pk) for one in PAGES[role]):
        assert page.goto(address).status == 200
        page.wait_for_load_state("networkidle")
        page.mouse.wheel(0, 4000)
        page.wait_for_load_state("networkidle")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate("jumps") == [], address


def test_a_page_that_comes_slowly_is_first_shown_whole(new_page, client, live_server, division):
    page = is_signed_in(new_page(width=360), client, division.officer, live_server)
    page.goto("/")  # what pages share is kept from here on
    page.context.add_init_script(WATCH)
    signal = page.context.new_cdp_session(page)
    signal.send("Network.emulateNetworkConditions", BAD_SIGNAL)

    page.goto("/")

    page.wait_for_function("performance.getEntriesByType('paint').length")
    assert page.evaluate(SHOWN_AND_THERE) == [True, True]
    assert page.evaluate("jumps") == []


PRESS = """
    async (button) => {
      const box = () => JSON.stringify(button.getBoundingClientRect());
      const before = box(), pressed = performance.now();
      const watched = { attributeFilter: ["aria-busy"] };
      const busy = new Promise((done) => new MutationObserver(done).observe(button, watched));
      button.click();
      await busy;
      return {
        waited: performance.now() - pressed,
        isBusy: button.ariaBusy,
        isAsLarge: box() === before,
        takesPresses: getComputedStyle(button).pointerEvents,
        turns: getComputedStyle(button.firstElementChild).animationName,
      };
    }
"""


def test_a_button_that_waits_says_so_within_a_tenth_of_a_second_and_keeps_its_size(
    new_page, client, live_server, division
):
    page = is_signed_in(new_page(), client, division.officer, live_server)
    page.goto("/notices/choices/")
    page.route("**/notices/choices/", lambda route: None)  # no answer, ever

    seen = page.get_by_role("button", name="Save how I am told").evaluate(PRESS)

    assert seen.pop("waited") < 100
    assert seen == {"isBusy": "true", "isAsLarge": True, "takesPresses": "none", "turns": "turns"}


@pytest.mark.parametrize("is_calm", [True, False])
def test_a_menu_that_is_loading_shows_where_its_rows_will_be_and_is_still_for_who_wants_it(
    new_page, client, live_server, division, is_calm
):
    page = is_signed_in(new_page(), client, division.logistics, live_server)
    page.emulate_media(reduced_motion="reduce" if is_calm else "no-preference")
    page.goto("/stock/")
    page.route("**/views/stock/", lambda route: None)
    opener = page.get_by_role("button", name="Views")
    opener.click()
    rows = page.locator(".saved-views .skeleton")
    rows.first.wait_for()
    assert rows.first.bounding_box()["height"] >= 44
    assert opener.get_attribute("aria-busy") == "true"
    assert (rows.first.evaluate("(row) => getComputedStyle(row).animationName") == "none") is is_calm
