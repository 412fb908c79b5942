"""The camera, a scanner that types, and a hand: what they read fills the line that it names."""

import io

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from orders.models import Shipment
from tests import make
from tests.conftest import launched, wait_until
from tests.flow import Division
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.embedded]
GTIN = "00312345678906"
# What a scanner that poses as a keyboard does, at its speed: a machine under load would press the keys too slowly.
HAND_SCANNER = """code => {
  for (const key of [...code, "Enter"]) {
    const field = document.activeElement;
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    if (field.dispatchEvent(event) && key !== "Enter" && "value" in field) field.value += key;
  }
}"""
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


class Scene(Division):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.item = make.item(name="Naloxone", sku="NAL", gtin=GTIN)
        make.stock(self.station, make.item(name="Gauze", sku="GAUZE"), on_hand=5)
        make.stock(self.station, self.item, on_hand=7, number="A17")
        make.stock(self.warehouse, self.item, on_hand=70, number="B2")


@pytest.fixture
def division():
    return Scene(at=timezone.now())


def video_of(text, folder):
    """A film of a GS1 DataMatrix, as Chromium's fake camera shows it."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
    picture = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=8)).convert("RGB")
    frame = Image.new("RGB", (640, 480), "white")
    frame.paste(picture, (220, 140))
    still = io.BytesIO()
    frame.save(still, "JPEG", quality=92)
    film = folder / "code.mjpeg"
    film.write_bytes(still.getvalue() * 30)
    return film


def test_the_camera_reads_a_box_and_takes_one(division, browser, live_server, tmp_path):
    film = video_of(f"(01){GTIN}(17)271231(10)A17", tmp_path)
    fake = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    with launched(browser.browser_type, *fake) as camera:
        context = camera.new_context(base_url=live_server.url, viewport={"width": 360, "height": 740})
        context.grant_permissions(["camera"])
        page = sign_in(context.new_page(), division.officer)
        refused = []
        page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(f"/use/{make.room(division.station).pk}/")

        page.get_by_role("button", name="Scan").click()
        page.locator("[data-said]").get_by_text("Naloxone, 1 each, lot A17: 1 in all").wait_for(timeout=30_000)

        assert page.get_by_label("Naloxone", exact=True).input_value() == "1"
        assert refused == []
        page.get_by_role("button", name="Done").click()
        is_off = "document.querySelector('#scan video').srcObject === null"
        wait_until(lambda: page.evaluate(is_off), "the camera to be off again")


@pytest.fixture
def bay(new_page, division):
    return lambda user, **size: sign_in(new_page(**size), user)


def test_a_hand_scanner_fills_the_line_and_not_the_field_that_has_the_focus(division, bay):
    page = bay(division.officer)
    page.goto(f"/use/{make.room(division.station).pk}/")
    page.get_by_label("Find in this list").focus()

    for count in ("1", "2"):
        page.evaluate(HAND_SCANNER, GTIN)
        expect(page.get_by_label("Naloxone", exact=True)).to_have_value(count)

    assert page.get_by_label("Find in this list").input_value() == ""


def test_letters_of_a_scanned_code_are_no_keys(division, bay):
    division.submitted({division.item.pk: 5})
    page = bay(division.logistics)
    page.clock.install()
    page.goto("/queue/")

    page.evaluate(HAND_SCANNER, "ja01/jxa?")
    page.clock.run_for(300)

    assert page.evaluate("location.pathname") == "/queue/"
    assert page.locator("dialog[open], :checked").count() == 0


def test_a_pick_is_confirmed_by_its_lot_and_another_lot_is_told(division, bay):
    division.approved({division.item.pk: 10})
    shipment = Shipment.objects.get()
    page = bay(division.logistics)
    page.goto(f"/shipments/{shipment.pk}/pick/")
    page.get_by_role("button", name="Begin picking").click()

    def type_code(code):
        page.get_by_role("button", name="Scan").click()
        page.get_by_label("The code").fill(code)
        page.keyboard.press("Enter")

    type_code(f"(01){GTIN}(10)A17")
    page.locator("[data-said]").get_by_text("the list says another").wait_for()
    assert not shipment.lines.filter(is_picked=True).exists()
    page.get_by_role("button", name="Done").click()

    type_code(f"(01){GTIN}(10)B2")
    page.get_by_text("1 of 1 picked").wait_for()
    assert shipment.lines.get().is_picked


def test_a_tote_is_received_by_its_label(division, bay):
    shipment = division.delivered({division.item.pk: 10})
    page = bay(division.officer, width=360, height=740)
    page.get_by_role("navigation", name="At the shelf").get_by_role("link", name="Scan").tap()
    page.get_by_role("button", name="Scan", exact=True).tap()

    page.get_by_label("The code").last.fill(f"https://supply.example/shipments/{shipment.pk}/receive/")
    page.keyboard.press("Enter")

    page.get_by_role("heading", name=f"Receive {shipment}").wait_for()


def test_an_unknown_code_offers_to_link_itself(division, bay):
    page = bay(division.logistics)
    page.goto("/scan/")
    page.locator("main [name=code]").fill("05012345678900")
    page.keyboard.press("Enter")

    page.get_by_role("link", name="Link it to its item").click()

    page.get_by_role("heading", name="Link a code").wait_for()
    assert page.get_by_label("Code").input_value() == "05012345678900"
