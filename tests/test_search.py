"""Search from anywhere: what each role finds, by name, number and code, and nothing of other people's stations."""

import pytest
from django.urls import reverse

from dashboard.queries.search import SHOWN
from inventory.models import Item
from orders.models import DeliveryRun, Shipment
from stations.models import Unit
from tests import make
from tests.flow import Division
from tests.pages import questions, text_of

pytestmark = pytest.mark.django_db


class Scene(Division):
    """A division with an item, what was sent of it, and an ambulance."""

    item: Item
    shipment: Shipment
    unit: Unit


@pytest.fixture
def division():
    division = Scene()
    item = make.item(name="Naloxone 2 mg", sku="NAL-2", gtin="00312345678906")
    make.stock(division.warehouse, item, on_hand=500, number="A17")
    division.item = item
    division.shipment = division.dispatched({item.pk: 20})
    division.unit = make.unit(division.station, code="M7")
    return division


def found(client, user, text):
    client.force_login(user)
    return client.get(reverse("search"), {"q": text}, headers={"HX-Request": "true"})


def test_a_part_of_a_name_finds_things_of_each_kind(client, division):
    division.station.name = "Naloxone Hill"
    division.station.save()

    words = text_of(found(client, division.logistics, "nalox"))

    assert "Naloxone Hill" in words
    assert "Naloxone 2 mg" in words
    assert "R0" in words
    assert f"to {division.station}" in words


@pytest.mark.parametrize("text", ["NAL-2", "nal-2", "00312345678906"])
def test_an_exact_code_opens_its_item(client, division, text):
    client.force_login(division.officer)
    answer = client.get(reverse("search"), {"q": text})
    assert answer.url == division.item.get_absolute_url()


def test_the_number_on_the_paper_opens_it(client, division):
    client.force_login(division.logistics)
    run, order = DeliveryRun.objects.get(), division.shipment.lines.get().order_line.order
    for row in (division.shipment, order, run):
        answer = client.get(reverse("search"), {"q": row.number.lower()})
        assert answer.url == row.get_absolute_url()


def test_a_bare_number_shows_what_bears_it(client, division):
    client.force_login(division.logistics)
    answer = client.get(reverse("search"), {"q": str(division.shipment.pk)})
    assert division.shipment.number in text_of(answer)


def test_a_lot_and_a_unit_are_found(client, division):
    assert "A17" in text_of(found(client, division.logistics, "a1"))
    client.force_login(division.officer)
    assert client.get(reverse("search"), {"q": "m7"}).url == division.unit.get_absolute_url()


def test_an_officer_finds_nothing_of_another_station(client, division):
    outsider = make.officer(make.station())
    order = division.shipment.lines.get().order_line.order
    for text in (
        division.station.name,
        "M7",
        "A17",
        order.number,
        division.shipment.number,
        DeliveryRun.objects.get().number,
    ):
        assert "Nothing of that name" in text_of(found(client, outsider, text))


def test_a_driver_finds_the_own_runs_only(client, division):
    run = DeliveryRun.objects.get()
    assert run.number in text_of(found(client, division.driver, run.number))
    assert "Nothing of that name" in text_of(found(client, make.driver(), run.number))
    assert "Nothing of that name" in text_of(found(client, division.driver, "nalox"))


@pytest.mark.parametrize("text", ["", " ", "\0", "R" + "9" * 40, "9" * 80, "%", "_", "'", "🚑", "x" * 5000])
def test_odd_words_find_nothing_and_break_nothing(client, division, text):
    assert found(client, division.logistics, text).status_code == 200


def test_the_questions_do_not_grow_with_what_is_found(client, division):
    client.force_login(division.logistics)
    few = questions(client, reverse("search") + "?q=nalox")
    for number in range(SHOWN * 3):
        make.item(name=f"Naloxone kit {number}")
    assert questions(client, reverse("search") + "?q=nalox") == few <= 12
    assert "All of them" in text_of(client.get(reverse("search"), {"q": "nalox"}))


def test_a_name_that_begins_so_comes_first(client, division):
    make.item(name="Abdominal pad")
    make.item(name="Kit, nalmefene")

    words = text_of(found(client, division.logistics, "nal"))

    assert words.index("Naloxone 2 mg") < words.index("Kit, nalmefene") < words.index("Abdominal pad")
