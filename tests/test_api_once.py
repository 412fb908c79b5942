"""A call is done once: the same key again, another body, two at a time, and a call that failed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations.models import ApiCall
from integrations.tasks import forget_api_calls
from orders.models import ResupplyOrder
from tests import make
from tests.api import Api, problem
from tests.flow import Division


@pytest.fixture
def division(db):
    return Division()


def body(division, quantity=5):
    item = make.item(sku=f"NALOXONE-{quantity}")
    make.par(division.station, item, 10)
    return {"station": division.station.code, "lines": [{"item": item.sku, "quantity": quantity}]}


def test_the_same_key_and_body_is_given_the_first_answer_word_for_word(division):
    api, asked = Api(division.officer), body(division)
    first = api.post("/orders/", asked, key="a")
    assert first.status_code == 201
    api.post(f"/orders/{first.json()['id']}/submit/")

    again = api.post("/orders/", asked, key="a")

    assert (again.status_code, again.content, again["ETag"]) == (201, first.content, first["ETag"])
    assert again["Idempotent-Replayed"] == "true"
    assert ResupplyOrder.objects.count() == 1


def test_the_same_key_and_another_body_is_refused(division):
    api = Api(division.officer)
    api.post("/orders/", body(division), key="a")
    problem(api.post("/orders/", body(division, 6), key="a"), 422, "idempotency_key_reused")
    assert ResupplyOrder.objects.count() == 1


def test_a_key_belongs_to_its_person(division):
    asked = body(division)
    one = Api(division.officer).post("/orders/", asked, key="a")
    two = Api(division.logistics).post("/orders/", asked, key="a")
    assert one.json()["id"] != two.json()["id"]


def test_a_call_that_failed_may_be_sent_again_with_its_key(division):
    api, asked = Api(division.officer), body(division)
    problem(api.post("/orders/", asked | {"station": "NOWHERE"}, key="a"), 404, "not_found")
    assert not ApiCall.objects.exists()
    assert api.post("/orders/", asked, key="a").status_code == 201


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "é"])
def test_a_call_without_a_key_of_visible_characters_is_refused(division, key):
    response = Api(division.officer).client.post(
        "/api/v1/orders/",
        "{}",
        content_type="application/json",
        headers={"Idempotency-Key": key, "Authorization": f"Bearer {Api(division.officer).text}"},
    )
    problem(response, 400, "idempotency_key_missing")


def test_after_a_day_the_answer_is_forgotten_but_nothing_is_done_twice(division):
    api, asked = Api(division.officer), body(division)
    first = api.post("/orders/", asked, key="a").json()
    ApiCall.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert forget_api_calls() == 1

    again = api.post("/orders/", asked, key="a")

    assert again.json()["id"] == first["id"]
    assert "Idempotent-Replayed" not in again
    assert ResupplyOrder.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_once", [True, False])
def test_of_two_calls_at_once_one_is_done(is_once):
    """The control sends two keys, and both are done."""
    division = Division()
    api, asked = Api(division.officer), body(division)
    barrier, answers = threading.Barrier(2), []

    def call(key):
        barrier.wait()
        answers.append(api.post("/orders/", asked, key=key).json()["id"])
        connection.close()

    keys = ["a", "a" if is_once else "b"]
    threads = [threading.Thread(target=call, args=[key]) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(answers)) == ResupplyOrder.objects.count() == (1 if is_once else 2)
