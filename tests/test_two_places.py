"""An item that a station keeps in its supply room and in its safe: two lines, told apart from draft to receipt."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from inventory.models import Item
from orders.actions.asked import ItemAt
from orders.actions.drafts import create_order, edit_order, submit_order
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder, Shipment
from tests import make
from tests.flow import Division
from tests.pages import form_in, text_of

pytestmark = pytest.mark.django_db
BOTH = {"supply_room": 100, "safe": 50}


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def drug(division):
    item = make.item(name="Midazolam", kind=Item.Kind.MEDICATION, issue_pack=50)
    make.stock(division.warehouse, item, on_hand=500)
    make.par(division.station, item, par=100)
    make.par(make.safe(division.station), item, par=50)
    return item


@pytest.fixture
def draft(division, drug):
    sweep_par_levels(at=division.at)
    return ResupplyOrder.objects.get(station=division.station)


def by_place(order, field="asked"):
    return dict(order.lines.values_list("location__kind", field))


def test_each_line_of_a_draft_has_its_own_field(client, division, drug, draft):
    safe = make.safe(division.station)
    client.force_login(division.officer)
    page = client.get(reverse("suggested_order", args=[division.station.code]))
    send = reverse("submit_order", args=[draft.pk])

    assert "for the supply room" in text_of(page)
    assert "Midazolam, Safe, boxes" in page.text
    client.post(send, form_in(page, send, **{f"q-{drug.pk}-50-{safe.pk}": "3"}))

    draft.refresh_from_db()
    assert draft.state == ResupplyOrder.State.SUBMITTED
    assert by_place(draft) == BOTH | {"safe": 150}


def test_what_was_typed_for_a_place_stays_with_it_when_the_form_is_refused(client, division, drug, draft):
    room, safe = make.room(division.station), make.safe(division.station)
    client.force_login(division.officer)
    page = client.get(reverse("suggested_order", args=[division.station.code]))
    keep = reverse("edit_order", args=[draft.pk])
    typed = {f"q-{drug.pk}-50-{safe.pk}": "x", f"q-{drug.pk}-50-{room.pk}": "7"}

    refused = client.post(keep, form_in(page, reverse("submit_order", args=[draft.pk]), **typed))

    assert refused.status_code == 422
    rows = {row.place.pk: (row.typed, bool(row.error)) for row in refused.context["rows"]}
    assert rows == {safe.pk: ("x", True), room.pk: ("7", False)}
    assert by_place(draft) == BOTH


def test_an_item_without_its_place_is_refused_where_it_has_two(division, drug, draft):
    elsewhere = {ItemAt(drug.pk, make.room(make.station()).pk): 50}

    with pytest.raises(DomainError, match="cannot be asked for") as ambiguous:
        edit_order(order=draft, version=None, quantities={drug.pk: 50}, **division.by(division.officer))
    with pytest.raises(DomainError, match="cannot be asked for") as strange:
        edit_order(order=draft, version=None, quantities=elsewhere, **division.by(division.officer))

    assert ambiguous.value.problems == (f"{drug} goes to more than one place: say how many for each.",)
    assert strange.value.problems == (f"{drug}: that place is no shelf of {division.station}.",)
    assert by_place(draft) == BOTH


@pytest.mark.parametrize(("schedule", "kind"), [("", "supply_room"), ("IV", "safe")])
def test_an_item_that_is_added_goes_where_its_kind_belongs(division, drug, schedule, kind):
    Item.objects.filter(pk=drug.pk).update(schedule=schedule)

    made = create_order(station=division.station, quantities={drug.pk: 50}, **division.by(division.officer))

    assert by_place(made) == {kind: 50}


def test_an_item_that_two_people_add_is_typed_over_the_line_and_not_asked_twice(client, division):
    item = make.item(name="Gauze")
    draft = create_order(station=division.station, quantities={item.pk: 2}, **division.by(division.officer))
    client.force_login(division.officer)
    page = client.get(draft.get_absolute_url())
    send = reverse("submit_order", args=[draft.pk])
    data = form_in(page, send)
    typed = {name: value for name, value in data.items() if not name.startswith("q-")} | {f"q-{item.pk}-1": "5"}

    client.post(send, typed)

    assert by_place(draft) == {"supply_room": 5}


def test_each_place_is_approved_picked_and_received_for_itself(client, division, drug, draft):
    submit_order(order=draft, version=draft.version, **division.by(division.officer))
    lines = {line.location.kind: line for line in draft.lines.select_related("location")}
    client.force_login(division.logistics)
    approve = reverse("approve_order", args=[draft.pk])
    page = client.get(approve)
    less = {f"approved-{lines['safe'].pk}": "20", f"reason-{lines['safe'].pk}": "The safe is small"}

    assert "for the safe" in text_of(page)
    assert 'aria-label="Approve Midazolam, Safe"' in page.text
    client.post(approve, form_in(page, approve, **less))
    assert by_place(draft, "approved") == {"supply_room": 100, "safe": 20}

    shipment = division.hand_over(division.send(division.pack(division.to_pick())))
    client.force_login(division.officer)
    receive = reverse("receive_shipment", args=[shipment.pk])
    page = client.get(receive)
    to_safe = shipment.lines.get(order_line=lines["safe"])
    assert "Missing, Midazolam, Safe" in page.text
    client.post(receive, form_in(page, "", **{f"missing-{to_safe.pk}": "5", f"reason-{to_safe.pk}": "Not in the tote"}))

    assert Shipment.objects.get(pk=shipment.pk).state == Shipment.State.RECEIVED
    assert by_place(draft, "received") == {"supply_room": 100, "safe": 15}
    assert make.on_hand(make.safe(division.station), drug) == 15
    assert make.on_hand(division.station, drug) == 100
