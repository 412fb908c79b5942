"""Approving beside the stock: in full, less with a reason, in turn, never one's own; sending back and rejecting."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import Item
from orders.actions.approval import approve_order
from orders.models import ResupplyOrder, Shipment
from tests import make
from tests.flow import Division
from tests.pages import form_in, has_form, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gloves(division):
    item = make.item(name="Gloves", issue_pack=10)
    make.stock(division.warehouse, item, on_hand=60)
    make.par(division.station, item, par=100)
    return item


@pytest.fixture
def order(division, gloves):
    return division.submitted({gloves.pk: 50})


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


def url(order, verb="approve_order"):
    return reverse(verb, args=[order.pk])


def approve(client, order, **typed):
    return client.post(url(order), form_in(client.get(url(order)), url(order), **typed), follow=True)


def test_the_page_shows_what_is_free_after_promises_and_what_it_leaves(logistics, division, gloves, order):
    page = text_of(logistics.get(url(order)))

    assert "5 boxes · 50" in page
    assert "6 boxes · 60" in page
    assert "leaves 10" in page


def test_what_stock_does_not_cover_is_said_before_it_is_approved(logistics, division, gloves):
    order = division.submitted({gloves.pk: 100})

    assert "40 would be owed" in text_of(logistics.get(url(order)))


def test_approving_as_asked_promises_the_stock(logistics, order):
    page = approve(logistics, order)

    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.APPROVED
    assert order.lines.get().allocated == 50
    assert Shipment.objects.get().state == Shipment.State.PLANNED
    assert f"{order} of {order.station} is approved." in text_of(page)


def test_less_needs_a_reason_and_what_was_typed_stays(logistics, order):
    line = order.lines.get()
    page = logistics.get(url(order))

    response = logistics.post(
        url(order), form_in(page, url(order), **{f"approved-{line.pk}": "20", "comment": "Short week"})
    )

    assert response.status_code == 422
    assert "say why less than 50 is approved" in text_of(response)
    again = form_in(response, url(order))
    assert (again[f"approved-{line.pk}"], again["comment"]) == (["20"], ["Short week"])
    assert not ResupplyOrder.objects.filter(state="approved").exists()


def test_less_with_a_reason_is_kept_on_the_line(logistics, order):
    line = order.lines.get()

    approve(logistics, order, **{f"approved-{line.pk}": "20", f"reason-{line.pk}": "Rationed"})

    line.refresh_from_db()
    assert (line.approved, line.approval_reason) == (20, "Rationed")


@pytest.mark.parametrize("typed", ["-1", "51", "ten", "", "1e3", "9" * 30])
def test_a_bad_quantity_is_refused_on_the_page(logistics, order, typed):
    line = order.lines.get()

    form = form_in(logistics.get(url(order)), url(order), **{f"approved-{line.pk}": typed})
    response = logistics.post(url(order), form)

    assert response.status_code == 422
    assert form_in(response, url(order))[f"approved-{line.pk}"] == [typed]
    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.SUBMITTED


def test_a_second_tap_changes_nothing_and_is_answered_alike(logistics, order):
    form = form_in(logistics.get(url(order)), url(order))

    first = logistics.post(url(order), form)
    second = logistics.post(url(order), form)

    assert (first.status_code, second.status_code) == (302, 302)
    assert order.lines.get().allocated == 50


def test_a_stale_page_is_told_what_changed_and_can_be_sent_again(logistics, division, gloves):
    drug = make.item(name="Fentanyl", kind=Item.Kind.MEDICATION, schedule="II")
    order = division.submitted({drug.pk: 5})
    form = form_in(logistics.get(url(order)), url(order))
    approve_order(order=order, version=order.version, **division.by(make.logistics()))

    response = logistics.post(url(order), form)

    assert response.status_code == 422
    page = text_of(response)
    assert "changed while you had it open" in page
    assert "approved" in page


def test_the_chief_decides_after_logistics_where_a_rule_asks(client, division):
    drug = make.item(kind=Item.Kind.MEDICATION, schedule="II")
    order = division.submitted({drug.pk: 5})
    client.force_login(division.chief)
    assert "waits for logistics" in text_of(client.get(url(order)))

    client.force_login(division.logistics)
    assert "now waits for chief" in text_of(approve(client, order))
    assert "waits for chief: scheduled drug" in text_of(client.get(url(order)))
    client.force_login(division.chief)
    assert "It needs you because: scheduled drug" in text_of(client.get(url(order)))
    client.post(url(order), form_in(client.get(url(order)), url(order)))

    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.APPROVED


def test_nobody_approves_their_own(client, division, gloves):
    own = Division(warehouse=division.warehouse, at=division.at)
    own.officer = own.logistics
    order = own.submitted({gloves.pk: 1})
    client.force_login(own.logistics)

    response = client.get(url(order))

    assert "Nobody approves their own request" in text_of(response)
    assert not has_form(response, url(order))
    posted = client.post(url(order), {"request_id": make.rid(), f"approved-{order.lines.get().pk}": "1"})
    assert posted.status_code == 422


@pytest.mark.parametrize(("verb", "state"), [("send_back_order", "draft"), ("reject_order", "rejected")])
def test_the_whole_request_goes_back_or_is_rejected_with_a_reason(logistics, order, verb, state):
    page = logistics.get(url(order))

    refused = logistics.post(url(order, verb), form_in(page, url(order, verb), reason=" "))
    assert refused.status_code == 422
    done = logistics.post(url(order, verb), form_in(refused, url(order, verb), reason="Ask for less"))

    assert done.status_code == 302
    order.refresh_from_db()
    assert order.state == state


def test_an_address_of_a_verb_leads_to_the_page(logistics, order):
    assert logistics.get(url(order, "reject_order")).url == url(order)


@pytest.mark.parametrize("role", ["officer", "driver", "auditor"])
@pytest.mark.parametrize("verb", ["approve_order", "send_back_order", "reject_order"])
def test_others_may_not_decide(client, order, role, verb):
    client.force_login(make.person(role))

    assert client.post(url(order, verb), {"request_id": make.rid(), "reason": "x"}).status_code == 403


def test_an_order_that_is_not_there_is_not_found(logistics):
    assert logistics.get(reverse("approve_order", args=[999_999])).status_code == 404
