"""Shipments: found by state, picked by bin and lot, short or from another lot with a reason, packed, opened again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import Lot, StockLevel
from orders.actions import picking
from orders.models import DeliveryRun, OrderLine, Shipment
from tests import make
from tests.flow import Division
from tests.pages import form_in, forms_in, has_form, lengthen, questions, text_of

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gloves(division):
    """Two lots: 30 that expire first, 100 that expire later, in bin B-07."""
    item = make.item(name="Gloves", issue_pack=10)
    make.par(division.station, item, par=100)
    make.par(division.warehouse, item, par=0, minimum=0, bin="B-07")
    first = timezone.localdate() + timedelta(days=60)
    make.stock(division.warehouse, item, on_hand=30, number="A17", expires_on=first)
    make.stock(division.warehouse, item, on_hand=100, number="B22", expires_on=first + timedelta(days=90))
    return item


@pytest.fixture
def shipment(division, gloves):
    division.approved({gloves.pk: 20})
    return division.to_pick()


@pytest.fixture
def started(division, shipment):
    return picking.start_picking(shipment=shipment, **division.by(division.logistics))


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


def url(verb, shipment):
    return reverse(verb, args=[shipment.pk])


def post(client, page, verb, shipment, *, nth=0, **typed):
    response = client.get(url(page, shipment))
    form = forms_in(response, url(verb, shipment))[nth] | typed
    return client.post(url(verb, shipment), form)


# --- Lists and the page -----------------------------------------------------------------------------------------------


def test_the_list_is_filtered_by_state_in_the_address(logistics, division, gloves, shipment):
    make.stock(division.warehouse, gloves, on_hand=5, number="C")
    packed = division.pack(shipment)

    page = logistics.get(reverse("shipments"), {"state": "packed"})

    assert list(page.context["page"].rows) == [packed]
    assert "Packed 1" in text_of(page)
    assert not logistics.get(reverse("shipments"), {"state": "planned"}).context["page"].rows
    assert logistics.get(reverse("shipments"), {"state": "no such"}).status_code == 200


def test_an_officer_sees_the_shipments_of_own_stations_only(client, division, shipment):
    client.force_login(division.officer)
    assert str(shipment) in text_of(client.get(reverse("shipments")))
    assert client.get(url("shipment", shipment)).status_code == 200

    client.force_login(make.officer(make.station()))
    assert str(shipment) not in text_of(client.get(reverse("shipments")))
    assert client.get(url("shipment", shipment)).status_code == 404


def test_the_page_shows_what_is_in_it_and_who_did_what(logistics, division, started):
    page = text_of(logistics.get(url("shipment", started)))

    assert "Gloves" in page
    assert "2 boxes · 20" in page
    assert "A17" in page
    assert "Began picking" in page
    assert "Go on picking" in page


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(logistics, division):
    run = DeliveryRun.objects.create(
        depot=division.warehouse, van=division.van, run_on=division.at.date(), leaves_at=division.at
    )
    lengthen(run, 3)
    few = questions(logistics, reverse("shipments"))
    lengthen(run, 27)

    assert questions(logistics, reverse("shipments")) == few


def test_the_pick_list_asks_the_same_number_of_questions_however_long_it_is(logistics, division):
    def shipment_of(count):
        one = Division(warehouse=division.warehouse, at=division.at)
        items = [make.item(issue_pack=5) for _ in range(count)]
        for item in items:
            make.stock(one.warehouse, item, on_hand=10)
            make.stock(one.warehouse, item, on_hand=10, number="OTHER")
        one.approved({item.pk: 1 for item in items})
        return picking.start_picking(shipment=one.to_pick(), **one.by(one.logistics))

    few, many = shipment_of(3), shipment_of(30)
    for page in ("pick_shipment", "shipment", "pack_shipment"):
        assert questions(logistics, url(page, few)) == questions(logistics, url(page, many))


# --- Picking ----------------------------------------------------------------------------------------------------------


def test_the_pick_list_names_bin_lot_expiry_and_the_quantity_both_ways(logistics, started):
    page = text_of(logistics.get(url("pick_shipment", started)))

    assert "B-07 Supply room" in page
    assert "2 boxes · 20" in page
    assert "Lot A17 · expires" in page
    assert "Take from lot A17" in page


def test_picking_is_begun_once_and_a_second_tap_is_harmless(logistics, division, shipment):
    form = form_in(logistics.get(url("pick_shipment", shipment)), url("start_picking", shipment))

    for _ in range(2):
        assert logistics.post(url("start_picking", shipment), form).status_code == 302

    shipment.refresh_from_db()
    assert (shipment.state, shipment.picker) == ("picking", division.logistics)


def test_what_another_person_picks_is_told(client, division, started):
    client.force_login(make.logistics())

    response = client.post(url("start_picking", started), {"request_id": make.rid()}, follow=True)

    assert f"{division.logistics} has it" in text_of(response)


def test_one_line_as_listed(logistics, started):
    response = post(logistics, "pick_shipment", "pick_shipment", started, nth=1)

    assert response.status_code == 302
    assert started.lines.get().is_picked


def test_all_as_listed_twice_is_done_once(logistics, division, gloves):
    other = make.item()
    make.stock(division.warehouse, other, on_hand=10)
    division.approved({gloves.pk: 40, other.pk: 3})
    started = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    form = form_in(logistics.get(url("pick_shipment", started)), url("pick_shipment", started))
    assert len(form["picked"]) == 3

    first = logistics.post(url("pick_shipment", started), form, headers=HTMX)
    second = logistics.post(url("pick_shipment", started), form, headers=HTMX)

    assert (first.status_code, second.status_code) == (200, 200)
    assert b"<html" not in first.content
    assert "3 of 3 picked" in text_of(second)
    assert has_form(second, url("pick_shipment", started)) is False
    assert reverse("pack_shipment", args=[started.pk]) in second.content.decode()


def test_after_a_line_the_focus_goes_to_the_next_on_the_walk(logistics, division, gloves):
    division.approved({gloves.pk: 40})
    started = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    one_line = forms_in(logistics.get(url("pick_shipment", started)), url("pick_shipment", started))[1]

    response = logistics.post(url("pick_shipment", started), one_line, headers=HTMX)

    assert response.text.count("autofocus") == 1
    assert "autofocus" in response.text.split("Take from lot B22")[0].split("Lot A17")[-1]


def test_a_stale_list_is_refused_with_what_changed_and_then_works(logistics, division, started):
    form = forms_in(logistics.get(url("pick_shipment", started)), url("pick_shipment", started))[1]
    level = StockLevel.objects.get(lot__number="B22")
    picking.take_other_lot(line=started.lines.get(), level=level, reason="Nearer", **division.by(make.logistics()))

    response = logistics.post(url("pick_shipment", started), form)

    assert response.status_code == 422
    assert "took another lot" in text_of(response)
    assert "Take from lot B22" in text_of(response)
    again = forms_in(response, url("pick_shipment", started))[1]
    assert logistics.post(url("pick_shipment", started), again).status_code == 302
    assert started.lines.get().is_picked


def test_a_short_pick_needs_a_reason_and_keeps_what_was_typed(logistics, started):
    response = post(logistics, "pick_shipment", "pick_short", started, quantity="12", reason="")

    assert response.status_code == 422
    assert form_in(response, url("pick_short", started))["quantity"] == ["12"]
    assert not started.lines.get().is_picked
    assert "<details" in response.text
    assert " open>" in response.text


def test_a_short_pick_gives_the_rest_back_to_the_backorder(logistics, started):
    post(logistics, "pick_shipment", "pick_short", started, quantity="12", reason="Shelf was empty")

    assert started.lines.get().quantity == 12
    assert OrderLine.objects.get().owed == 8
    assert "Shelf was empty" in text_of(logistics.get(url("shipment", started)))


def test_when_nothing_could_be_picked_the_shipment_is_cancelled_and_said(logistics, started):
    response = logistics.get(url("pick_shipment", started))
    form = form_in(response, url("pick_short", started), quantity="0", reason="Flooded")

    page = logistics.post(url("pick_short", started), form, follow=True)

    assert "it is cancelled" in text_of(page)


def test_another_lot_needs_a_reason(logistics, started):
    level = StockLevel.objects.get(lot__number="B22")

    refused = post(logistics, "pick_shipment", "take_other_lot", started, level=level.pk, reason="")
    assert refused.status_code == 422
    assert form_in(refused, url("take_other_lot", started))["level"] == [str(level.pk)]
    done = post(logistics, "pick_shipment", "take_other_lot", started, level=level.pk, reason="Box was wet")

    assert done.status_code == 302
    line = started.lines.get()
    assert (line.level, line.lot_reason) == (level, "Box was wet")


def test_lots_that_may_not_go_are_not_offered(logistics, started):
    Lot.objects.filter(number="B22").update(status=Lot.Status.RECALLED)

    assert not has_form(logistics.get(url("pick_shipment", started)), url("take_other_lot", started))


def test_a_lot_that_was_recalled_meanwhile_is_refused_by_name(logistics, started):
    form = forms_in(logistics.get(url("pick_shipment", started)), url("pick_shipment", started))[1]
    Lot.objects.filter(number="A17").update(status=Lot.Status.RECALLED)

    response = logistics.post(url("pick_shipment", started), form)

    assert response.status_code == 422
    assert "lot A17 is recalled: take another lot, or none" in text_of(response)


@pytest.mark.parametrize("picked", [[], ["x"], ["1:-1"], ["1:1:1"], ["99999999999999999:1"]])
def test_garbled_picks_change_nothing(logistics, started, picked):
    response = logistics.post(
        url("pick_shipment", started), {"request_id": make.rid(), "version": started.version, "picked": picked}
    )

    assert response.status_code == 422
    assert not started.lines.get().is_picked


# --- Packing ----------------------------------------------------------------------------------------------------------


def test_packing_waits_until_all_is_picked(logistics, started):
    response = logistics.post(
        url("pack_shipment", started), {"request_id": make.rid(), "version": started.version, "totes": "1"}
    )

    assert response.status_code == 422
    assert "Not everything is picked" in text_of(response)


def test_packing_closes_the_totes_and_leads_to_the_slip(logistics, started):
    post(logistics, "pick_shipment", "pick_shipment", started)

    response = post(logistics, "pack_shipment", "pack_shipment", started, totes="3")

    assert response.url == started.get_absolute_url()
    started.refresh_from_db()
    assert (started.state, started.totes) == ("packed", 3)
    assert "Packing slip" in text_of(logistics.get(response.url))


@pytest.mark.parametrize("totes", ["0", "", "201", "two"])
def test_a_bad_number_of_totes_is_refused(logistics, started, totes):
    post(logistics, "pick_shipment", "pick_shipment", started)

    assert post(logistics, "pack_shipment", "pack_shipment", started, totes=totes).status_code == 422
    assert Shipment.objects.get().state == "picking"


def test_a_packed_shipment_is_opened_again_with_a_reason(logistics, division, started):
    post(logistics, "pick_shipment", "pick_shipment", started)
    post(logistics, "pack_shipment", "pack_shipment", started, totes="1")

    refused = post(logistics, "shipment", "reopen_shipment", started, reason="")
    assert refused.status_code == 422
    post(logistics, "shipment", "reopen_shipment", started, reason="Wrong lot inside")

    started.refresh_from_db()
    assert started.state == "picking"


@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
@pytest.mark.parametrize(
    "verb", ["pick_shipment", "start_picking", "pick_short", "take_other_lot", "pack_shipment", "reopen_shipment"]
)
def test_only_logistics_picks_and_packs(client, division, started, role, verb):
    client.force_login(division.officer if role == "officer" else make.person(role))

    assert client.post(url(verb, started), {"request_id": make.rid()}).status_code == 403


def test_a_shipment_that_is_not_there_is_not_found(logistics):
    for verb in ("shipment", "pick_shipment", "pack_shipment"):
        assert logistics.get(reverse(verb, args=[999_999])).status_code == 404
