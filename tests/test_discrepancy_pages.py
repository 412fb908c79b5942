"""What was damaged or missing: the queue of it, and saying where it went."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import StockMovement
from orders.actions.receipts import ReceivedLine, receive_shipment
from orders.models import Discrepancy
from tests import make
from tests.flow import Division
from tests.pages import form_in, has_form, questions, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


def reported(division, *, lines=1, damaged=0, missing=3):
    """A receipt of so many lines of ten, of each of which not all came."""
    items = [make.item(name="Gloves", issue_pack=5) for _ in range(lines)]
    for item in items:
        make.stock(division.warehouse, item, on_hand=10)
    shipment = division.delivered({item.pk: 10 for item in items})
    accepted = 10 - damaged - missing
    lines = [ReceivedLine(line.pk, accepted, damaged, missing, "Wet box") for line in shipment.lines.all()]
    receive_shipment(shipment=shipment, version=shipment.version, lines=lines, **division.by(division.officer))
    return Discrepancy.objects.latest("pk")


def url(discrepancy):
    return reverse("settle_discrepancy", args=[discrepancy.pk])


def settle(client, discrepancy, **typed):
    return client.post(url(discrepancy), form_in(client.get(url(discrepancy)), url(discrepancy), **typed))


def test_the_queue_shows_what_waits_and_leads_to_it(logistics, division):
    found = reported(division)

    response = logistics.get(reverse("discrepancies"))

    page = text_of(response)
    assert "Gloves" in page
    assert "3 each" in page
    assert "Wet box" in page
    assert url(found) in response.content.decode()


@pytest.mark.parametrize("resolution", ["found", "returned", "discarded", "lost"])
def test_missing_stock_is_settled_and_leaves_the_queue(logistics, division, resolution):
    found = reported(division)

    response = settle(logistics, found, resolution=resolution, reason="Called the station")

    assert response.url == reverse("discrepancies")
    found.refresh_from_db()
    assert (found.resolution, found.settled_by) == (resolution, division.logistics)
    assert not logistics.get(reverse("discrepancies")).context["page"].rows
    settled = text_of(logistics.get(reverse("discrepancies"), {"state": "settled"}))
    assert "Called the station" in settled


def test_damaged_stock_is_never_offered_as_found(logistics, division):
    found = reported(division, damaged=2, missing=0)

    response = logistics.get(url(found))
    assert 'value="found"' not in response.text
    refused = settle(logistics, found, resolution="found", reason="It was fine")

    assert refused.status_code == 422
    found.refresh_from_db()
    assert found.resolution == ""


def test_a_settlement_says_why_and_what_was_typed_stays(logistics, division):
    found = reported(division)

    response = settle(logistics, found, resolution="lost", reason="")

    assert response.status_code == 422
    assert form_in(response, url(found))["resolution"] == ["lost"]
    assert not StockMovement.objects.filter(reason="lost").exists()


def test_a_second_tap_settles_once(logistics, division):
    found = reported(division)
    form = form_in(logistics.get(url(found)), url(found), resolution="lost", reason="Gone")

    for _ in range(2):
        assert logistics.post(url(found), form).status_code == 302

    assert StockMovement.objects.filter(reason="lost").count() == 1


def test_what_is_settled_is_shown_and_not_settled_again(logistics, division):
    found = reported(division)
    form = form_in(logistics.get(url(found)), url(found), resolution="lost", reason="Gone")
    settle(logistics, found, resolution="discarded", reason="Binned")

    response = logistics.post(url(found), form)

    assert response.status_code == 422
    assert "it is settled already" in text_of(response)
    assert "Binned" in text_of(response)
    assert not has_form(logistics.get(url(found)), url(found))


def test_an_officer_sees_own_and_settles_none(client, division):
    found = reported(division)
    client.force_login(division.officer)
    assert "Gloves" in text_of(client.get(reverse("discrepancies")))
    assert client.get(url(found)).status_code == 200
    assert not has_form(client.get(url(found)), url(found))
    assert client.post(url(found), {"request_id": make.rid()}).status_code == 403

    client.force_login(make.officer(make.station()))
    assert "Gloves" not in text_of(client.get(reverse("discrepancies")))
    assert client.get(url(found)).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("driver", 403), ("chief", 200), ("auditor", 200)])
def test_who_may_read(client, division, role, status):
    found = reported(division)
    client.force_login(make.person(role))

    assert client.get(reverse("discrepancies")).status_code == status
    assert client.get(url(found)).status_code == status
    assert client.post(url(found), {"request_id": make.rid()}).status_code == 403


def test_the_queue_asks_the_same_number_of_questions_however_long_it_is(logistics, division):
    reported(division, lines=3)
    few = questions(logistics, reverse("discrepancies"))
    reported(Division(at=division.at), lines=27)

    assert questions(logistics, reverse("discrepancies")) == few
