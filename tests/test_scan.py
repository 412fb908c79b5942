"""Scanning: what a code is, how much of it is here and what is done with it; papers open their pages."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.actions.codes import link_code
from inventory.codes import Code, System
from tests import make
from tests.flow import Division
from tests.pages import questions, text_of

pytestmark = pytest.mark.django_db
GTIN = "00312345678906"
ELEMENTS = f"]d201{GTIN}1727123110A17"


class Scene(Division):
    """Naloxone at the warehouse and the station, with a GTIN for one and one for the box of ten."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.item = make.item(name="Naloxone", sku="NAL", gtin=GTIN, issue_pack=10)
        self.level = make.stock(self.station, self.item, on_hand=7, number="A17")
        make.par(make.room(self.station), self.item, par=9)


@pytest.fixture
def division():
    return Scene(at=timezone.now())


def look(client, user, code):
    client.force_login(user)
    return client.get(reverse("scan_lookup"), {"code": code})


def test_a_box_says_its_item_lot_and_quantity(client, division):
    found = look(client, division.officer, ELEMENTS).json()
    assert found == {
        "item": "NAL",
        "name": "Naloxone",
        "words": "Naloxone, 1 each, lot A17",
        "quantity": 1,
        "lot": division.level.lot_id,
        "number": "A17",
    }


def test_a_box_of_ten_counts_as_ten(client, division):
    pack = division.item.packs.get()
    code = Code(System.GTIN, "10312345678903")
    link_code(item=division.item, pack=pack, code=code, **division.by(division.logistics))
    assert look(client, division.officer, "(01)10312345678903").json()["quantity"] == 10


def test_a_lot_of_other_peoples_stations_is_not_told(client, division):
    outsider = make.officer(make.station())
    assert look(client, outsider, f"]d201{GTIN}10A17").json()["lot"] is None


def test_what_nobody_knows_offers_to_be_linked_by_those_who_may(client, division):
    for user, may_link in ((division.logistics, True), (division.officer, False)):
        answer = look(client, user, "05012345678900")
        assert answer.status_code == 404
        assert "in nobody's catalogue" in answer.json()["said"]
        assert bool(answer.json()["link"]) == may_link


@pytest.mark.parametrize(
    "code", ["", "\0", "x" * 5000, "01", "]d2", "05012345678901", "http://[", "https://x/%00/", "🚑"]
)
def test_whatever_is_scanned_gets_an_answer(client, division, code):
    assert look(client, division.officer, code).status_code == 404
    assert client.get(reverse("scan"), {"code": code}).status_code == 200


def test_a_paper_of_ours_opens_its_page_whatever_its_host(client, division):
    make.stock(division.warehouse, division.item, on_hand=50)
    shipment = division.delivered({division.item.pk: 10})
    address = reverse("receive_shipment", args=[shipment.pk])
    assert look(client, division.officer, f"https://old.name.example{address}").json() == {"go": address}
    assert client.get(reverse("scan"), {"code": f"http://x{address}"}).url == address


@pytest.mark.parametrize("page", ["people", "account_logout", "tokens", "api_schema"])
def test_a_code_opens_no_other_page(client, division, page):
    assert look(client, division.officer, f"https://x{reverse(page)}").status_code == 404


def test_the_page_says_what_is_here_and_what_may_be_done(client, division):
    client.force_login(division.officer)
    page = client.get(reverse("scan"), {"code": GTIN})
    words = text_of(page)
    assert f"{division.station} · Supply room" in words
    assert "of 9" in words
    assert reverse("use_stock", args=[make.room(division.station).pk]) in page.content.decode()


def test_the_page_lets_the_reader_be_compiled_and_no_other_page_does(client, division):
    client.force_login(division.officer)
    assert "wasm-unsafe-eval" in client.get(reverse("scan"))["Content-Security-Policy"]
    assert "wasm-unsafe-eval" not in client.get("/")["Content-Security-Policy"]


def test_a_scan_asks_few_questions(client, division):
    client.force_login(division.officer)
    for _ in range(3):
        unit = make.unit(division.station)
        make.par(unit.location, division.item, par=2)
    assert questions(client, reverse("scan") + f"?code={GTIN}") <= 12
