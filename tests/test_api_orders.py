"""A request's life by the API: the same rules as on the pages, with the version that was read."""

import pytest

from orders.models import ResupplyOrder
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division()
    item = make.item(sku="GAUZE")
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500)
    return division


@pytest.fixture
def draft(division):
    lines = [{"item": "GAUZE", "quantity": 20}]
    asked = {"station": division.station.code, "lines": lines, "priority": "urgent", "comment": "after the fire"}
    response = Api(division.officer).post("/orders/", asked)
    assert response.status_code == 201
    return response.json()


def test_from_draft_to_approved(division, draft):
    officer, logistics = Api(division.officer), Api(division.logistics)
    assert (draft["state"], draft["priority"], draft["comment"]) == ("draft", "urgent", "after the fire")
    address = f"/orders/{draft['id']}"

    edited = officer.post(f"{address}/edit/", {"lines": [{"item": "GAUZE", "quantity": 30}], "priority": "routine"})
    assert (edited.json()["lines"][0]["asked"], edited.json()["priority"]) == (30, "routine")
    sent = officer.post(f"{address}/submit/", if_match=edited.json()["version"])
    assert sent.json()["state"] == "submitted"
    [line] = sent.json()["lines"]
    granted = {"lines": [{"id": line["id"], "quantity": 25, "reason": "half is on its way"}]}
    approved = logistics.post(f"{address}/approve/", granted, if_match=sent.json()["version"])

    assert approved["ETag"] == f'"v{approved.json()["version"]}"'
    assert [one["approved"] for one in approved.json()["lines"]] == [25]


def test_nobody_approves_their_own(division, draft):
    api = Api(division.logistics)
    mine = api.post("/orders/", {"station": division.station.code, "lines": [{"item": "GAUZE", "quantity": 1}]})
    address = f"/orders/{mine.json()['id']}"
    api.post(f"{address}/submit/")
    assert api.post(f"{address}/approve/").status_code in (403, 422)
    assert ResupplyOrder.objects.get(pk=mine.json()["id"]).state == "submitted"


def test_what_somebody_changed_since_is_not_overwritten(division, draft):
    api, address = Api(division.officer), f"/orders/{draft['id']}"
    api.post(f"{address}/edit/", {"lines": [{"item": "GAUZE", "quantity": 30}]})
    body = problem(api.post(f"{address}/submit/", if_match=draft["version"]), 412, "stale_edit")
    assert body["errors"]
    assert ResupplyOrder.objects.get().state == "draft"


def test_steps_out_of_order_say_what_to_do(division, draft):
    logistics = Api(division.logistics)
    body = problem(logistics.post(f"/orders/{draft['id']}/approve/"), 422, "wrong_state")
    assert "draft" in body["detail"].lower()
    refused = Api(division.officer).post(f"/orders/{draft['id']}/cancel/", {})
    assert problem(refused, 400, "invalid")["errors"] == [
        {"field": "reason", "code": "required", "message": "This field is required."}
    ]


def test_another_stations_request_is_hidden_and_a_readers_hands_are_tied(division, draft):
    stranger, reader = make.officer(make.station()), make.officer(division.station, read_only=True)
    problem(Api(stranger).post(f"/orders/{draft['id']}/submit/"), 404, "not_found")
    problem(Api(reader).post(f"/orders/{draft['id']}/submit/"), 403, "permission_denied")
    problem(Api(division.auditor).post(f"/orders/{draft['id']}/submit/"), 403, "permission_denied")


def test_each_wrong_line_is_named_and_nothing_is_drafted(division):
    lines = [
        {"item": "GAUZE", "quantity": 1},
        {"item": "GAUSE", "quantity": 1},
        {"item": "GAUZE", "quantity": -1},
        {"item": "GAUZE"},
        {"item": "GAUZE", "quantity": 1, "quality": "good"},
    ]
    api = Api(division.officer)
    body = problem(api.post("/orders/", {"station": division.station.code, "lines": lines}), 400, "invalid")
    assert [(one["field"], one["code"]) for one in body["errors"]] == [
        ("lines.2.quantity", "min_value"),
        ("lines.3.quantity", "required"),
        ("lines.4.quality", "unknown_field"),
    ]
    body = problem(api.post("/orders/", {"station": division.station.code, "lines": lines[:2]}), 422, "invalid")
    assert [one["field"] for one in body["errors"]] == ["lines.1.item"]
    twice = {"station": division.station.code, "lines": [lines[0], lines[0]]}
    assert len(problem(api.post("/orders/", twice), 422, "invalid")["errors"]) == 2
    assert not ResupplyOrder.objects.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"x"', "[1]", '{"station": {}}', '{"lines": 7}', "\x00"])
def test_what_cannot_be_read_is_refused(division, content):
    api = Api(division.officer)
    headers = {"Authorization": f"Bearer {api.text}", "Idempotency-Key": "k"}
    response = api.client.post("/api/v1/orders/", content, content_type="application/json", headers=headers)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
