"""Several requests approved at once: all or none, by whom each waits for, after a look at what they leave in stock."""

import re
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from orders.actions import granting
from orders.actions.approval import approve_order, approve_orders
from orders.models import OrderLine, ResupplyOrder
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.pages import form_in, questions, text_of
from tests.race import crashes, meet_before, race, refusals, without_locks

pytestmark = pytest.mark.django_db
State = ResupplyOrder.State


class Scene(Division):
    """Gauze in the warehouse, and stations that ask for it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.gauze = make.item(name="Gauze", sku="GAUZE")
        make.stock(self.warehouse, self.gauze, on_hand=100)

    def asks(self, quantity: int, **fields: object) -> ResupplyOrder:
        """A request of one more station, which has gauze on its list."""
        station = make.station(supplied_by=self.warehouse)
        make.par(station, self.gauze, par=200)
        self.station, self.officer = station, make.officer(station)
        return self.submitted({self.gauze.pk: quantity}, **fields)


@pytest.fixture
def division():
    return Scene(at=timezone.now())


def versions(*orders):
    return {order.pk: order.version for order in orders}


def address(*orders):
    return reverse("approve_orders") + "?" + "&".join(f"chosen={order.pk}:{order.version}" for order in orders)


def test_all_are_approved_in_full_and_the_most_urgent_is_promised_first(division):
    later = division.asks(60)
    stat = division.asks(60, priority=2)

    approve_orders(versions=versions(later, stat), **division.by(division.logistics))

    lines = {line.order_id: line for line in OrderLine.objects.all()}
    assert [lines[one.pk].approved for one in (later, stat)] == [60, 60]
    assert lines[stat.pk].allocated >= lines[later.pk].allocated
    assert sum(line.allocated for line in lines.values()) == 100
    assert set(ResupplyOrder.objects.values_list("state", flat=True)) == {State.APPROVED}
    assert Event.objects.about(later).filter(verb="approved").count() == 1


def test_one_that_was_changed_since_or_is_anothers_stops_all_and_each_is_named(division):
    fine, changed, own = division.asks(5), division.asks(5), division.asks(5)
    seen = versions(fine, changed, own)
    approve_order(order=changed, version=changed.version, **division.by(division.logistics))
    ResupplyOrder.objects.filter(pk=own.pk).update(requested_by=division.logistics)

    with pytest.raises(DomainError) as refused:
        approve_orders(versions=seen, **division.by(division.logistics))

    assert [problem.partition(" ")[0] for problem in refused.value.problems] == [changed.number, own.number]
    fine.refresh_from_db()
    assert fine.state == State.SUBMITTED


def test_those_that_need_the_chief_then_wait_for_the_chief(division):
    order, plain = division.submitted({division.gauze.pk: 3}), division.asks(5)  # the first is off its station's list

    approve_orders(versions=versions(order, plain), **division.by(division.logistics))
    order.refresh_from_db()
    assert order.state == State.SUBMITTED
    approve_orders(versions=versions(order), **division.by(division.chief))

    order.refresh_from_db()
    assert order.state == State.APPROVED


def test_a_repeat_changes_nothing(division):
    order = division.asks(5)
    command = {"versions": versions(order)} | division.by(division.logistics)

    approve_orders(**command)
    [again] = approve_orders(**command)

    assert again.version == order.version + 1


def test_the_page_says_what_they_leave_and_approves_them(client, division):
    orders = division.asks(30), division.asks(50)
    client.force_login(division.logistics)

    page = client.get(address(*orders))
    words = text_of(page)
    assert "Approve 2 requests together" in words
    assert re.search(r"Gauze .* 80 \S* ?by 2 100 \S* ?20", words)
    chosen = [f"{one.pk}:{one.version}" for one in orders]
    client.post(reverse("approve_orders"), form_in(page, reverse("approve_orders")) | {"chosen": chosen})

    assert not ResupplyOrder.objects.filter(state=State.SUBMITTED).exists()


def test_what_is_not_enough_for_all_is_said_before(client, division):
    orders = division.asks(80), division.asks(50)
    client.force_login(division.logistics)
    assert "30 owed" in text_of(client.get(address(*orders)))


def test_a_refused_page_names_what_changed(client, division):
    order = division.asks(5)
    client.force_login(division.logistics)
    form = form_in(client.get(address(order)), reverse("approve_orders"))
    approve_order(order=order, version=order.version, **division.by(division.logistics))

    answer = client.post(reverse("approve_orders"), form)

    assert answer.status_code == 422
    assert "Nothing was approved" in text_of(answer)


@pytest.mark.parametrize("chosen", ["", "x:1", "1", "9999999999:1", "5:5", "-1:2", "１:1"])
def test_what_is_no_request_is_refused_kindly(client, division, chosen):
    client.force_login(division.logistics)
    assert client.get(reverse("approve_orders"), {"chosen": chosen}).status_code == 200
    answer = client.post(reverse("approve_orders"), {"chosen": chosen, "request_id": str(make.rid())})
    assert answer.status_code == 422


@pytest.mark.parametrize(("role", "status"), [("officer", 403), ("driver", 403), ("auditor", 403), ("chief", 200)])
def test_only_approvers_come_here(client, division, role, status):
    client.force_login(getattr(division, role))
    assert client.get(reverse("approve_orders")).status_code == status


def test_the_questions_do_not_grow_with_the_requests(client, division):
    client.force_login(division.logistics)
    few = [division.asks(5), division.asks(5)]
    asked = questions(client, address(*few))
    many = few + [division.asks(1) for _ in range(8)]
    assert questions(client, address(*many)) == asked <= 16


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_of_two_who_approve_the_same_requests_one_is_refused(monkeypatch, division, locked):
    orders = division.asks(5), division.asks(5)
    meet_before(monkeypatch, granting, "write_rows")
    commands = [
        partial(approve_orders, versions=versions(*orders), **division.by(person))
        for person in (division.logistics, make.logistics())
    ]

    if locked:
        answers = race(*commands)
        assert len(refusals(answers)) == 1
    else:
        with without_locks():
            answers = race(*commands)
        assert not refusals(answers) or crashes(answers), "both approved what the other approved already"
