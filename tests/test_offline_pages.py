"""What the server gives to a phone that will lose its signal: the program, who is signed in, the pages to keep."""

import json
import re
from contextlib import closing

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.queries.offline_pages import MOST, offline_pages
from inventory.actions import counts
from orders.actions.receipts import receive_shipment
from orders.models import Discrepancy
from tests import make
from tests.flow import Division
from tests.pages import form_in, questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


def session(client):
    return client.get(reverse("outbox_session")).json()


def test_the_program_is_everybodys_and_names_files_that_are_there(client):
    answer = client.get(reverse("service_worker"))
    text = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert answer["Cache-Control"] == "no-cache"
    facts = json.loads(text.partition("self.OFFLINE = ")[2].partition(";\n")[0])
    imported = re.findall(r'"([^"]+)"', text.partition("importScripts(")[2])
    for address in [*facts["files"], *imported]:
        with closing(client.get(address)) as found:
            assert found.status_code == 200, address


def test_a_kept_page_is_drawn_with_files_that_are_kept(client, division):
    facts = json.loads(client.get(reverse("service_worker")).content.decode().split(" = ")[1].split(";\n")[0])
    item = make.item()
    make.stock(division.station, item, on_hand=5)
    make.stock(division.warehouse, item, on_hand=5)
    division.delivered({item.pk: 1})
    counts.open_count(location=make.room(division.station), **division.by(division.officer))
    client.force_login(division.officer)
    for address in offline_pages(division.officer):
        html = client.get(address).content.decode()
        files = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', html))
        assert files <= set(facts["files"]), address


def test_the_last_page_that_is_left_speaks_the_language_of_who_keeps_it(client):
    facts = json.loads(client.get(reverse("service_worker")).content.decode().split(" = ")[1].split(";\n")[0])
    answer = client.get(facts["noSignal"], headers={"accept-language": "es"})
    html = answer.content.decode()
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert '<html lang="es">' in html
    assert "<h1>" in html
    assert set(re.findall(r'(?:src|href)="(/static/[^"#]+)', html)) <= set(facts["files"])


def test_who_is_signed_in_and_the_token_for_what_waits(client, division):
    assert session(client) == {"person": None}
    client.force_login(division.officer)
    said = session(client)
    assert said["person"] == division.officer.pk
    assert len(said["token"]) == 64
    assert "no-store" in client.get(reverse("outbox_session"))["Cache-Control"]


def test_an_officer_keeps_the_work_of_the_own_station(division):
    item = make.item()
    make.stock(division.warehouse, item, on_hand=500)
    make.stock(division.station, item, on_hand=5)
    shipment = division.delivered({item.pk: 100})
    unit = make.unit(division.station)
    count = counts.open_count(location=make.room(division.station), **division.by(division.officer))
    elsewhere = make.station(supplied_by=division.warehouse)
    make.unit(elsewhere)
    assert set(offline_pages(division.officer)) == {
        "/",
        reverse("outbox"),
        reverse("count", args=[count.pk]),
        reverse("receive_shipment", args=[shipment.pk]),
        reverse("use_stock", args=[make.room(division.station).pk]),
        reverse("use_stock", args=[unit.location.pk]),
        reverse("restock_unit", args=[unit.code]),
    }


@pytest.mark.parametrize("who", ["logistics", "driver", "chief", "auditor", "reader"])
def test_who_does_nothing_at_a_station_keeps_nothing_of_it(division, who):
    person = make.officer(division.station, read_only=True) if who == "reader" else getattr(make, who)()
    own = {"/"} if who == "reader" else set()
    assert set(offline_pages(person)) == own | {reverse("outbox")}


def test_the_pages_are_bounded_and_asked_for_in_as_many_questions_whatever_there_is(client, division):
    client.force_login(division.officer)
    few = questions(client, reverse("outbox_session"))
    for _ in range(MOST):
        make.unit(division.station)
    assert questions(client, reverse("outbox_session")) == few
    assert len(offline_pages(division.officer)) == MOST


def test_every_form_that_waits_says_what_it_is_and_whose(client, division):
    make.stock(division.station, make.item(name="Gauze"), on_hand=5)
    client.force_login(division.officer)
    address = reverse("use_stock", args=[make.room(division.station).pk])
    html = client.get(address).content.decode()
    assert f'name="outbox" value="Use from {make.room(division.station)}"' in html
    assert f'name="outbox_person" value="{division.officer.pk}"' in html


def test_a_receipt_that_comes_too_late_is_refused_as_a_page_that_keeps_what_was_typed(client, division):
    item = make.item()
    make.stock(division.warehouse, item, on_hand=500)
    shipment = division.delivered({item.pk: 100})
    client.force_login(division.officer)
    address = reverse("receive_shipment", args=[shipment.pk])
    line = shipment.lines.get()
    form = form_in(client.get(address), "") | {f"missing-{line.pk}": "3", f"reason-{line.pk}": "Gone"}
    receive_shipment(shipment=shipment, version=shipment.version, **division.by(make.officer(division.station)))

    answer = client.post(address, form, headers={"X-Outbox": "true"})

    assert answer.status_code == 422
    assert b'value="3"' in answer.content
    assert b"Nothing of yours was saved" in answer.content
    assert not Discrepancy.objects.exists()


def test_the_outbox_is_told_where_to_go_on_and_gets_whole_pages(client, division):
    item = make.item()
    make.stock(division.station, item, on_hand=5)
    place = make.room(division.station)
    count = counts.open_count(location=place, **division.by(division.officer))
    client.force_login(division.officer)
    lot = count.lines.get().lot_id
    address = f"{reverse('record_count', args=[count.pk])}?lot={lot}"
    form = {f"counted-{lot}": "4", f"seen-{lot}": "", "request_id": make.rid()}

    done = client.post(address, form, headers={"X-Outbox": "true"})
    refused = client.post(
        address, form | {f"counted-{lot}": "3", "request_id": make.rid()}, headers={"X-Outbox": "true"}
    )
    part = client.post(
        address, form | {f"counted-{lot}": "3", "request_id": make.rid()}, headers={"HX-Request": "true"}
    )

    assert (done.status_code, done["HX-Redirect"]) == (200, count.get_absolute_url())
    assert (refused.status_code, part.status_code) == (422, 422)
    assert b"<html" in refused.content
    assert b"<html" not in part.content
