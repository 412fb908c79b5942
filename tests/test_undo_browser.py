"""A toast with an undo in a browser: by the keyboard, in time, where htmx swaps a part in, and to be read by all."""

import pytest
from django.utils import timezone

from stations.models import SavedView
from tests import make
from tests.flow import Division
from tests.signing_in import is_signed_in
from tests.test_axe_browser import AXE, FINDINGS

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "dark", "key"), [(360, True, "Enter"), (1440, False, "z")])
def test_what_was_used_goes_back_by_the_keyboard(new_page, client, live_server, width, dark, key):
    division = Division(at=timezone.now())
    item = make.item(name="Gauze")
    make.stock(division.station, item, on_hand=5)
    room = make.room(division.station)
    page = is_signed_in(new_page(width=width, dark=dark), client, division.officer, live_server)
    page.goto(f"/use/{room.pk}/")
    page.get_by_role("button", name="More: Gauze").click()
    page.locator("button[data-tally]").click()

    toast = page.get_by_role("region", name="Messages").get_by_role("status")
    undo = toast.get_by_role("button", name="Undo")
    undo.wait_for()
    assert make.on_hand(room, item) == 4
    page.evaluate(AXE.read_text())
    assert page.evaluate(FINDINGS) == []
    assert undo.bounding_box()["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if key == "Enter":
        undo.focus()
    page.keyboard.press(key)

    page.get_by_text("Undone: 1 line is back.").wait_for()
    assert make.on_hand(room, item) == 5


def test_a_removed_view_offers_its_undo_without_a_new_page(new_page, client, live_server):
    me = make.logistics()
    make.station()
    SavedView.objects.create(person=me, page="items", title="Mine", query="q=gauze")
    page = is_signed_in(new_page(), client, me, live_server)
    page.goto("/items/")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Remove Mine").click()
    page.get_by_text("The view Mine is removed.").wait_for()
    assert not SavedView.objects.exists()

    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()

    page.wait_for_url("**/views/items/")
    assert SavedView.objects.get().title == "Mine"


def test_a_toast_with_an_undo_waits_longer_and_for_whoever_is_in_it(new_page, client, live_server):
    me = make.logistics()
    make.station()
    SavedView.objects.create(person=me, page="items", title="Mine", query="q=gauze")
    page = new_page()
    page.clock.install()
    is_signed_in(page, client, me, live_server).goto("/items/")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Remove Mine").click()
    undo = page.get_by_role("region", name="Messages").get_by_role("button", name="Undo")
    undo.wait_for()

    page.clock.run_for(15_000)
    assert undo.is_visible()
    undo.focus()
    page.clock.run_for(60_000)
    assert undo.is_visible()
