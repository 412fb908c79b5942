"""The network is cut in the middle of a count, a usage and a receipt: nothing is lost, nothing is sent twice."""

from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from inventory.actions import counts
from inventory.actions.count_lines import Counted
from inventory.actions.lines import Used
from inventory.actions.stock import use_stock
from inventory.models import StockMovement
from orders.actions.receipts import receive_shipment
from orders.models import Discrepancy, DiscrepancyPhoto, Shipment
from stations.models import Command
from tests import make
from tests.conftest import wait_until
from tests.flow import Division
from tests.signing_in import sign_in, sign_in_here
from tests.wire import wire_to

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
HAS_ALL = """async () => {
    const session = await (await fetch("/outbox/session/")).json(), name = "pages-" + session.person;
    if (!navigator.serviceWorker.controller || !(await caches.has(name))) return false;
    return (await (await caches.open(name)).keys()).length === session.pages.length;
}"""


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze", issue_pack=10)
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=1_000)
    make.stock(division.station, item, on_hand=50)
    return item


@pytest.fixture
def wire(live_server):
    with wire_to(live_server.url) as wire:
        yield wire


@pytest.fixture
def phone(new_page, division, wire):
    """Opens the officer's home over the wire on a phone that has kept its pages."""

    def open_home():
        page = sign_in(new_page(width=360, height=740, at=wire.address), division.officer)
        wait_until(lambda: page.evaluate(HAS_ALL), "the phone to keep its pages")
        return page

    return open_home


def waits(page, words):
    """The page of what waits names it."""
    page.get_by_role("heading", name="Waiting to be sent").wait_for()
    page.locator("#outbox li", has_text=words).wait_for()


def send(page):
    """Back within reach: what waits goes by itself, and here at once."""
    page.goto("/outbox/")
    page.get_by_role("button", name="Send now").tap()


def all_sent(page):
    page.goto("/outbox/")
    page.get_by_text("Nothing waits here").wait_for()


def use_one(page, home=True):
    if home:
        page.goto("/")
    page.get_by_role("navigation", name="At the shelf").get_by_role("link", name="Use").tap()
    page.get_by_role("button", name="More: Gauze").tap()
    page.locator("button[data-tally]").tap()


def used(item):
    return StockMovement.objects.filter(lot__item=item, reason=StockMovement.Reason.USED).count()


# --- Usage ------------------------------------------------------------------------------------------------------------


def test_what_was_used_without_a_signal_is_taken_once_when_it_is_back(division, gauze, phone, wire):
    page = phone()
    wire.cut()
    use_one(page, home=False)
    waits(page, "Use from")
    assert used(gauze) == 0

    wire.mend()
    page.get_by_role("button", name="Send now").tap()

    page.get_by_text("Nothing waits here").wait_for()
    assert (used(gauze), make.on_hand(make.room(division.station), gauze)) == (1, 49)


def test_what_arrived_without_an_answer_is_not_taken_twice(division, gauze, phone, wire):
    page = phone()
    page.get_by_role("navigation", name="At the shelf").get_by_role("link", name="Use").tap()
    page.get_by_role("button", name="More: Gauze").tap()
    wire.deafen()
    page.locator("button[data-tally]").tap()
    waits(page, "Use from")
    wait_until(lambda: used(gauze) == 1, "the usage to arrive")

    wire.mend()
    page.get_by_role("button", name="Send now").tap()

    page.get_by_text("Nothing waits here").wait_for()
    assert used(gauze) == 1
    assert Command.objects.filter(verb="use_stock").count() == 1


def test_two_that_were_entered_without_a_signal_are_two(division, gauze, phone, wire):
    page = phone()
    wire.cut()
    use_one(page)
    waits(page, "Use from")
    use_one(page)
    page.locator("#outbox li").nth(1).wait_for()

    wire.mend()
    page.get_by_role("button", name="Send now").tap()

    page.get_by_text("Nothing waits here").wait_for()
    assert used(gauze) == 2


@pytest.mark.parametrize(("answer", "left"), [("A correction: replace it", [48]), ("Another one: keep both", [47])])
def test_the_same_form_sent_again_with_other_numbers_is_asked_about(division, gauze, phone, wire, answer, left):
    page = phone()
    page.get_by_role("navigation", name="At the shelf").get_by_role("link", name="Use").tap()
    page.get_by_role("button", name="More: Gauze").tap()
    form = page.input_value("#content form [name=request_id]")
    wire.cut()
    page.locator("button[data-tally]").tap()
    waits(page, "Use from")
    page.go_back()
    page.fill("input[name^=q-]", "2")
    # Some browsers bring the very same form back, others a new one of the kept page.
    page.locator("#content form [name=request_id]").evaluate("(field, id) => { field.value = id }", form)
    page.locator("button[data-tally]").tap()
    page.get_by_role("button", name=answer).tap()
    page.locator("#outbox-twice").wait_for(state="hidden")

    wire.mend()
    page.get_by_role("button", name="Send now").tap()

    page.get_by_text("Nothing waits here").wait_for()
    assert [make.on_hand(make.room(division.station), gauze)] == left


def test_what_the_shelf_no_longer_has_comes_back_as_a_question(division, gauze, phone, wire):
    page = phone()
    wire.cut()
    page.goto("/")
    page.get_by_role("navigation", name="At the shelf").get_by_role("link", name="Use").tap()
    page.fill("input[name^=q-]", "40")
    page.locator("button[data-tally]").tap()
    waits(page, "Use from")
    use_stock(
        location=make.room(division.station),
        lines=[Used(gauze.pk, 20)],
        reference="",
        **division.by(division.officer),
    )

    wire.mend()
    page.get_by_role("button", name="Send now").tap()
    page.get_by_text("1 answer needs you.").wait_for()
    page.get_by_role("button", name="Look why").tap()

    page.locator(".refusal").first.wait_for()
    assert page.locator("input[name^=q-]").input_value() == "40"
    assert make.on_hand(make.room(division.station), gauze) == 30
    page.fill("input[name^=q-]", "30")
    page.locator("button[data-tally]").tap()
    page.get_by_text("taken from").wait_for()
    all_sent(page)
    assert make.on_hand(make.room(division.station), gauze) == 0


# --- Receipt ----------------------------------------------------------------------------------------------------------


def receive(page, missing=0):
    page.get_by_role("link", name="Receive", exact=True).tap()
    if missing:
        page.get_by_text("Damaged or missing?").tap()
        page.fill("input[name^=missing-]", str(missing))
        page.fill("input[name^=reason-]", "One box short")
    page.locator("button[data-all-right]").tap()


def test_a_receipt_without_a_signal_is_kept_with_what_was_missing(division, gauze, phone, wire):
    shipment = division.delivered({gauze.pk: 100})
    page = phone()
    wire.cut()
    receive(page, missing=10)
    waits(page, f"Receipt of {shipment}")

    wire.mend()
    page.get_by_role("button", name="Send now").tap()

    page.get_by_text("Nothing waits here").wait_for()
    shipment.refresh_from_db()
    assert shipment.state == Shipment.State.RECEIVED
    assert make.on_hand(make.room(division.station), gauze) == 140
    assert Discrepancy.objects.get().quantity == 10


def test_what_another_received_meanwhile_is_a_question_and_is_not_received_twice(division, gauze, phone, wire):
    shipment = division.delivered({gauze.pk: 100})
    page = phone()
    wire.cut()
    receive(page, missing=10)
    waits(page, f"Receipt of {shipment}")
    receive_shipment(shipment=shipment, version=shipment.version, **division.by(make.officer(division.station)))

    wire.mend()
    page.get_by_role("button", name="Send now").tap()
    page.get_by_role("button", name="Look why").tap()

    page.get_by_text("Nothing of yours was saved").wait_for()
    assert page.locator("input[name^=missing-]").input_value() == "10"
    assert make.on_hand(make.room(division.station), gauze) == 150
    assert not Discrepancy.objects.exists()
    all_sent(page)


def photo_of(colour):
    stream = BytesIO()
    Image.new("RGB", (3000, 2000), colour).save(stream, "PNG")
    return {"name": "IMG_0001.png", "mimeType": "image/png", "buffer": stream.getvalue()}


def add_photo(page, colour, said):
    page.set_input_files("input[type=file]", [photo_of(colour)])
    page.get_by_text(said, exact=True).wait_for()


def fill_in(page, missing):
    page.get_by_text("Damaged or missing?").tap()
    page.fill("input[name^=missing-]", str(missing))
    page.fill("input[name^=reason-]", "One box short")


def test_photos_wait_with_the_receipt_and_arrive_with_it(division, gauze, phone, wire):
    shipment = division.delivered({gauze.pk: 100})
    page = phone()
    wire.cut()
    page.get_by_role("link", name="Receive", exact=True).tap()
    fill_in(page, 10)
    add_photo(page, "red", "1 photo")
    add_photo(page, "blue", "2 photos")
    page.locator("button[data-all-right]").tap()
    waits(page, f"Receipt of {shipment}")
    sizes = page.evaluate(
        """async () => (await outbox.all())[0].fields.map(pair => pair[1].size).filter(size => size !== undefined)"""
    )
    assert len(sizes) == 2
    assert max(sizes) < 100_000, "made small before they were kept"

    wire.mend()
    page.get_by_role("button", name="Send now").tap()

    page.get_by_text("Nothing waits here").wait_for()
    photos = DiscrepancyPhoto.objects.all()
    assert [(one.width, one.height) for one in photos] == [(1600, 1067)] * 2
    red, blue = (Image.open(BytesIO(one.content)).resize((1, 1)).tobytes() for one in photos)
    assert (red[0] > 200 > red[2], blue[0] < 200 < blue[2]) == (True, True)
    page.goto(shipment.get_absolute_url())
    expect(page.locator(".photos img")).to_have_count(2)
    page.locator(".photos img").first.scroll_into_view_if_needed()
    width = "document.querySelector('.photos img').naturalWidth"
    wait_until(lambda: page.evaluate(width) == 1600, "the photo to be drawn")


def test_photos_that_another_receipt_made_needless_come_back_as_a_question(division, gauze, phone, wire):
    shipment = division.delivered({gauze.pk: 100})
    page = phone()
    wire.cut()
    page.get_by_role("link", name="Receive", exact=True).tap()
    fill_in(page, 10)
    add_photo(page, "red", "1 photo")
    page.locator("button[data-all-right]").tap()
    waits(page, f"Receipt of {shipment}")
    receive_shipment(shipment=shipment, version=shipment.version, **division.by(make.officer(division.station)))

    wire.mend()
    page.get_by_role("button", name="Send now").tap()
    page.get_by_role("button", name="Look why").tap()

    page.get_by_text("Nothing of yours was saved").wait_for()
    page.get_by_text("Its photos did not stay").wait_for()
    assert page.locator("input[name^=missing-]").input_value() == "10"
    assert not DiscrepancyPhoto.objects.exists()
    all_sent(page)


def test_one_photo_more_is_another_form_and_a_form_too_large_does_not_wait(division, gauze, phone, wire):
    page = phone()
    asked = """async (size) => {
        const form = new FormData();
        form.append("outbox", "Receipt"); form.append("request_id", "x"); form.append("empty", new File([], ""));
        for (let sent = 0; sent < size; sent += 1e6) form.append("photos-1", new File([new Uint8Array(1e6)], "a.jpg"));
        return outbox.entryOf(new Request("/x/", {method: "POST", body: form}));
    }"""
    page.evaluate(f"window.entry = {asked}")
    assert page.evaluate("async () => (await entry(2e6)).fields.length") == 4
    assert page.evaluate("async () => (await entry(40e6))") is None
    assert page.evaluate("async () => outbox.isSame(await entry(2e6), await entry(2e6))")
    assert not page.evaluate("async () => outbox.isSame(await entry(2e6), await entry(3e6))")


def test_all_in_the_bay_is_received_later_with_one_tap(division, gauze, phone, wire):
    division.in_the_bay({gauze.pk: 100}, 2)
    page = phone()
    page.goto("/")
    page.get_by_role("button", name="Receive all 2 as sent").wait_for()
    wire.cut()
    page.get_by_role("button", name="Receive all 2 as sent").tap()
    waits(page, f"Receipt of 2 deliveries, {division.station}")

    wire.mend()
    page.get_by_role("button", name="Send now").tap()

    page.get_by_text("Nothing waits here").wait_for()
    assert make.on_hand(make.room(division.station), gauze) == 250


# --- Count ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def count(division, gauze):
    for name in ("Alcohol wipes", "Bandage"):
        make.stock(division.station, make.item(name=name), on_hand=20)
    return counts.open_count(location=make.room(division.station), **division.by(division.officer))


def keep(page, item, number):
    line = page.locator("[data-count-line]", has_text=item)
    line.locator("input[name^=counted-]").fill(str(number))
    line.get_by_role("button", name="Keep the count of").tap()
    return line


def counted(count):
    return dict(count.lines.order_by("lot__item__name").values_list("lot__item__name", "counted"))


def test_a_count_goes_on_when_the_network_is_cut_in_the_middle(division, count, phone, wire):
    page = phone()
    page.goto(f"/counts/{count.pk}/")
    keep(page, "Alcohol wipes", 19).locator(".chip").wait_for()
    wire.cut()
    keep(page, "Bandage", 20).get_by_text("20 waits").wait_for()
    keep(page, "Gauze", 47).get_by_text("47 waits").wait_for()
    assert counted(count) == {"Alcohol wipes": 19, "Bandage": None, "Gauze": None}

    # Left and opened again, still without a signal: what was counted is still there, and a number is corrected.
    page.goto("/")
    page.goto(f"/counts/{count.pk}/")
    page.locator("[data-count-line]", has_text="Gauze").get_by_text("47 waits").wait_for()
    keep(page, "Gauze", 48).get_by_text("48 waits").wait_for()

    wire.mend()
    send(page)
    page.get_by_text("Nothing waits here").wait_for()
    assert counted(count) == {"Alcohol wipes": 19, "Bandage": 20, "Gauze": 48}
    page.goto(f"/counts/{count.pk}/")
    page.get_by_role("button", name="Finish counting").tap()
    page.get_by_text("2 of 3 lines differ").wait_for()


def test_a_bin_as_expected_waits_without_the_line_that_was_counted_and_is_corrected(division, count, phone, wire):
    page = phone()
    page.goto(f"/counts/{count.pk}/")
    wire.cut()
    keep(page, "Bandage", 17).get_by_text("17 waits").wait_for()
    page.get_by_role("button", name="All 2 as expected").tap()
    page.locator("[data-count-line]", has_text="Alcohol wipes").get_by_text("20 waits").wait_for()
    keep(page, "Alcohol wipes", 19).get_by_text("19 waits").wait_for()

    wire.mend()
    send(page)
    page.get_by_text("Nothing waits here").wait_for()

    assert counted(count) == {"Alcohol wipes": 19, "Bandage": 17, "Gauze": 50}


def test_a_line_that_another_counted_meanwhile_is_a_question_and_stays(division, count, phone, wire):
    page = phone()
    page.goto(f"/counts/{count.pk}/")
    wire.cut()
    keep(page, "Bandage", 20).get_by_text("20 waits").wait_for()
    line = count.lines.get(lot__item__name="Bandage")
    counts.record_count(
        count=count,
        lines=[Counted(line.lot_id, 17, None)],
        **division.by(make.officer(division.station)),
    )

    wire.mend()
    send(page)
    page.get_by_role("button", name="Look why").tap()

    page.get_by_text("counted 17, you 20").wait_for()
    page.get_by_role("heading", name=f"Count of {count.location}").wait_for()
    assert counted(count)["Bandage"] == 17
    all_sent(page)


def test_what_replaced_an_entry_while_it_was_sent_is_not_settled_with_it(division, gauze, phone, wire):
    page = phone()
    left = page.evaluate(
        """async () => {
            const one = {id: "x", person: 0, url: "/", words: "47", fields: [], at: 1, state: "waits", failures: 0};
            const other = {...one, words: "48", at: 2};
            await outbox.put(one);
            await outbox.put(other);
            await outbox.settle(one);
            const kept = await outbox.get("x");
            await outbox.settle(other);
            const gone = await outbox.get("x");
            await outbox.settle(other, {state: "asks"});
            return [kept.words, gone === undefined, await outbox.get("x") === undefined];
        }"""
    )
    assert left == ["48", True, True]


# --- Who --------------------------------------------------------------------------------------------------------------


def test_what_waits_is_sent_by_who_entered_it_and_by_nobody_else(division, gauze, phone, wire):
    page = phone()
    wire.cut()
    use_one(page)
    waits(page, "Use from")
    wire.mend()
    page.context.clear_cookies()
    page.get_by_role("button", name="Send now").tap()
    sign_in(page, division.logistics)
    page.goto("/outbox/")
    page.get_by_text("by somebody else").wait_for()
    assert (used(gauze), page.get_by_role("button", name="Send now").is_visible()) == (0, False)

    page.context.clear_cookies()
    sign_in(page, division.officer, at="/outbox/")

    page.get_by_text("Nothing waits here").wait_for()
    assert StockMovement.objects.get(reason=StockMovement.Reason.USED).moved_by == division.officer


def test_a_session_that_ended_loses_nothing_that_is_sent(division, gauze, phone, wire):
    page = phone()
    page.get_by_role("navigation", name="At the shelf").get_by_role("link", name="Use").tap()
    page.get_by_role("button", name="More: Gauze").tap()
    page.context.clear_cookies()
    page.locator("button[data-tally]").tap()
    sign_in_here(page, division.officer)

    page.get_by_text("Nothing waits here").wait_for()
    assert used(gauze) == 1


def test_who_may_no_longer_act_is_told_and_the_entry_stays_until_it_is_removed(division, gauze, phone, wire):
    page = phone()
    wire.cut()
    use_one(page, home=False)
    waits(page, "Use from")
    division.officer.memberships.update(is_read_only=True)

    wire.mend()
    page.get_by_role("button", name="Send now").tap()
    page.get_by_role("button", name="Look why").tap()
    page.wait_for_url("**/use/**")

    assert page.get_by_role("heading", level=1).inner_text() != "Waiting to be sent"
    page.goto("/outbox/")
    page.get_by_role("button", name="Remove", exact=True).tap()
    page.get_by_role("button", name="Remove it").tap()
    page.get_by_text("Nothing waits here").wait_for()
    assert used(gauze) == 0


def test_a_phone_that_is_signed_out_shows_nothing_that_was_kept(division, gauze, phone, wire):
    page = phone()
    page.get_by_role("button", name="Your account").tap()
    page.get_by_role("button", name="Sign out").tap()
    page.locator("[name=login]").wait_for()
    wire.cut()
    page.goto("/")
    page.get_by_role("heading", name="No signal").wait_for()
    assert division.station.name not in page.content()

    wire.mend()
    sign_in(page, division.officer)
    page.get_by_role("heading", name=division.station.name, exact=True).wait_for()
    wait_until(lambda: page.evaluate(HAS_ALL), "the phone to keep its pages again")


# --- What cannot wait, and what is not here ---------------------------------------------------------------------------


def test_what_cannot_wait_is_said_not_to_be_sent(division, count, phone, wire):
    page = phone()
    page.goto(f"/counts/{count.pk}/")
    page.get_by_role("button", name="Cancel").tap()
    page.fill("dialog [name=reason]", "Called away")
    wire.cut()
    page.get_by_role("button", name="Cancel the count").tap()
    page.get_by_text("nothing was sent").wait_for()
    page.go_back()
    count.refresh_from_db()
    assert count.state == count.State.OPEN


def test_a_kept_page_says_how_old_it_is_and_one_that_is_not_here_says_so(division, gauze, phone, wire):
    page = phone()
    wire.cut()
    page.goto("/")
    page.get_by_text("No signal: this page is as of").wait_for()
    page.goto("/expiring/")
    page.get_by_text("the page that you wanted is not on this device").wait_for()


def test_where_nothing_is_kept_any_more_the_phone_still_says_why(division, gauze, phone, wire):
    page = phone()
    page.evaluate("person => caches.delete(`pages-${person}`)", division.officer.pk)
    wire.cut()
    page.goto("/orders/")
    page.get_by_role("heading", name="No signal", exact=True).wait_for()
    page.get_by_text("what you typed is still there").wait_for()


def test_an_entry_is_removed_only_when_its_loss_was_accepted(division, gauze, phone, wire):
    page = phone()
    wire.cut()
    use_one(page)
    waits(page, "Use from")
    page.get_by_role("button", name="Remove", exact=True).tap()
    page.get_by_role("button", name="Keep it").tap()
    waits(page, "Use from")
    page.get_by_role("button", name="Remove", exact=True).tap()
    page.get_by_role("button", name="Remove it").tap()
    page.get_by_text("Nothing waits here").wait_for()
    assert used(gauze) == 0
