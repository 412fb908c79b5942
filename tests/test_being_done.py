"""What fails next, and what is being done about each: from nothing at all to a van that is nearly there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.queries.being_done import being_done
from dashboard.queries.chief_page import failing_now
from inventory.actions.ledger import Move, post_movements
from inventory.models import StockMovement
from orders.models import OrderLine, ResupplyOrder, TransferProposal
from stations.models import Command, Location
from tests import make
from tests.flow import Division
from tests.pages import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def naloxone(division):
    """Ten left of a life-saving item, and forty used in the last week: it lasts a week; the warehouse has more."""
    item = make.item(name="Naloxone", criticality="A")
    make.par(division.station, item, par=40, minimum=20)
    level = make.stock(division.station, item, on_hand=50, number="A1")
    make.stock(division.warehouse, item, on_hand=500, number="A2")
    consumed = Location.objects.virtual(Location.Kind.CONSUMED)
    command = Command.objects.begin("use", by=None, at=make.AT - DAY)
    used = Move(level.lot_id, level.location_id, consumed.pk, 40, StockMovement.Reason.USED)
    post_movements(command, [used], by=None, at=make.AT - DAY)
    return item


def done(kind=None):
    [one] = failing_now(at=make.AT)
    assert kind in (None, one.doing.kind)
    return one.doing


def page(client, user):
    client.force_login(user)
    return client.get(reverse("fails_next"))


def draft(division, item):
    order = ResupplyOrder.objects.create(
        station=division.station, source=division.warehouse, is_automatic=True, created_at=make.AT
    )
    OrderLine.objects.create(order=order, item=item, location=make.room(division.station), asked=30)
    return order


def test_nothing_yet_has_a_button_for_who_may_ask(client, division, naloxone):
    done("nothing")

    asks = f"{reverse('new_order', args=[division.station.code])}?item={naloxone.sku}"
    assert asks in page(client, division.logistics).content.decode()
    for reader in (division.chief, division.auditor):
        response = page(client, reader)
        assert "Nothing yet" in text_of(response)
        assert asks not in response.content.decode()
    assert client.get(asks).status_code == 403


def test_what_is_above_its_minimum_says_so(client, division, naloxone):
    make.room(division.station).par_levels.update(minimum=5)

    done("enough")

    assert "Nothing yet: not below its minimum of 5" in text_of(page(client, division.chief))


def test_a_suggestion_waits_to_be_sent(client, division, naloxone):
    order = draft(division, naloxone)

    assert done("drafted").name == order.number
    sends = reverse("suggested_order", args=[division.station.code])
    assert sends in page(client, division.logistics).content.decode()
    assert order.get_absolute_url() in page(client, division.chief).content.decode()


def test_a_suggestion_of_nothing_is_none(division, naloxone):
    draft(division, naloxone).lines.update(asked=0)

    done("nothing")


def test_a_request_waits_for_logistics_and_then_for_the_chief_whose_button_it_is(client, division, naloxone):
    order = division.submitted({naloxone.pk: 30})
    assert (done("asked").waits_for, done().approver) == ("logistics", "logistics")
    assert f"Approve {order.number}" in text_of(page(client, division.logistics))
    assert "Waits for logistics" in text_of(page(client, division.chief))

    order.approval_steps.update(role="chief")

    assert f"Approve {order.number}" in text_of(page(client, division.chief))
    assert "Waits for chief" in text_of(page(client, division.logistics))


def test_approved_it_is_packed_put_on_a_run_and_arrives(client, division, naloxone):
    order = division.approved({naloxone.pk: 30})
    assert done("packing").name == division.to_pick().number
    assert "On no run yet" in text_of(page(client, division.chief))

    shipment = division.send(division.pack(division.to_pick()))

    coming = done("coming")
    assert (coming.name, coming.arrives_at) == (shipment.number, shipment.stop.planned_at)
    client.force_login(division.chief)
    assert shipment.get_absolute_url() in client.get("/").content.decode()
    division.hand_over(shipment)
    assert done("delivered").address == shipment.get_absolute_url()
    assert order.lines.get().outstanding == 30


def test_what_the_source_does_not_have_is_owed(division, naloxone):
    order = division.approved({naloxone.pk: 600})
    OrderLine.objects.filter(order=order).update(allocated=0)
    for line in division.to_pick().lines.all():
        line.delete()

    assert done("owed").name == order.number


def test_a_transfer_is_proposed_and_logistics_looks_at_it(client, division, naloxone):
    donor = make.station(name="South", supplied_by=division.warehouse)
    zeros = dict.fromkeys(("expiring", "donor_usable", "donor_keeps", "receiver_usable", "receiver_lacks"), 0)
    TransferProposal.objects.create(
        item=naloxone, donor=make.room(donor), receiver=make.room(division.station), quantity=5, is_short=True,
        donor_daily=0, receiver_daily=1, value_cents=0, metres=1000, worked_out_at=make.AT, **zeros,
    )  # fmt: skip

    assert done("proposed").name == "South"
    assert "Look at the transfer" in text_of(page(client, division.logistics))
    assert "Transfer from South Proposed" in text_of(page(client, division.chief))


def test_the_nearest_help_is_named_whatever_else_is_under_way(division, naloxone):
    division.submitted({naloxone.pk: 5})
    draft(division, naloxone)
    division.dispatched({naloxone.pk: 10})

    done("coming")


def test_two_questions_however_many(division, naloxone, django_assert_num_queries):
    [one] = failing_now(at=make.AT)
    with django_assert_num_queries(2):
        being_done([one.failing.line] * 20)
    with django_assert_num_queries(0):
        assert being_done([]) == {}
