"""The logistics home: what waits, why it matters, whether stock is there; and the sweep on demand."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

from inventory.models import Item
from orders import tasks
from orders.actions.approval import approve_order
from orders.actions.sweep import sweep_par_levels
from orders.models import DeliveryRun, Shipment
from orders.queries.board import CARDS
from tests import make
from tests.flow import Division
from tests.pages import form_in, questions, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


def naloxone():
    return make.item(name="Naloxone", criticality=Item.Criticality.LIFE_SAVING)


def test_a_request_shows_why_it_matters_and_that_stock_does_not_cover_it(logistics, division):
    item = naloxone()
    make.par(division.station, item, par=20)
    make.stock(division.warehouse, item, on_hand=5)
    sweep_par_levels(at=division.at)
    division.submitted({item.pk: 20}, priority=2)

    page = text_of(logistics.get(reverse("queue")))

    assert "1 to approve" in page
    assert "Stat" in page
    assert "Naloxone out" in page
    assert "1 of 1 not all in stock" in page


def test_stock_that_is_promised_or_will_not_last_covers_nothing(logistics, division):
    item = make.item()
    make.stock(division.warehouse, item, on_hand=10)
    make.stock(division.warehouse, item, on_hand=50, number="OLD", expires_on=timezone.localdate() + timedelta(days=2))
    division.approved({item.pk: 6})
    division.submitted({item.pk: 5})

    assert "1 of 1 not all in stock" in text_of(logistics.get(reverse("queue")))


def test_a_covered_request_says_so(logistics, division):
    item = make.item()
    make.stock(division.warehouse, item, on_hand=10)
    division.submitted({item.pk: 10})

    assert f"All in stock at {division.warehouse}" in text_of(logistics.get(reverse("queue")))


def test_the_most_urgent_comes_first_and_the_chiefs_step_is_named(logistics, division):
    drug = make.item(kind=Item.Kind.MEDICATION, schedule="II")
    division.submitted({drug.pk: 1}, priority=0)
    urgent = division.submitted({make.item().pk: 1}, priority=1)
    order = division.submitted({drug.pk: 2}, priority=2)
    approve_order(order=order, version=order.version, **division.by(division.logistics))

    response = logistics.get(reverse("queue"))

    cards = response.context["to_approve"].cards
    assert [card.order.priority for card in cards] == [2, 1, 0]
    assert cards[1].order == urgent
    assert cards[0].is_for_chief
    assert "Waits for the chief" in text_of(response)


def test_each_column_leads_to_its_next_step(logistics, division):
    item = make.item()
    make.stock(division.warehouse, item, on_hand=10)
    asked = division.submitted({item.pk: 1})
    division.packed({item.pk: 1})
    division.approved({item.pk: 1})
    to_pick = Shipment.objects.get(state="planned")
    tasks.schedule_deliveries()
    run = DeliveryRun.objects.get()

    page = logistics.get(reverse("queue")).content.decode()

    assert reverse("approve_order", args=[asked.pk]) in page
    assert reverse("pick_shipment", args=[to_pick.pk]) in page
    assert reverse("run", args=[run.pk]) in page


def test_the_strip_counts_what_has_gone_wrong(logistics, division):
    item = make.item()
    make.stock(division.warehouse, item, on_hand=3)
    make.par(division.warehouse, item, par=100)
    sweep_par_levels(at=division.at)
    order = division.approved({item.pk: 10}, needed_by=division.at + timedelta(minutes=1))
    type(order).objects.update(needed_by=division.at - timedelta(hours=1))

    strip = logistics.get(reverse("queue")).context["strip"]

    assert (strip.overdue, strip.backorders, strip.discrepancies) == (1, 1, 0)
    assert [(one.station, one.lacking) for one in strip.warehouses] == [(division.warehouse, 1)]


def test_what_no_van_takes_is_in_the_queue_and_on_its_page_with_the_reason(logistics, division):
    vaccine = make.item(storage="cold")
    make.stock(division.warehouse, vaccine, on_hand=10)
    division.approved({vaccine.pk: 1})
    tasks.schedule_deliveries()

    page = logistics.get(reverse("queue"))
    shipment = Shipment.objects.get()

    assert [one.pk for one in page.context["without_van"].cards] == [shipment.pk]
    assert f"{shipment} from {division.warehouse}: No cold van is in service." in text_of(page)
    assert "Waits No cold van is in service." in text_of(logistics.get(shipment.get_absolute_url()))

    make.van(division.warehouse, carries_cold=True)
    tasks.schedule_deliveries()

    assert "No cold van" not in text_of(logistics.get(reverse("queue")))


@pytest.mark.parametrize(("role", "status"), [("officer", 403), ("driver", 403), ("chief", 200), ("auditor", 200)])
def test_who_may_read_the_queue(client, role, status):
    client.force_login(make.person(role))

    response = client.get(reverse("queue"))

    assert response.status_code == status
    if status == 200:
        assert "Work out shortfalls now" not in text_of(response)


def test_the_queue_asks_the_same_number_of_questions_however_long_it_is(logistics, division):
    def grow(count):
        for _ in range(count):
            one = Division(warehouse=division.warehouse, at=division.at)
            item = make.item()
            make.stock(one.warehouse, item, on_hand=10)
            one.submitted({item.pk: 1})
            one.packed({item.pk: 1})
            tasks.schedule_deliveries()
            one.approved({item.pk: 1})

    grow(3)
    few = questions(logistics, reverse("queue"))
    grow(27)
    assert questions(logistics, reverse("queue")) == few


# --- The sweep on demand ----------------------------------------------------------------------------------------------


def press_sweep(client, **extra):
    page = client.get(reverse("queue"))
    return client.post(reverse("sweep"), form_in(page, reverse("sweep")), **extra)


def test_of_a_long_column_the_next_cards_follow_when_the_last_is_scrolled_to(logistics, division):
    for _ in range(CARDS + 2):
        division.submitted({make.item().pk: 3})

    page = logistics.get(reverse("queue"))
    following = logistics.get(reverse("queue_column", args=["to_approve"]), {"from": CARDS})

    assert len(page.context["to_approve"].cards) == CARDS
    assert f'hx-get="/queue/to_approve/?from={CARDS}"' in page.content.decode()
    assert following.content.decode().count("<article") == 2
    assert "more</a>" not in following.content.decode()
    shown = re.findall(r"/requests/(\d+)/approve/", (page.content + following.content).decode())
    assert len(set(shown)) == len(shown) == CARDS + 2


@pytest.mark.parametrize("column", ["to_pick", "to_send"])
def test_every_column_goes_on(logistics, division, column):
    assert logistics.get(reverse("queue_column", args=[column]), {"from": "10"}).status_code == 200


@pytest.mark.parametrize(("column", "start"), [("to_cook", "10"), ("to_pick", ""), ("to_pick", "-1"), ("to_pick", "٣")])
def test_a_column_that_does_not_exist_is_not_there(logistics, column, start):
    assert logistics.get(reverse("queue_column", args=[column]), {"from": start}).status_code == 404


def test_pressing_sweep_starts_the_task_under_the_forms_id(logistics, monkeypatch):
    started = []
    monkeypatch.setattr(tasks.sweep_par_levels, "apply_async", lambda **given: started.append(given["task_id"]))

    response = press_sweep(logistics, headers={"hx-request": "true"})

    assert len(started) == 1
    assert response.status_code == 200
    assert f'hx-get="/sweep/{started[0]}/"' in response.content.decode()
    assert b"<html" not in response.content


def test_without_htmx_it_leads_to_a_page_of_its_own(logistics, monkeypatch):
    monkeypatch.setattr(tasks.sweep_par_levels, "apply_async", lambda **given: None)

    response = press_sweep(logistics)

    assert response.status_code == 302
    assert "Started" in text_of(logistics.get(response.url))


def test_pressed_twice_it_starts_once(logistics, monkeypatch):
    started = []

    def start(**given):
        started.append(given)
        TaskResult.objects.create(task_id=given["task_id"], task_name=tasks.sweep_par_levels.name, status="STARTED")

    monkeypatch.setattr(tasks.sweep_par_levels, "apply_async", start)
    form = form_in(logistics.get(reverse("queue")), reverse("sweep"))

    logistics.post(reverse("sweep"), form)
    logistics.post(reverse("sweep"), form)

    assert len(started) == 1


def test_what_came_of_the_sweep_is_told_and_not_asked_again(logistics):
    task = TaskResult.objects.create(
        task_id=str(uuid4()),
        task_name=tasks.sweep_par_levels.name,
        status="SUCCESS",
        result=json.dumps({"stations": 24, "shortfalls": 7, "drafts": 1}),
    )

    response = logistics.get(reverse("sweep_progress", args=[task.task_id]), headers={"hx-request": "true"})

    assert "7 shortfalls at 24 stations; 1 suggested request brought up to date." in text_of(response)
    assert b"hx-get" not in response.content


def test_a_failed_sweep_says_so_without_its_traceback(logistics):
    task = TaskResult.objects.create(
        task_id=str(uuid4()), task_name=tasks.sweep_par_levels.name, status="FAILURE", traceback="secret"
    )

    response = logistics.get(reverse("sweep_progress", args=[task.task_id]))

    assert "ended with an error" in text_of(response)
    assert "secret" not in response.text


def test_an_unreachable_broker_is_said_and_nothing_is_lost(logistics, monkeypatch):
    def fail(**given):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.sweep_par_levels, "apply_async", fail)

    response = press_sweep(logistics, follow=True)

    assert "background worker cannot be reached" in text_of(response)


def test_another_tasks_result_stays_hidden(logistics):
    task = TaskResult.objects.create(task_id=str(uuid4()), task_name="orders.tasks.verify_ledger", status="SUCCESS")

    assert logistics.get(reverse("sweep_progress", args=[task.task_id])).status_code == 404


@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
def test_only_logistics_starts_a_sweep(client, role):
    client.force_login(make.person(role))

    assert client.post(reverse("sweep"), {"request_id": make.rid()}).status_code == 403
