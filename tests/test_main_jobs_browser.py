"""Each role's main job in a browser, with a thumb on a phone and a mouse at a desk: from the first page to its end."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inventory.actions.stock import Used, use_stock
from inventory.models import CycleCount, Item
from orders.actions.approval import approve_order
from orders.actions.runs import dispatch_run
from orders.actions.schedule import plan_run
from orders.actions.sweep import sweep_par_levels
from orders.models import DeliveryRun, ResupplyOrder, Shipment
from tests import make
from tests.flow import Division
from tests.signing_in import is_signed_in, sign_in
from tests.test_main_job import PHONE, deliver, plan_and_send, press

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
DESK = {"width": 1440, "height": 900}
CHANGES = "main form[method=post], main [hx-post], main [data-move]"


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(request, new_page):
    return new_page(**request.param)


@pytest.fixture
def division():
    """A station that is out of naloxone and has some gauze, and a warehouse that has both."""
    division = Division(at=timezone.now() - timedelta(minutes=30))
    naloxone = make.item(name="Naloxone", kind="medication", criticality="A")
    gauze = make.item(name="Gauze")
    make.par(division.station, naloxone, par=10, minimum=4)
    make.stock(division.station, gauze, on_hand=40)
    expiry = timezone.localdate() + timedelta(days=300)
    make.stock(division.warehouse, naloxone, on_hand=100, number="NLX22", expires_on=expiry)
    make.stock(division.warehouse, gauze, on_hand=500, number="G1")
    return division


def item(name):
    return Item.objects.get(name=name)


def test_the_officer_sends_the_suggested_request_receives_and_counts(page, division):
    division.delivered({item("Gauze").pk: 100})
    sweep_par_levels(at=division.at)
    sign_in(page, division.officer)

    press(page, "Look and send", role="link")
    press(page, "Send request")
    expect(page.get_by_text("was sent to")).to_be_visible()
    press(page, "Home", role="link")
    press(page, re.compile("^Receive$"), role="link")
    press(page, "Receive all as sent")
    expect(page.get_by_text("everything as sent")).to_be_visible()
    press(page, "Home", role="link")
    press(page, re.compile("^Count$"), role="link", within="main")
    press(page, "Begin counting")
    for left in (1, 0):
        press(page, "Keep the count of Gauze")
        expect(page.get_by_text(f"{2 - left} of 2 counted")).to_be_visible()
    press(page, "Finish counting")
    press(page, "Post this count")
    expect(page.get_by_text("0 differed")).to_be_visible()

    assert set(ResupplyOrder.objects.values_list("state", flat=True)) >= {"submitted"}
    assert Shipment.objects.get().state == Shipment.State.RECEIVED
    assert CycleCount.objects.get().state == CycleCount.State.POSTED
    assert make.on_hand(division.station, item("Gauze")) == 140


def test_logistics_approves_from_the_queue_picks_packs_and_sends(page, client, live_server, division):
    order = division.submitted({item("Naloxone").pk: 10})
    is_signed_in(page, client, division.logistics, live_server).goto("/")

    press(page, division.station.name, role="link", within="main")
    press(page, "Approve 1 line")
    expect(page.get_by_text("is approved")).to_be_visible()
    press(page, "Work", role="link")
    press(page, division.station.name, role="link", within="[aria-labelledby=to-pick]")
    press(page, "Begin picking")
    press(page, "Take from lot NLX22")
    press(page, re.compile("^Pack$"), role="link")
    press(page, "Close the totes")
    page.wait_for_url(re.compile("^(?!.*pack)"))
    plan_and_send(page, division)

    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.IN_FULFILMENT
    assert DeliveryRun.objects.get().state == DeliveryRun.State.OUT


def test_the_driver_loads_arrives_delivers_and_completes(page, client, live_server, division):
    shipment = division.packed({item("Naloxone").pk: 10})
    facts = {"depot": division.warehouse, "van": division.van, "stations": [division.station]}
    leaves_at = timezone.now() + timedelta(minutes=10)
    run = plan_run(**facts, leaves_at=leaves_at, driver=division.driver, **division.by(division.logistics))
    is_signed_in(page, client, division.driver, live_server).goto("/")

    press(page, "Begin loading")
    expect(page.get_by_text("Load the totes")).to_be_visible()
    run.refresh_from_db()
    dispatch_run(run=run, version=run.version, **division.by(division.logistics))
    press(page, "Look again", role="link")
    deliver(page)

    shipment.refresh_from_db()
    run.refresh_from_db()
    assert (shipment.state, run.state) == (Shipment.State.DELIVERED, DeliveryRun.State.COMPLETED)


def test_the_chief_sees_what_fails_next_approves_and_opens_the_week(page, client, live_server, division):
    epinephrine = make.item(name="Epinephrine", kind="medication", criticality="A")
    make.par(division.station, epinephrine, par=40, minimum=2)
    make.stock(division.station, epinephrine, on_hand=30)
    room, used = make.room(division.station), [Used(epinephrine.pk, 25)]
    use_stock(location=room, lines=used, reference="", **division.by(division.officer))
    ketamine = make.item(name="Ketamine", kind="medication", schedule="III")
    make.stock(division.warehouse, ketamine, on_hand=50)
    order = division.submitted({ketamine.pk: 5})
    approve_order(order=order, version=order.version, **division.by(division.logistics))
    is_signed_in(page, client, division.chief, live_server).goto("/")

    expect(page.get_by_text(f"{division.station.name} is out of Naloxone").first).to_be_visible()
    press(page, re.compile("^(1 line|All . lines)$"), role="link")
    press(page, "Epinephrine", role="link", within="main table")
    expect(page.get_by_role("heading", name="Epinephrine").first).to_be_visible()
    page.goto("/queue/")
    press(page, division.station.name, role="link", within="main")
    expect(page.get_by_text("It needs you because")).to_be_visible()
    press(page, "Approve 1 line")
    expect(page.get_by_text("is approved")).to_be_visible()
    page.goto("/report/weeks/")
    with page.context.expect_event("response", lambda answer: "/report/?week=" in answer.url) as report:
        press(page, re.compile(r"^\d{4}-W\d\d$"), role="link", within="main")

    assert (report.value.status, report.value.headers["content-type"]) == (200, "application/pdf")
    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.APPROVED


def test_the_auditor_reads_takes_a_list_along_and_is_offered_no_change(page, client, live_server, division):
    shipment = division.delivered({item("Gauze").pk: 100})
    order = ResupplyOrder.objects.get()
    is_signed_in(page, client, division.auditor, live_server).goto("/")

    expect(page.get_by_role("link", name=str(order)).first).to_be_visible()
    page.goto("/ledger/")
    expect(page.get_by_role("button", name="Add it up now")).to_be_visible()
    page.goto("/movements/")
    expect(page.get_by_text("Gauze").filter(visible=True).first).to_be_visible()
    with page.expect_download() as taken:
        press(page, re.compile("^CSV$"), role="link")
    assert taken.value.path().read_text(encoding="utf-8-sig").count("Gauze") >= 2
    for address in ("/", "/movements/", order.get_absolute_url(), shipment.get_absolute_url(), "/queue/", "/stock/"):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator(CHANGES)).to_have_count(0)
