"""The page of transfers for everybody who may see it, the driver's step at a donor, and the papers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.actions.transfers import propose_transfers
from orders.forms.transfers import written
from orders.models import ResupplyOrder, Shipment, TransferProposal
from tests import make
from tests.flow import Division
from tests.pages import form_in, questions, text_of
from tests.signing_in import is_signed_in
from tests.transfers import Neighbours

pytestmark = pytest.mark.django_db
PAGE, ACCEPT = "/transfers/", "/transfers/accept/"


@pytest.fixture
def world():
    made = Neighbours(at=timezone.now())
    propose_transfers(at=made.at)
    return made


def accept_on_page(client, **typed):
    page = client.get(PAGE)
    return client.post(ACCEPT, form_in(page, ACCEPT, **typed), follow=True)


@pytest.mark.parametrize(
    ("who", "status"),
    [("logistics", 200), ("chief", 200), ("officer", 200), ("giver", 200), ("driver", 403)],
)
def test_who_sees_the_page_and_only_logistics_decides(client, world, who, status):
    client.force_login(getattr(world, who))

    page = client.get(PAGE)

    assert page.status_code == status
    assert ("Accept what is ticked" in text_of(page)) == (who == "logistics")
    if who != "logistics":
        assert client.post(ACCEPT, {"only": written(TransferProposal.objects.get())}).status_code == 403
        assert not ResupplyOrder.objects.exists()


def test_an_auditor_reads_and_an_officer_of_elsewhere_sees_nothing_of_it(client, world):
    client.force_login(make.auditor())
    assert "Tourniquet" in text_of(client.get(PAGE))

    client.force_login(make.officer(make.station()))
    assert "Nothing to move" in text_of(client.get(PAGE))


def test_the_page_says_what_from_where_why_and_on_which_run(client, world):
    run = world.both()
    client.force_login(world.logistics)

    said = text_of(client.get(PAGE))

    for words in ("1 proposed", "20 each", "Donor 50 → 30, keeps 10", "Receiver 0 → 20", "lacks 20", f"{run} · "):
        assert words in said


def test_one_is_accepted_by_its_own_button_and_rides_on_the_run(client, world):
    run = world.both()
    client.force_login(world.logistics)

    answer = accept_on_page(client, only=written(TransferProposal.objects.get()))

    assert f"is accepted and rides on {run}" in text_of(answer)
    assert "1 under way" in text_of(answer)


def test_several_are_accepted_by_their_ticks(client, world):
    other = Neighbours(at=world.at)
    propose_transfers(at=world.at)
    client.force_login(world.logistics)

    accept_on_page(client, accepted=[written(one) for one in TransferProposal.objects.all()])

    assert {order.station for order in ResupplyOrder.objects.all()} == {world.receiver, other.receiver}


@pytest.mark.parametrize(
    ("typed", "says"),
    [({}, "Tick what is to move"), ({"only": "1:2:3"}, "form was incomplete"), ({"only": "9:9:9:9"}, "Choose what")],
)
def test_what_cannot_be_read_is_refused_in_words(client, world, typed, says):
    client.force_login(world.logistics)

    answer = accept_on_page(client, **typed)

    assert answer.status_code == 422
    assert says in text_of(answer)


def test_an_old_proposal_is_refused_with_what_changed(client, world):
    client.force_login(world.logistics)
    page = client.get(PAGE)
    make.par(world.donor, make.item(), 1)
    make.room(world.donor).par_levels.filter(item=world.item).update(par=45, minimum=45)

    answer = client.post(ACCEPT, form_in(page, ACCEPT, only=written(TransferProposal.objects.get())))

    assert answer.status_code == 422
    assert "20 to move, 5 can be now" in text_of(answer)


def test_a_person_chooses_the_run(client, world):
    world.accept()
    shipment = world.shipment()
    run = world.run_to(make.station(supplied_by=world.warehouse))
    client.force_login(world.logistics)
    address = reverse("choose_run", args=[shipment.pk])

    client.post(address, form_in(client.get(PAGE), address, run=run.pk))

    shipment.refresh_from_db()
    assert shipment.stop is not None
    assert shipment.stop.run == run


def test_the_page_costs_as_many_queries_whatever_its_length(client, world):
    def another():
        more = Neighbours(at=world.at)
        more.both()
        more.accept(more.wanted(20))

    another()
    propose_transfers(at=world.at)
    client.force_login(world.logistics)
    client.get(PAGE)
    few = questions(client, PAGE)
    for _ in range(3):
        another()
        Neighbours(at=world.at)
    propose_transfers(at=world.at)

    assert questions(client, PAGE) == few
    said = text_of(client.get(PAGE))
    assert "4 proposed" in said
    assert "4 under way" in said


def test_both_ends_follow_the_transfer_and_others_do_not(client, world):
    order = world.accept()
    shipment = world.shipment()
    for person in (world.giver, world.officer, world.chief):
        client.force_login(person)
        assert client.get(shipment.get_absolute_url()).status_code == 200
        assert client.get(order.get_absolute_url()).status_code == 200
    client.force_login(make.officer(make.station()))
    assert client.get(shipment.get_absolute_url()).status_code == 404
    assert client.get(order.get_absolute_url()).status_code == 404


def test_the_approver_meets_a_line_by_a_transfer(client, world):
    flow = Division(warehouse=world.warehouse, at=world.at)
    flow.station, flow.officer = world.receiver, world.officer
    other = make.item()
    make.par(world.receiver, other, 10, 0)
    order = flow.submitted({world.item.pk: 20, other.pk: 5})
    propose_transfers(at=world.at)
    client.force_login(world.logistics)
    page = client.get(reverse("approve_order", args=[order.pk]))
    assert "20 each from Donor" in text_of(page)
    address = reverse("meet_by_transfer", args=[order.pk])
    line = order.lines.get(item=world.item)

    client.post(address, form_in(page, address, only=written(TransferProposal.objects.get(), line.pk)))

    line.refresh_from_db()
    transfer = ResupplyOrder.objects.get(kind="transfer")
    assert (line.approved, line.approval_reason) == (0, f"20 come from Donor by transfer {transfer}.")
    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.SUBMITTED


def test_a_request_of_which_all_comes_by_transfer_ends(client, world):
    flow = Division(warehouse=world.warehouse, at=world.at)
    flow.station, flow.officer = world.receiver, world.officer
    order = flow.submitted({world.item.pk: 20})
    propose_transfers(at=world.at)
    client.force_login(world.logistics)
    address = reverse("meet_by_transfer", args=[order.pk])
    page = client.get(reverse("approve_order", args=[order.pk]))

    client.post(address, form_in(page, address, only=written(TransferProposal.objects.get(), order.lines.get().pk)))

    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.CANCELLED


def test_the_run_sheet_says_what_to_collect_for_whom(client, world):
    run = world.both()
    world.accept()
    client.force_login(world.logistics)

    assert "Collect 1 line for Receiver" in text_of(client.get(run.get_absolute_url()))


def test_the_driver_takes_less_only_with_a_reason(client, world):
    run = world.on_the_road()
    stop = world.stop(run, world.donor)
    client.force_login(world.driver)
    client.post(reverse("arrive_at_stop", args=[stop.pk]), {"request_id": make.rid()})
    [line] = world.shipment().lines.all()
    address = reverse("collect_stop", args=[stop.pk])
    page = client.get(reverse("driver_run"))
    assert "Collect 1 line for Receiver" in text_of(page)

    refused = client.post(address, form_in(page, address, given_by="Kim", **{f"taken-{line.pk}": 15}))
    assert refused.status_code == 422
    assert "say why you take less" in text_of(refused)
    client.post(address, form_in(refused, address, given_by="Kim", reason="Only 15", **{f"taken-{line.pk}": 15}))

    assert world.shipment().lines.get().quantity == 15
    assert make.on_hand(world.van.location, world.item) == 15


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_driver_collects_and_delivers_on_a_phone(new_page, live_server):
    world = Neighbours(at=timezone.now() - timedelta(minutes=40))
    run = world.on_the_road()
    page = is_signed_in(new_page(width=360, height=740), Client(), world.driver, live_server)

    page.goto("/runs/mine/")
    page.get_by_role("button", name="Arrived").click()
    page.get_by_label("Who gave it to you").fill("Kim")
    page.get_by_role("button", name="Collected").click()
    page.get_by_text("Collected at Donor.").wait_for()
    page.get_by_role("button", name="Arrived").click()
    page.get_by_label("Who took it").fill("Lee")
    page.get_by_role("button", name="Hand over 1 tote").click()
    page.get_by_role("button", name="Complete the run").click()
    page.get_by_role("heading", name="No run yet").wait_for()

    assert world.shipment().state == Shipment.State.DELIVERED
    assert run.stops.filter(state="delivered").count() == 2
    assert make.on_hand(world.van.location, world.item) == 20
