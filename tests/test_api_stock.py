"""Stock by the API: received, moved, used, put aboard, discarded before a witness, undone."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from integrations.models import ApiCall
from inventory.actions.stock import Used, use_stock
from inventory.models import Lot, StockMovement
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"
SOON, LATER = "2030-01-31", "2031-01-31"


@pytest.fixture
def division():
    cache.clear()  # the counters of wrong passwords
    return Division()


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze", sku="GAUZE")
    make.stock(division.station, item, on_hand=10, number="LATE", expires_on=make.TODAY + timedelta(days=900))
    make.stock(division.station, item, on_hand=5, number="SOON", expires_on=make.TODAY + timedelta(days=300))
    return item


@pytest.fixture
def api(division):
    return Api(division.officer)


def moved(response, status=201):
    assert response.status_code == status, response.json()
    return response.json()["movements"]


def test_what_a_supplier_brought_lies_on_its_shelf(division, api):
    make.item(sku="GLOVES")
    make.safe(division.station)
    fentanyl = make.item(sku="FEN", kind="medication", schedule="II")
    lines = [
        {"item": "GLOVES", "quantity": 100, "lot_number": "A1", "expires_on": SOON},
        {"item": "FEN", "quantity": 5, "lot_number": "F7", "expires_on": LATER},
    ]

    made = moved(
        api.post("/movements/receive/", {"station": division.station.code, "reference": "PO-7", "lines": lines})
    )

    assert [(one["item"], one["quantity"], one["reason"], one["reference"]) for one in made] == [
        ("GLOVES", 100, "received", "PO-7"),
        ("FEN", 5, "received", "PO-7"),
    ]
    assert make.on_hand(make.safe(division.station), fentanyl) == 5
    wrong = [lines[0] | {"expires_on": LATER}, {"item": "NONE", "quantity": 1}]
    body = {"station": division.station.code, "lines": wrong}
    refused = problem(api.post("/movements/receive/", body), 422, "invalid")
    assert [one["field"] for one in refused["errors"]] == ["lines.1.item"]
    refused = problem(api.post("/movements/receive/", body | {"lines": wrong[:1]}), 422, "refused")
    assert "is on the books with Jan 31, 2030" in refused["errors"][0]["message"]


def test_what_was_used_is_taken_off_a_unit_or_a_place_what_expires_first_first(division, gauze, api):
    unit = make.unit(division.station)
    room = make.room(division.station)
    aboard = moved(api.post(f"/units/{unit.code}/restock/", {"lines": [{"item": "GAUZE", "quantity": 7}]}))
    assert [(one["quantity"], one["destination"]) for one in aboard] == [(5, unit.location.pk), (2, unit.location.pk)]

    used = {"unit": unit.code, "reference": "26-0042", "lines": [{"item": "GAUZE", "quantity": 6}]}
    made = moved(api.post("/usage/", used))
    late = Lot.objects.get(number="LATE").pk
    named = {"location": room.pk, "lines": [{"item": "GAUZE", "quantity": 1, "lot": late}]}
    made += moved(api.post("/usage/", named))

    assert [(one["quantity"], one["reason"], one["reference"]) for one in made] == [
        (5, "used", "26-0042"),
        (1, "used", "26-0042"),
        (1, "used", ""),
    ]
    assert api.get("/usage/").json()["results"] == made
    too_many = {"unit": unit.code, "lines": [{"item": "GAUZE", "quantity": 2}]}
    assert (
        "2 asked, 1 usable" in problem(api.post("/usage/", too_many), 422, "insufficient_stock")["errors"][0]["message"]
    )
    both = named | {"unit": unit.code}
    assert problem(api.post("/usage/", both), 422, "invalid")["errors"][0]["field"] == "unit"


def test_a_token_for_usage_opens_nothing_else(division, gauze):
    records = Api(division.officer, "usage:write")
    unit = make.unit(division.station)
    problem(records.post(f"/units/{unit.code}/restock/", {}), 403, "scope_missing")
    problem(records.post("/movements/receive/", {}), 403, "scope_missing")
    asked = {"location": make.room(division.station).pk, "lines": [{"item": "GAUZE", "quantity": 1}]}
    moved(records.post("/usage/", asked))


def test_lots_move_between_places_and_a_mistake_is_moved_back_once(division, gauze, api):
    room, safe = make.room(division.station), make.safe(division.station)
    lot = Lot.objects.get(number="SOON").pk
    asked = {"source": room.pk, "destination": safe.pk, "lines": [{"lot": lot, "quantity": 2}]}

    [made] = moved(api.post("/movements/move/", asked))

    assert make.on_hand(safe, gauze) == 2
    address, reason = f"/movements/{made['id']}/undo/", {"reason": "wrong shelf"}
    problem(api.post(address, reason), 403, "permission_denied")
    back = Api(division.logistics).post(address, reason)
    assert (back.status_code, back.json()["reverses"]) == (201, made["id"])
    problem(Api(division.logistics).post(address, reason), 422, "refused")
    elsewhere = make.room(make.station())
    body = problem(api.post("/movements/move/", asked | {"destination": elsewhere.pk}), 422, "invalid")
    assert body["errors"][0]["field"] == "destination"
    problem(Api(make.officer(make.station())).post(address, reason), 404, "not_found")


def test_all_lines_of_what_one_did_a_moment_ago_are_taken_back_once(division, gauze, api):
    make.stock(division.station, tape := make.item(sku="TAPE"), on_hand=3)
    place, lines = make.room(division.station), [{"item": "GAUZE", "quantity": 7}, {"item": "TAPE", "quantity": 1}]
    made = moved(api.post("/usage/", {"location": place.pk, "lines": lines}))
    [done] = {one["command"] for one in made}
    for other in (Api(make.officer(division.station)), Api(division.logistics)):
        body = problem(other.post("/movements/undo-together/", {"command": done}), 422, "invalid")
        assert body["errors"][0]["field"] == "command"
    problem(Api(division.officer, "stock:read").post("/movements/undo-together/", {}), 403, "scope_missing")

    back = [moved(api.post("/movements/undo-together/", {"command": done}, key="a")) for _ in range(2)]

    assert back[0] == back[1]
    assert {one["reverses"] for one in back[0]} == {one["id"] for one in made}
    assert (make.on_hand(division.station, gauze), make.on_hand(division.station, tape)) == (15, 3)
    assert "undone" in problem(api.post("/movements/undo-together/", {"command": done}), 422, "refused")["detail"]


def test_what_was_done_long_ago_or_received_is_not_taken_back_so(division, gauze, api):
    place = make.room(division.station)
    old = use_stock(location=place, lines=[Used(gauze.pk, 2)], **division.by(division.officer))
    late = api.post("/movements/undo-together/", {"command": old.command_id})
    assert "too long ago" in problem(late, 422, "refused")["detail"]
    lines = [{"item": "GAUZE", "quantity": 1, "lot_number": "NEW", "expires_on": LATER}]
    [made] = moved(api.post("/movements/receive/", {"station": division.station.code, "lines": lines}))
    body = problem(api.post("/movements/undo-together/", {"command": made["command"]}), 422, "invalid")
    assert body["errors"][0]["field"] == "command"


@pytest.fixture
def ampoules(division):
    item = make.item(name="Fentanyl", kind="medication", schedule="II")
    return make.stock(make.safe(division.station), item, on_hand=4)


@pytest.fixture
def witness(division):
    person = make.officer(division.station)
    person.set_password(PASSWORD)
    person.save()
    return person


def wasted(level, **more):
    lines = [{"lot": level.lot_id, "quantity": 1}]
    return {"location": level.location_id, "reason": "wasted", "details": "Half given", "lines": lines} | more


def test_a_scheduled_drug_is_wasted_before_a_witness_who_signs(division, api, ampoules, witness):
    asked = wasted(ampoules, witness=witness.username, witness_password=PASSWORD)

    [made] = moved(api.post("/movements/discard/", asked, key="a"))

    assert (made["reason"], made["witness"]) == ("wasted", witness.username)
    assert made["reference"] == "Drawn or opened, and not given: Half given"
    details = Event.objects.get(verb="wasted").details
    assert (details["witnessed_by"], details["signed_with"]) == (str(witness), "password")
    kept = str([*ApiCall.objects.values(), *Event.objects.values()])
    assert PASSWORD not in kept


def test_no_fingerprint_is_made_of_the_password(division, api, ampoules, witness):
    """A hash of it beside all else that is known would let it be guessed. So what is kept does not depend on it."""
    asked = wasted(ampoules, witness=witness.username, witness_password=PASSWORD)
    moved(api.post("/movements/discard/", asked, key="a"))

    again = api.post("/movements/discard/", asked | {"witness_password": "something else"}, key="a")

    assert again["Idempotent-Replayed"] == "true"
    assert StockMovement.objects.filter(reason="wasted").count() == 1


def test_without_a_witness_or_with_a_wrong_one_it_is_refused(division, api, ampoules, witness):
    stranger = make.officer(make.station())
    address = "/movements/discard/"
    assert "before a witness" in problem(api.post(address, wasted(ampoules)), 422, "refused")["detail"]
    for name, field in ((stranger.username, "witness"), (division.officer.username, "witness")):
        body = problem(api.post(address, wasted(ampoules, witness=name, witness_password=PASSWORD)), 422, "invalid")
        assert body["errors"][0]["field"] == field
    unsigned = problem(api.post(address, wasted(ampoules, witness=witness.username)), 422, "invalid")
    assert unsigned["errors"][0]["field"] == "witness_password"
    for _ in range(5):
        wrong = wasted(ampoules, witness=witness.username, witness_password="wrong")
        problem(api.post(address, wrong), 422, "wrong_password")
    right = wasted(ampoules, witness=witness.username, witness_password=PASSWORD)
    assert "too many wrong passwords" in problem(api.post(address, right), 422, "wrong_password")["detail"]
    assert not StockMovement.objects.filter(reason="wasted").exists()


def test_a_lot_is_held_and_let_go_by_logistics_who_saw_what_it_was(division, gauze, api):
    lot = Lot.objects.get(number="SOON")
    address, asked = f"/lots/{lot.pk}/hold/", {"status": "quarantined", "was": "usable", "reason": "Torn seal"}
    problem(api.post(address, asked), 403, "permission_denied")
    problem(Api(make.officer(make.station())).post(address, asked), 404, "not_found")
    logistics = Api(division.logistics)

    assert logistics.post(address, asked).json()["status"] == "quarantined"

    problem(logistics.post(address, asked | {"status": "recalled"}), 409, "stale_edit")
    problem(logistics.post(address, asked | {"was": "quarantined"}), 422, "refused")
    assert logistics.post(address, {"status": "usable", "reason": "Looked at"}).json()["status"] == "usable"
