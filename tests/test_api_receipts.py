"""Receiving by the API: several at once, and photos of what was damaged or missing."""

import io
from base64 import b64encode

import pytest
from django.utils import timezone
from PIL import Image

from integrations.api import photos
from integrations.models import ApiCall
from orders.models import Discrepancy, DiscrepancyPhoto, Shipment
from tests import make
from tests.api import Api, problem
from tests.flow import Division
from tests.test_photos import bomb, drawn, from_a_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze", sku="GAUZE")
    make.stock(division.warehouse, item, on_hand=500, number="A17")
    return item


@pytest.fixture
def shipment(division, gauze):
    return division.delivered({gauze.pk: 10})


def receipt(shipment, *contents, **more):
    line = {"id": shipment.lines.get().pk, "accepted": 7, "damaged": 3, "reason": "The box was wet"}
    return {"lines": [line | {"photos": [b64encode(one).decode() for one in contents]} | more]}


# --- Photos -----------------------------------------------------------------------------------------------------------


def test_photos_are_sent_with_the_receipt_and_read_where_the_discrepancy_says(division, shipment):
    officer, address = Api(division.officer), f"/shipments/{shipment.pk}/receive/"
    sent = officer.post(address, receipt(shipment, from_a_phone(), drawn("PNG")), key="k")
    assert sent.json()["state"] == "received"
    again = officer.post(address, receipt(shipment, from_a_phone(), drawn("PNG")), key="k")
    assert (again.content, again["Idempotent-Replayed"]) == (sent.content, "true")

    [found] = officer.get("/discrepancies/").json()["results"]
    shown = [(one["number"], one["width"], one["height"]) for one in found["photos"]]
    assert shown == [(1, 1200, 1600), (2, 640, 480)]
    place = found["photos"][0]["address"].removeprefix("/api/v1")
    for reader in (division.officer, division.logistics, division.chief, division.auditor):
        answer = Api(reader).get(place, Accept="image/jpeg")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        with Image.open(io.BytesIO(answer.content)) as image:
            assert (image.format, image.size) == ("JPEG", (1200, 1600))
        assert "immutable" in answer["Cache-Control"]
    problem(Api(make.officer(make.station())).get(place), 404, "not_found")
    problem(Api(division.officer, "orders:read").get(place), 403, "scope_missing")
    problem(Api(division.logistics).get("/discrepancies/photos/999999/"), 404, "not_found")


@pytest.mark.parametrize(
    ("photo", "status", "field"),
    [
        (7, 400, "lines.0.photos.0"),
        ("not base64!", 422, "lines.0.photos.0"),
        ("Zm9vé", 422, "lines.0.photos.0"),
        ("", 422, "lines.0.photos"),
        (b64encode(b"<svg><script>alert(1)</script></svg>").decode(), 422, "lines.0.photos"),
        (b64encode(drawn()[:400]).decode(), 422, "lines.0.photos"),
        (b64encode(bomb()).decode(), 422, "lines.0.photos"),
        (b64encode(drawn("GIF", mode="P")).decode(), 422, "lines.0.photos"),
    ],
)
def test_what_is_no_photo_is_refused_at_its_line_and_nothing_is_received(division, shipment, photo, status, field):
    body = receipt(shipment, photos=[photo])
    found = problem(Api(division.officer).post(f"/shipments/{shipment.pk}/receive/", body), status, "invalid")
    assert [one["field"] for one in found["errors"]] == [field]
    shipment.refresh_from_db()
    assert shipment.state == Shipment.State.DELIVERED
    assert not Discrepancy.objects.exists()
    assert not ApiCall.objects.exists()


def test_no_more_photos_than_a_page_takes_and_none_of_what_came(division, shipment, monkeypatch):
    officer, address = Api(division.officer), f"/shipments/{shipment.pk}/receive/"
    found = problem(officer.post(address, receipt(shipment, *[drawn()] * 4)), 400, "invalid")
    assert found["errors"][0]["field"] == "lines.0.photos"
    of_nothing = problem(officer.post(address, receipt(shipment, drawn(), accepted=10, damaged=0)), 422, "refused")
    assert "only of what was damaged" in of_nothing["errors"][0]["message"]
    monkeypatch.setattr(photos, "MOST_PHOTOS", 1)
    too_many = problem(officer.post(address, receipt(shipment, drawn(), drawn())), 422, "refused")
    assert "At most 1 photo" in too_many["detail"]
    assert not DiscrepancyPhoto.objects.exists()


def test_a_body_with_photos_may_be_large_but_not_endless(division, shipment, monkeypatch):
    officer, address = Api(division.officer), f"/shipments/{shipment.pk}/receive/"
    large = drawn(comment=b"x" * 60_000) + b"\0" * 4_000_000
    monkeypatch.setattr(photos, "MOST_MEGABYTES", 5)
    assert "Send fewer photos" in problem(officer.post(address, receipt(shipment, large)), 413, "too_long")["detail"]
    monkeypatch.undo()
    assert officer.post(address, receipt(shipment, large)).status_code == 200


def test_nobody_but_those_who_receive_there_has_photos_drawn(division, shipment, monkeypatch):
    monkeypatch.setattr(photos, "read_picture", None)
    address, body = f"/shipments/{shipment.pk}/receive/", receipt(shipment, drawn())
    problem(Api(make.officer(make.station())).post(address, body), 404, "not_found")
    for person in (division.driver, division.chief, division.auditor):
        problem(Api(person).post(address, body), 403, "permission_denied")


# --- Several at once --------------------------------------------------------------------------------------------------


def test_all_in_the_bay_are_received_as_sent_or_none(division, gauze):
    bay = division.in_the_bay({gauze.pk: 10})
    officer = Api(division.officer)
    asked = {"shipments": [{"id": one.pk, "version": one.version} for one in bay]}
    stale = {"shipments": [asked["shipments"][0], {"id": bay[1].pk, "version": bay[1].version + 1}]}
    assert bay[1].number in problem(officer.post("/shipments/receive/", stale), 422, "refused")["errors"][0]["message"]
    problem(Api(make.officer(make.station())).post("/shipments/receive/", asked), 404, "not_found")
    problem(Api(division.auditor).post("/shipments/receive/", asked), 403, "permission_denied")
    twice = {"shipments": [asked["shipments"][0]] * 2}
    problem(officer.post("/shipments/receive/", twice), 422, "invalid")
    assert make.on_hand(division.station, gauze) == 0

    done = officer.post("/shipments/receive/", asked)

    assert [(one["id"], one["state"]) for one in done.json()["shipments"]] == [(one.pk, "received") for one in bay]
    assert make.on_hand(division.station, gauze) == 20
