"""Shelf labels: in the order of the bins, on the division's paper, with a code that opens the item at that shelf."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from inventory.models import Item, ParLevel
from tests import make
from tests.pages import questions, text_of
from tests.paper import codes_on, paper_of, pdf_of, text_of_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def station():
    return make.station(name="Łódź 7")


@pytest.fixture
def place(station):
    return make.room(station)


@pytest.fixture
def gloves(station):
    item = make.item(name="Gloves", sku="GLV M&1", issue_pack=100)
    make.par(station, item, par=600, minimum=200, bin="B-07")
    return item


@pytest.fixture
def officer(client, station):
    client.force_login(make.officer(station, read_only=True))
    return client


def url(place):
    return reverse("shelf_labels", args=[place.pk])


def test_a_label_names_item_sku_bin_and_levels_and_its_code_opens_the_item_at_that_shelf(officer, place, gloves):
    make.stock(place, gloves, on_hand=250)

    pdf = pdf_of(officer.get(url(place)))

    assert text_of_pdf(pdf) == "Gloves B-07 GLV M&1 · box of 100 Min 200 · Par 600 each"
    [(kind, address)] = codes_on(pdf.pages[0])
    assert kind == "QRCode"
    assert address.startswith("http://testserver/stock/?")
    page = officer.get(urlsplit(address).path + "?" + urlsplit(address).query)
    assert [line.item for line in page.context["page"].rows] == [gloves]
    assert page.context["at"] == place
    assert "Gloves" in text_of(page)


def test_labels_come_in_the_order_of_the_bins_and_what_is_not_listed_last(officer, station, place, gloves):
    make.par(station, make.item(name="Airway"), par=5, bin="C-01")
    make.par(station, make.item(name="Binder"), par=5, bin="A-02")
    make.par(station, make.item(name="Cannula"), par=0, bin="")
    make.stock(place, make.item(name="Drape"), on_hand=3)
    make.stock(make.room(make.station()), make.item(name="Elsewhere"), on_hand=3)

    text = text_of_pdf(pdf_of(officer.get(url(place))))

    order = [text.index(name) for name in ("Binder", "Gloves", "Airway", "Cannula", "Drape")]
    assert order == sorted(order)
    assert "Elsewhere" not in text


def test_the_divisions_paper_unless_another_is_asked_for(officer, settings, place, gloves):
    assert paper_of(pdf_of(officer.get(url(place)))) == "Letter"
    assert paper_of(pdf_of(officer.get(url(place), {"paper": "A4"}))) == "A4"
    settings.EMS_PAPER = "A4"
    assert paper_of(pdf_of(officer.get(url(place)))) == "A4"
    assert paper_of(pdf_of(officer.get(url(place), {"paper": "letter"}))) == "Letter"


def test_a_used_sheet_is_begun_after_its_used_labels(officer, place, station, gloves):
    for _ in range(3):
        make.par(station, make.item(), par=5)

    def corners(skip):
        pdf = pdf_of(officer.get(url(place), {"paper": "A4", "skip": skip}))
        return [page_corners(page) for page in pdf.pages]

    def page_corners(page):
        return len(codes_on(page))

    assert corners("") == corners("0") == [4]
    assert corners("20") == [4]
    assert corners("22") == [2, 2]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"skip": "30"}, "A sheet has 30 labels"),
        ({"skip": "24", "paper": "a4"}, "A sheet has 24 labels"),
        ({"skip": "-1"}, "as a number"),
        ({"skip": "many"}, "as a number"),
        ({"paper": "A5"}, "A4 and Letter"),
        ({"q": "nothing like it"}, "There is nothing to label"),
    ],
)
def test_what_cannot_be_printed_is_refused_on_the_page_of_the_place(officer, place, gloves, asked, said):
    response = officer.get(url(place), asked, follow=True)

    assert response.redirect_chain[0][0].startswith("/stock/?")
    assert said in text_of(response)


def test_only_what_was_looked_for_is_printed(officer, station, place, gloves):
    make.par(station, make.item(name="Airway"), par=5)

    assert "Airway" not in text_of_pdf(pdf_of(officer.get(url(place), {"q": "glov"})))


def test_the_file_has_a_name_is_shown_and_not_kept(officer, place, gloves):
    response = officer.get(url(place))

    assert response["Content-Disposition"] == f'inline; filename="shelf-labels-{place.owner.code}-Supply-room.pdf"'
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "object-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(("role", "status"), [("logistics", 200), ("chief", 200), ("auditor", 200), ("driver", 404)])
def test_who_sees_the_stock_may_print_its_labels(client, place, gloves, role, status):
    client.force_login(make.person(role))

    assert client.get(url(place)).status_code == status


def test_an_outsider_and_a_stranger_see_nothing(client, place, gloves):
    assert client.get(url(place)).status_code == 302
    client.force_login(make.officer(make.station()))
    assert client.get(url(place)).status_code == 404
    assert client.get(reverse("shelf_labels", args=[10**9])).status_code == 404


def test_a_units_labels_lead_to_the_unit(client, station, gloves):
    unit = make.unit(station)
    make.par(unit.location, gloves, par=5)
    client.force_login(make.officer(station))

    assert "Par 5" in text_of_pdf(pdf_of(client.get(url(unit.location))))
    assert client.get(url(unit.location), {"skip": "x"}).url == unit.get_absolute_url()


def test_the_pages_offer_the_labels(client, station, place, gloves):
    client.force_login(make.officer(station))

    for page in (f"{reverse('stock')}?q=glov", reverse("station_par_levels", args=[station.code])):
        response = client.get(page)
        assert f'action="{url(place)}"' in response.content.decode()
    only = client.get(f"{reverse('stock')}?item=GLV+M%261").content.decode()
    assert 'name="q" value="GLV M&amp;1"' in only
    assert f"{reverse('use_stock', args=[place.pk])}?item=GLV%20M%261" in only


def test_an_item_that_is_gone_says_so(officer, place, gloves):
    assert "None of it is here" in text_of(officer.get(reverse("stock"), {"place": place.pk, "item": "GONE"}))


def test_five_hundred_items_take_as_many_questions_as_three(officer, station, place):
    def add(count):
        number = Item.objects.count()
        items = Item.objects.bulk_create(
            Item(sku=f"S{number + one}", name=f"Item {number + one}") for one in range(count)
        )
        ParLevel.objects.bulk_create(ParLevel(location=place, item=item, par=9, minimum=3) for item in items)

    add(3)
    make.stock(place, make.item(), on_hand=1)
    few = questions(officer, url(place))
    add(496)
    pdf = pdf_of(officer.get(url(place), {"paper": "A4"}))

    assert questions(officer, url(place)) == few
    assert len(pdf.pages) == 21
    assert "Item 498" in text_of_pdf(pdf)
