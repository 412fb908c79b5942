"""The main job in a real browser: officer, logistics and driver do their part, the chief's figure moves, and the
auditor reads how it came about."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inventory.models import Item
from orders.actions.schedule import window_on
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder, Shipment
from orders.queries.verify import all_differences
from tests import make
from tests.flow import Division
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def division():
    """A station that is out of naloxone and short of gauze, and a warehouse that has both."""
    division = Division(at=timezone.now())
    naloxone = make.item(name="Naloxone 2 mg/2 mL", kind="medication", criticality="A")
    gauze = make.item(name="Gauze 4×4", issue_pack=50)
    make.par(division.station, naloxone, par=10, minimum=4, bin="A1")
    make.par(division.station, gauze, par=200, minimum=100, bin="A2")
    make.stock(division.station, gauze, on_hand=40)
    make.stock(division.warehouse, gauze, on_hand=1_000)
    expiry = timezone.localdate() + timedelta(days=300)
    make.stock(division.warehouse, naloxone, on_hand=100, number="NLX22", expires_on=expiry)
    make.stock(division.warehouse, naloxone, on_hand=6, number="NLX11", expires_on=expiry - timedelta(days=100))
    sweep_par_levels(at=division.at)
    return division


def press(page, name, *, role="button", within="body"):
    """With the thumb on a phone, with the mouse at a desk; what it brings is waited for by what is done there next."""
    target = page.locator(within).get_by_role(role, name=name).filter(visible=True).first
    if page.viewport_size == PHONE:
        target.tap()
    else:
        target.click()


def test_a_station_is_resupplied_end_to_end(new_page, division):
    chief = sign_in(new_page(), division.chief)
    expect(chief.get_by_text(f"{division.station.name} is out of Naloxone").first).to_be_visible()
    expect(chief.get_by_text("0 of 1").first).to_be_visible()

    officer = sign_in(new_page(**PHONE), division.officer)
    expect(officer.get_by_text("Suggested request: 2 items")).to_be_visible()
    officer.get_by_role("link", name="Look and send").click()
    press(officer, "Send request")
    expect(officer.get_by_text("Waiting for approval").first).to_be_visible()

    logistics = sign_in(new_page(), division.logistics)
    order = ResupplyOrder.objects.get()
    logistics.goto(f"/requests/{order.pk}/approve/")
    press(logistics, "Approve 2 lines")
    logistics.wait_for_url(re.compile("^(?!.*approve)"))
    shipment = Shipment.objects.get()
    logistics.goto(f"/shipments/{shipment.pk}/pick/")
    press(logistics, "Begin picking")
    expect(logistics.get_by_text("Take from lot NLX11")).to_be_visible()
    press(logistics, "All 3 as listed")
    logistics.get_by_role("link", name="Pack", exact=True).click()
    press(logistics, "Close the totes")
    logistics.wait_for_url(re.compile("^(?!.*pack)"))

    plan_and_send(logistics, division)
    deliver(sign_in(new_page(**PHONE), division.driver))

    officer.goto("/")
    officer.get_by_role("link", name="Receive", exact=True).click()
    press(officer, "Receive all as sent")
    officer.wait_for_url(re.compile("^(?!.*receive)"))

    chief.reload()
    expect(chief.get_by_text("1 of 1").first).to_be_visible()
    expect(chief.get_by_text("is out of")).to_have_count(0)
    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.CLOSED
    assert make.on_hand(division.station, Item.objects.get(criticality="A")) == 10
    assert all_differences() == []
    audit(sign_in(new_page(), division.auditor), order)


def audit(auditor, order):
    """From the log to the request, its shipment and the ledger: all to be read, and nothing to be pressed."""
    expect(auditor.get_by_role("link", name=str(order)).first).to_be_visible()
    auditor.get_by_role("link", name=str(order)).first.click()
    expect(auditor.get_by_text("Closed").first).to_be_visible()
    for step in ("Submitted", "Approved", "Promised stock", "Shipped", "Received"):
        expect(auditor.locator(".event-what", has_text=step).first).to_be_attached()
    expect(auditor.locator("main form[method=post]")).to_have_count(0)
    auditor.goto(Shipment.objects.get().get_absolute_url())
    expect(auditor.get_by_text("NLX11").first).to_be_visible()
    expect(auditor.locator("main form[method=post]")).to_have_count(0)
    auditor.goto("/movements/")
    expect(auditor.get_by_role("table").get_by_text("Received at station").first).to_be_visible()
    expect(auditor.get_by_role("link", name="Undo", exact=True)).to_have_count(0)


def plan_and_send(logistics, division):
    """Plan a run by hand, give it to the driver, load and send it."""
    logistics.goto("/runs/new/")
    logistics.get_by_label(re.compile(division.station.name)).check()
    press(logistics, "Plan this run")
    logistics.wait_for_url(re.compile(r"/runs/\d+/"))
    logistics.get_by_label("Driver").first.select_option(str(division.driver.pk))
    press(logistics, "Give them the run")
    expect(logistics.get_by_role("button", name="Give it to another")).to_be_visible()
    press(logistics, "Begin loading")
    press(logistics, "Send the van")
    logistics.get_by_role("dialog").get_by_role("button", name="Send the van").click()
    expect(logistics.get_by_text("is on the road")).to_be_visible()


def deliver(driver):
    """The driver's three steps: arrived, handed over, home."""
    press(driver, "Arrived")
    driver.get_by_label("Who took it, or where it was left").first.fill("Lee at the desk")
    press(driver, re.compile("Hand over|Handed over"))
    press(driver, "Complete the run")
    expect(driver.get_by_text("No run yet").first).to_be_visible()


def test_the_window_of_today_is_in_the_divisions_time_zone():
    station = make.station()
    start, end = window_on(station, make.TODAY)

    assert (start.hour, end.hour) == (8, 18)
    assert str(start.tzinfo) == timezone.get_current_timezone_name()
