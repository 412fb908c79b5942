"""The chief's screen with all that it opens, as axe sees it: periods, money, targets, and what is being done."""

import pytest
from django.utils import timezone

from dashboard.actions.snapshots import snapshot_metrics
from tests import make
from tests.signing_in import is_signed_in
from tests.test_axe_browser import AXE, FINDINGS
from tests.test_chief_periods import DAY, Reason
from tests.test_dashboard_figures import fill_with_trouble
from tests.test_weekly_report import move

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1440, False)])
def test_the_screen_opens_in_a_period_and_nothing_overflows(new_page, live_server, client, width, dark):
    now = timezone.now()
    station = make.station(name="North")
    fill_with_trouble(station)
    item = make.item(name="Naloxone", criticality="A", unit_cost_cents=4000)
    make.par(station, item, par=40, minimum=20)
    level = make.stock(station, item, on_hand=50, number="A1")
    move(level, 40, Reason.USED, now - DAY)
    move(level, 1, Reason.WASTED, now - 9 * DAY)
    for days in (0, 9):
        snapshot_metrics(at=now - days * DAY)
    page = is_signed_in(new_page(width=width, dark=dark), client, make.chief(), live_server)
    page.goto("/")
    assert page.get_by_role("img", name="Received from suppliers by week").count() == 1

    page.get_by_role("link", name="4 weeks", exact=True).click()
    page.wait_for_url("**/?*")
    page.get_by_text("beside").first.wait_for()
    assert page.get_by_label("From", exact=True).input_value() == (timezone.localdate(now) - 27 * DAY).isoformat()
    addresses = [page.url, "/spending/waste/", "/figures/line-fill/", item.get_absolute_url(), "/fails-next/"]
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.evaluate(AXE.read_text())
        assert page.evaluate(FINDINGS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto("/figures/line-fill/")
    page.get_by_text("Change the target").click()
    page.get_by_label("Target, in percent").fill("90")
    page.get_by_role("button", name="Set the target").click()
    page.get_by_text("target: 90 % or more").wait_for()
