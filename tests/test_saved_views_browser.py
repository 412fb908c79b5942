"""The menu of saved views with a thumb and a keyboard: opened, kept, used, removed, without leaving the list."""

import re

import pytest
from django.urls import reverse

from stations.models import SavedView
from tests import make
from tests.signing_in import is_signed_in
from tests.test_axe_browser import AXE, FINDINGS

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1440, False)])
def test_a_view_is_kept_used_and_removed_from_its_menu(new_page, live_server, client, width, dark):
    make.item(name="Naloxone", kind="medication")
    make.item(name="Gauze")
    page = is_signed_in(new_page(width=width, height=740, dark=dark), client, make.logistics(), live_server)
    page.goto(reverse("items") + "?kind=medication")
    opener, menu = page.get_by_role("button", name="Views"), page.locator(".saved-views")

    opener.click()
    menu.get_by_label("Keep what is shown as").fill("Drugs")
    menu.get_by_label("Keep what is shown as").press("Enter")
    menu.get_by_role("link", name="Drugs").wait_for()
    assert menu.is_visible()
    assert SavedView.objects.get().query == "kind=medication"
    page.evaluate(AXE.read_text())
    assert page.evaluate(FINDINGS) == []
    box = menu.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width

    page.goto(reverse("items"))
    assert page.get_by_role("link", name="Gauze").count() == 1
    opener.click()
    menu.get_by_role("link", name="Drugs").click()
    page.wait_for_url(re.compile(r"\?kind=medication$"))
    assert page.get_by_role("link", name="Gauze").count() == 0

    opener.click()
    menu.get_by_role("button", name="Remove Drugs").click()
    menu.get_by_text("No views yet").wait_for()
    assert not SavedView.objects.exists()
    assert page.url.endswith("?kind=medication")
