"""The walk for a run in a browser: by keyboard, by scanner, on a phone and at a desk; and what axe finds on it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from orders.models import Shipment, ShipmentLine
from tests import make
from tests.flow import Division
from tests.signing_in import is_signed_in, sign_in
from tests.test_axe_browser import AXE, FINDINGS
from tests.waves import run_for

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
GTIN = "00312345678906"
# What has the focus at the end of each step of the browser that changed the page, without waiting for the next one.
WATCH_FOCUS = """window.focused = [];
    new MutationObserver(() => focused.push(document.activeElement.innerText.trim()))
        .observe(document.querySelector("main"), {childList: true, subtree: true})"""


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def run(division):
    room = make.room(division.warehouse)
    items = {}
    for name, place, number in (("Naloxone", "B2", "N7"), ("Gauze", "A1", "A17"), ("Mask", "C3", "M1")):
        items[name] = make.item(name=name, gtin=GTIN if name == "Naloxone" else "")
        make.par(room, items[name], par=1, bin=place)
        make.stock(division.warehouse, items[name], on_hand=100, number=number)
    make.stock(division.warehouse, items["Gauze"], on_hand=100, number="B99")
    wish = {item.pk: 10 for item in items.values()}
    return run_for(division, wish, wish, urgent=1)


@pytest.fixture
def walk(new_page, division, run):
    def open_page(**look):
        return sign_in(new_page(**look), division.logistics, at=f"/runs/{run.pk}/pick/")

    return open_page


def findings(page):
    page.evaluate(AXE.read_text())
    return page.evaluate(FINDINGS)


def begin(page):
    page.get_by_role("button", name="Begin picking all 2").click()
    page.get_by_role("button", name="All as listed").wait_for()
    page.wait_for_load_state()


def test_enter_goes_down_the_walk_bin_by_bin_to_the_totes(walk):
    page = walk()
    begin(page)
    page.get_by_role("button", name="Take 20 from lot A17").focus()
    for number in (1, 2, 3):
        page.keyboard.press("Enter")
        page.get_by_text(f"{number} of 3 picked").wait_for()
    for left in (1, 0):
        page.get_by_role("button", name="Close the totes").first.click()
        expect(page.locator(".wave-pack")).to_have_count(left)
    page.get_by_text("Everything for this run is packed").wait_for()
    assert set(Shipment.objects.values_list("state", flat=True)) == {Shipment.State.PACKED}


def test_the_focus_moves_in_the_same_step_as_the_list_so_no_enter_is_lost(walk):
    page = walk()
    begin(page)
    page.evaluate(WATCH_FOCUS)
    page.get_by_role("button", name="Take 20 from lot A17").press("Enter")
    page.get_by_text("1 of 3 picked").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("2 of 3 picked").wait_for()
    assert page.evaluate("focused") == ["Take 20 from lot N7", "Take 20 from lot M1"]


def test_a_held_enter_takes_one_lot_and_not_the_next(walk):
    page = walk()
    begin(page)
    page.get_by_role("button", name="Take 20 from lot A17").focus()
    page.keyboard.down("Enter")
    page.get_by_text("1 of 3 picked").wait_for()
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")
    page.evaluate("fetch(location.href)")
    assert asked == ["GET"]
    page.keyboard.up("Enter")
    assert ShipmentLine.objects.filter(is_picked=True).count() == 2


def test_a_scan_takes_its_lot_for_all_and_another_lot_is_told(walk):
    page = walk()
    begin(page)

    def type_code(code):
        page.get_by_role("button", name="Scan", exact=True).click()
        page.get_by_label("The code").fill(code)
        page.keyboard.press("Enter")

    type_code(f"(01){GTIN}(10)ZZZ")
    page.locator("[data-said]").get_by_text("the list says another").wait_for()
    page.get_by_role("button", name="Done").click()
    assert not ShipmentLine.objects.filter(is_picked=True).exists()

    type_code(f"(01){GTIN}(10)N7")
    page.get_by_text("1 of 3 picked").wait_for()
    picked = ShipmentLine.objects.filter(is_picked=True)
    assert set(picked.values_list("order_line__item__name", "quantity")) == {("Naloxone", 10)}
    assert picked.count() == 2


def test_what_was_typed_stays_when_less_was_there_and_no_reason_was_given(walk):
    page = walk(width=360, height=740)
    begin(page)
    page.get_by_text("Not all there, or another lot").first.tap()
    lot = page.locator("#wave .pick-line").first
    lot.get_by_label("In the totes", exact=True).fill("13")
    lot.get_by_role("button", name="Take what is there").tap()
    page.get_by_text("Say why not all of it was there").wait_for()
    assert lot.get_by_label("In the totes", exact=True).input_value() == "13"
    lot.get_by_placeholder("Why not all").fill("Box is torn")
    lot.get_by_role("button", name="Take what is there").tap()
    page.get_by_text("1 of 3 picked").wait_for()
    got = ShipmentLine.objects.filter(order_line__item__name="Gauze").order_by("-shipment__priority")
    assert list(got.values_list("quantity", flat=True)) == [10, 3]


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, True)], ids=["phone, light", "desk, dark"])
def test_axe_finds_nothing_on_the_walk(walk, width, dark):
    page = walk(width=width, dark=dark)
    found = [findings(page)]
    begin(page)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found.append(findings(page))
    page.get_by_role("button", name="Only these").first.click()
    page.get_by_text("In the tote", exact=True).wait_for()
    page.get_by_role("button", name="All as listed").click()
    page.get_by_text("3 of 3 picked").wait_for()
    found.append(findings(page))
    assert found == [[], [], []]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, True)], ids=["phone, light", "desk, dark"])
def test_axe_finds_nothing_in_the_bay(new_page, client, live_server, division, width, dark):
    item = make.item(name="Gauze", issue_pack=10)
    make.stock(division.warehouse, item, on_hand=100)
    shipments = division.in_the_bay({item.pk: 10}, 2)
    page = is_signed_in(new_page(width=width, dark=dark), client, division.officer, live_server)
    found = []
    for address in ("/", "/shipments/receive/", f"/shipments/{shipments[0].pk}/receive/"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found += findings(page)
    assert found == []
    small = """Array.from(document.querySelectorAll('.wrong-photos :is(label, button)'))
        .map(one => one.getBoundingClientRect()).filter(box => box.height && box.height < 44).length"""
    assert page.evaluate(small) == 0
