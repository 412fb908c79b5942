"""The first steps of each role lead to its pages and end with its main job done."""

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.queries.guide import STEPS
from inventory.models import Item
from orders.actions import picking, runs
from orders.actions.schedule import schedule_deliveries
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder
from stations.models import User
from tests import make
from tests.flow import Division
from tests.pages import form_in, questions, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division(at=timezone.now())
    division.later(seconds=1)  # everybody joined before
    gauze = make.item(name="Gauze", issue_pack=50)
    make.stock(division.warehouse, gauze, on_hand=500)
    make.par(division.station, gauze, par=100)
    sweep_par_levels(at=division.at)
    return division


@pytest.mark.parametrize("role", User.Role.values)
def test_every_step_leads_to_a_page_that_this_role_may_open(client, division, role):
    user = getattr(division, role)
    client.force_login(user)
    page = client.get(reverse("guide"))
    steps = page.context["steps"]
    assert len(steps) == len(STEPS[role])
    for one in steps:
        assert client.get(one.address, follow=True).status_code == 200, one.step.title


def test_the_officers_steps_end_with_a_request_sent_and_are_ticked(client, division):
    client.force_login(division.officer)
    page = client.get(reverse("guide"))
    assert "0 of 4 done" in text_of(page)
    send = next(one for one in page.context["steps"] if "submit_order" in one.step.verbs)

    draft = client.get(send.address)
    order = ResupplyOrder.objects.get()
    address = reverse("submit_order", args=[order.pk])
    client.post(address, form_in(draft, address))

    assert ResupplyOrder.objects.get().state == ResupplyOrder.State.SUBMITTED
    assert "1 of 4 done" in text_of(client.get(reverse("guide")))


def test_what_another_did_is_not_ticked(client, division):
    client.force_login(division.logistics)
    division.approved({make.item().pk: 1})
    assert "1 of 4 done" in text_of(client.get(reverse("guide")))
    client.force_login(make.logistics())
    assert "0 of 4 done" in text_of(client.get(reverse("guide")))


def test_what_was_done_before_they_joined_is_history(client, division):
    division.approved({make.item().pk: 1})
    division.logistics.date_joined = division.later(minutes=1)
    division.logistics.save()
    client.force_login(division.logistics)
    assert "0 of 4 done" in text_of(client.get(reverse("guide")))


def test_a_list_that_is_only_picked_is_not_packed(client, division):
    gauze = Item.objects.get()
    division.approved({gauze.pk: 50})
    shipment = division.to_pick()
    picking.start_picking(shipment=shipment, **division.by(division.logistics))
    picked = dict(shipment.lines.values_list("pk", "quantity"))
    shipment = picking.confirm_picks(shipment=shipment, version=None, picked=picked, **division.by(division.logistics))
    client.force_login(division.logistics)
    assert "1 of 4 done" in text_of(client.get(reverse("guide")))

    picking.pack_shipment(shipment=shipment, version=None, totes=1, **division.by(division.logistics))

    assert "2 of 4 done" in text_of(client.get(reverse("guide")))


def test_a_drivers_steps_end_with_the_run_completed(client, division):
    gauze = Item.objects.get()
    division.packed({gauze.pk: 50})
    [run] = schedule_deliveries(at=division.at)
    runs.assign_driver(run=run, version=None, driver=division.driver, **division.by(division.logistics))
    runs.load_run(run=run, version=None, **division.by(division.driver))
    runs.dispatch_run(run=run, version=None, driver=division.driver, **division.by(division.logistics))
    client.force_login(division.driver)
    assert "1 of 3 done" in text_of(client.get(reverse("guide")))

    runs.deliver_stop(stop=run.stops.get(), handed_to="Lee", **division.by(division.driver))
    runs.complete_run(run=run, version=None, **division.by(division.driver))

    assert "You have done all of it" in text_of(client.get(reverse("guide")))


def test_the_guide_asks_little(client, division):
    client.force_login(division.officer)
    assert questions(client, reverse("guide")) <= 5
