"""Receiving a delivery on its page: all as sent in one tap, or what is damaged or missing."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import StockLevel
from orders.actions.receipts import receive_shipment
from orders.models import Discrepancy, Shipment
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gloves(division):
    item = make.item(name="Nitrile gloves", issue_pack=50)
    make.stock(division.warehouse, item, on_hand=200, number="A17")
    return item


@pytest.fixture
def shipment(division, gloves):
    """100 gloves that the driver has handed over."""
    return division.delivered({gloves.pk: 100})


def address(shipment):
    return reverse("receive_shipment", args=[shipment.pk])


def form_of(response, **typed):
    page = response.content.decode()
    found = {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("request_id", "version")}
    return {**found, **typed}


def wrong(shipment, **typed):
    line = shipment.lines.get()
    return {f"{name}-{line.pk}": value for name, value in typed.items()}


def on_hand(division):
    return sum(StockLevel.objects.filter(location__station=division.station).values_list("on_hand", flat=True))


def test_all_as_sent_takes_one_tap(client, division, shipment):
    client.force_login(division.officer)
    page = client.get(address(shipment))
    assert b"2 boxes \xc2\xb7 100" in page.content
    assert b"Lot A17" in page.content

    response = client.post(address(shipment), form_of(page), follow=True)

    shipment.refresh_from_db()
    assert (shipment.state, shipment.received_by) == (Shipment.State.RECEIVED, division.officer)
    assert on_hand(division) == 100
    assert b"everything as sent" in response.content


def test_damaged_and_missing_are_reported_with_a_reason(client, division, shipment):
    client.force_login(division.officer)
    typed = wrong(shipment, damaged="3", missing="2", reason="Box was wet")
    client.post(address(shipment), form_of(client.get(address(shipment)), **typed))
    line = shipment.lines.get()
    assert (line.accepted, line.damaged, line.missing, line.receipt_reason) == (95, 3, 2, "Box was wet")
    assert on_hand(division) == 95
    assert Discrepancy.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"damaged": "3"}, "Say what is damaged or missing"),
        ({"damaged": "60", "missing": "60", "reason": "Wet"}, "Only 100 were sent"),
        ({"damaged": "-1", "reason": "Wet"}, "Write 0 or more"),
        ({"missing": "two", "reason": "Wet"}, "Write a whole number"),
        ({"missing": "9" * 30, "reason": "Wet"}, "Only 100 were sent"),
    ],
)
def test_a_bad_number_is_refused_and_stays_on_the_page(client, division, shipment, typed, said):
    client.force_login(division.officer)
    data = form_of(client.get(address(shipment)), **wrong(shipment, **typed))
    response = client.post(address(shipment), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert all(f'value="{value}"' in page for value in typed.values())
    assert on_hand(division) == 0
    shipment.refresh_from_db()
    assert shipment.state == Shipment.State.DELIVERED


def test_a_double_tap_receives_once(client, division, shipment):
    client.force_login(division.officer)
    data = form_of(client.get(address(shipment)))
    first, second = (client.post(address(shipment), data) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert on_hand(division) == 100


def test_what_another_has_received_is_not_received_again(client, division, shipment):
    client.force_login(division.officer)
    data = form_of(client.get(address(shipment)), **wrong(shipment, missing="5", reason="Gone"))
    other = make.officer(division.station)
    receive_shipment(shipment=shipment, version=shipment.version, by=other, at=timezone.now(), request_id=make.rid())
    response = client.post(address(shipment), data, follow=True)
    assert b"Nothing of yours was saved" in response.content
    assert on_hand(division) == 100
    assert not Discrepancy.objects.exists()


def test_a_shipment_that_has_not_left_cannot_be_received(client, division, gloves):
    shipment = division.packed({gloves.pk: 50})
    client.force_login(division.officer)
    response = client.get(address(shipment), follow=True)
    assert b"nothing to receive" in response.content


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("reader", 403), ("driver", 403), ("chief", 403), ("auditor", 403)]
)
def test_only_writers_of_the_station_receive(client, division, shipment, who, status):
    people = {
        "outsider": make.officer,
        "reader": lambda: make.officer(division.station, read_only=True),
        "driver": lambda: division.driver,
        "chief": make.chief,
        "auditor": make.auditor,
    }
    client.force_login(division.officer)
    data = form_of(client.get(address(shipment)))
    client.force_login(people[who]())
    assert client.get(address(shipment)).status_code == status
    assert client.post(address(shipment), data).status_code == status
    assert on_hand(division) == 0


def test_the_page_asks_as_much_of_the_database_for_30_lines_as_for_3(client, django_assert_max_num_queries):
    seen = []
    for count in (3, 30):
        division = Division(at=timezone.now())
        items = [make.item(issue_pack=10) for _ in range(count)]
        for item in items:
            make.stock(division.warehouse, item, on_hand=10)
        shipment = division.delivered({item.pk: 10 for item in items})
        client.force_login(division.officer)
        with django_assert_max_num_queries(30) as queries:
            client.get(address(shipment))
        seen.append(len(queries))
    assert seen[0] == seen[1] <= 10
