"""FHIR R4: what is answered is valid, what is asked for goes the way of every request, by role and station."""

import copy
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.api.fhir.asked import moment_of
from integrations.models import SupplyIdentifier
from inventory.models import Pack
from orders.actions import closing, drafts, receipts
from orders.models import OrderLine, ResupplyOrder, ShipmentLine
from tests import make
from tests.api import token_for
from tests.fhir_r4 import faults
from tests.flow import Division

pytestmark = pytest.mark.django_db
EACH, BOX = "00614141123452", "10614141123459"
SKU, NDC, GTIN = "urn:ems-supply:sku", "http://hl7.org/fhir/sid/ndc", "https://www.gs1.org/gtin"


class Fhir:
    """Another system, with a token of this person. Whatever it is answered must be valid."""

    def __init__(self, user, *scopes):
        self.client, self.text = Client(), token_for(user, *scopes)[1]

    def get(self, path, **headers):
        return self.valid(self.client.get(f"/fhir/r4/{path}", headers=self.headers(headers)))

    def post(self, body, **headers):
        content = body if isinstance(body, str) else json.dumps(body)
        sent = {"content_type": "application/fhir+json", "headers": self.headers(headers)}
        return self.valid(self.client.post("/fhir/r4/SupplyRequest", content, **sent))

    def headers(self, more):
        return {"Authorization": f"Bearer {self.text}"} | {name.replace("_", "-"): text for name, text in more.items()}

    def valid(self, response):
        assert response["Content-Type"].startswith("application/fhir+json")
        assert list(faults(response.json())) == []
        return response


@pytest.fixture
def division():
    division = Division()
    item = make.item(sku="GAUZE", name="Gauze", gtin=EACH, issue_pack=10)
    Pack.objects.filter(item=item).update(gtin=BOX)
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500, number="A17")
    division.item = item  # type: ignore[attr-defined]
    return division


def asked(division, **changed) -> dict[str, Any]:
    body = {
        "resourceType": "SupplyRequest",
        "identifier": [{"system": "urn:hospital", "value": "Order10284"}],
        "status": "active",
        "priority": "asap",
        "itemCodeableConcept": {"coding": [{"system": SKU, "code": "GAUZE"}]},
        "quantity": {"value": 20},
        "occurrenceDateTime": "2099-12-31",
        "reasonCode": [{"coding": [{"code": "stock_low", "display": "Refill due to low stock"}]}],
        "deliverTo": {"identifier": {"system": "urn:ems-supply:station", "value": division.station.code}},
    } | changed
    return {name: value for name, value in body.items() if value is not None}


def issues(response, status):
    assert response.status_code == status, response.content
    body = response.json()
    assert body["resourceType"] == "OperationOutcome"
    return [(issue["code"], issue.get("expression", [""])[0], issue["details"]["text"]) for issue in body["issue"]]


def test_the_published_examples_are_valid_and_every_fault_is_found(shared):
    folder = shared / "fhir"
    request, delivery = [
        json.loads((folder / name).read_text())
        for name in ("r4_supplyrequest-example-simpleorder.json", "r4_supplydelivery-example.json")
    ]
    assert list(faults(request)) == list(faults(delivery)) == []

    wrong = [
        (request, "priority", "soon"), (request, "status", "done"), (request, "quantity", {"value": "10"}),
        (request, "quantity", None), (request, "itemCodeableConcept", None), (request, "authoredOn", "31.12.2016"),
        (request, "supplier", {"display": "one"}), (request, "itemReference", {"reference": "Device/1"}),
        (request, "colour", "red"), (request, "identifier", []), (delivery, "status", "received"),
        (delivery, "type", {"coding": [{"code": "food"}]}), (delivery, "suppliedItem", {"quantity": []}),
        (delivery, "resourceType", "Delivery"),
    ]  # fmt: skip
    for resource, name, value in wrong:
        spoilt = copy.deepcopy(resource)
        spoilt.pop(name, None)
        assert list(faults(spoilt if value is None else spoilt | {name: value})), name


def test_the_published_example_is_refused_for_what_only_its_maker_knows_then_taken(division, shared):
    body = json.loads((shared / "fhir" / "r4_supplyrequest-example-simpleorder.json").read_text())
    fhir = Fhir(division.officer)
    assert [code for code, _, _ in issues(fhir.post(body), 422)] == ["required"]

    body["deliverTo"] = {"reference": f"Location/{division.station.code}"}
    assert issues(fhir.post(body), 422)[0][:2] == ("not-found", "SupplyRequest.item.coding")
    make.item(sku="BlueTubes")
    assert "has passed" in issues(fhir.post(body), 422)[0][2]
    body["occurrenceDateTime"] = "2099-12-31"

    response = fhir.post(body)
    assert response.status_code == 201
    assert response.json()["identifier"][1] == {"value": "Order10284"}


def test_a_request_is_submitted_as_from_the_page(division):
    response = Fhir(division.officer, "orders:write").post(asked(division))

    order = ResupplyOrder.objects.get()
    line = order.lines.get()
    assert (order.state, order.get_priority_display(), order.requested_by) == ("submitted", "Urgent", division.officer)
    assert (line.asked, order.comment) == (20, "Refill due to low stock")
    assert order.needed_by == moment_of("2099-12-31")
    body = response.json()
    assert (response.status_code, body["status"], body["priority"]) == (201, "active", "urgent")
    assert body["identifier"][1:] == [{"system": "urn:hospital", "value": "Order10284"}]
    assert response["Location"].endswith(f"/fhir/r4/SupplyRequest/{line.pk}")
    assert Fhir(division.officer).get(f"SupplyRequest/{line.pk}").json() == body


def test_a_repeat_changes_nothing_and_another_body_is_refused(division):
    fhir, body = Fhir(division.officer), asked(division)
    first = fhir.post(body)

    for headers in ({}, {"If_None_Exist": "identifier=urn:hospital|Order10284"}):
        again = fhir.post(body, **headers)
        assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (200, first.json(), "true")
    assert issues(fhir.post(asked(division, quantity={"value": 21})), 422)[0][0] == "duplicate"
    changed = fhir.post(asked(division, quantity={"value": 21}), If_None_Exist="identifier=urn:hospital|Order10284")
    assert (changed.status_code, changed.json()) == (200, first.json())
    assert issues(fhir.post(body, Idempotency_Key="k"), 409)[0][0] == "duplicate"
    assert ResupplyOrder.objects.count() == 1


def test_the_key_may_stand_in_for_an_identifier(division):
    fhir, body = Fhir(division.officer), asked(division, identifier=None)

    assert issues(fhir.post(body), 400)[0][0] == "required"
    assert [fhir.post(body, Idempotency_Key="a").status_code for _ in range(2)] == [201, 200]
    assert fhir.post(body, Idempotency_Key="b").status_code == 201
    assert issues(fhir.post(body, Idempotency_Key=""), 400)
    assert issues(fhir.post(body, If_None_Exist="identifier=x"), 400)[0][0] == "not-supported"


def test_two_systems_may_count_from_one(division):
    body = asked(division)

    assert Fhir(division.officer).post(body).status_code == Fhir(division.logistics).post(body).status_code == 201
    assert SupplyIdentifier.objects.count() == 2


def test_a_draft_stays_a_draft(division):
    body = Fhir(division.officer).post(asked(division, status="draft")).json()

    assert body["status"] == "draft"
    assert ResupplyOrder.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("codings", "quantity"),
    [
        ([{"system": SKU, "code": "GAUZE"}], 3),
        ([{"system": GTIN, "code": EACH}], 3),
        ([{"system": GTIN, "code": BOX}], 30),
        ([{"code": f"(01){BOX}"}], 30),
        ([{"code": "gauze"}], 3),
        ([{"system": "urn:theirs", "code": "4711"}, {"system": SKU, "code": "GAUZE"}], 3),
        ([{"system": GTIN, "code": "00614141999996"}, {"system": SKU, "code": "GAUZE"}], 3),
    ],
)
def test_an_item_is_known_by_its_codes_and_packs_become_base_units(division, codings, quantity):
    body = asked(division, itemCodeableConcept={"coding": codings}, quantity={"value": 3.0})

    assert Fhir(division.officer).post(body).status_code == 201
    assert OrderLine.objects.get().asked == quantity


@pytest.mark.parametrize(
    ("codings", "code"),
    [
        ([{"system": SKU, "code": "NOTHING"}], "not-found"),
        ([{"system": GTIN, "code": "00614141123453"}], "code-invalid"),
        ([{"system": NDC, "code": "12"}], "code-invalid"),
        ([{"system": "urn:theirs", "code": "GAUZE"}], "code-invalid"),
        ([{"system": SKU, "code": "GAUZE"}, {"system": GTIN, "code": BOX}], "multiple-matches"),
        ([{"system": NDC, "code": "0409-1782-69"}], "multiple-matches"),
    ],
)
def test_a_code_that_names_nothing_or_two_things_is_refused(division, codings, code):
    for _ in range(2):
        make.item(ndc="0409-1782-69")

    found = issues(Fhir(division.officer).post(asked(division, itemCodeableConcept={"coding": codings})), 422)

    assert [one[:2] for one in found] == [(code, "SupplyRequest.item.coding")]
    assert not ResupplyOrder.objects.exists()


@pytest.mark.parametrize(
    ("changed", "status", "code", "where"),
    [
        ({"resourceType": "Patient"}, 400, "structure", ""),
        ({"quantity": None}, 422, "required", "SupplyRequest.quantity"),
        ({"quantity": {"value": "3"}}, 400, "structure", "SupplyRequest.quantity"),
        ({"quantity": {"value": True}}, 400, "structure", "SupplyRequest.quantity"),
        ({"quantity": {"value": 0}}, 422, "value", "SupplyRequest.quantity.value"),
        ({"quantity": {"value": 2.5}}, 422, "value", "SupplyRequest.quantity.value"),
        ({"quantity": {"value": 1e300}}, 422, "value", "SupplyRequest.quantity.value"),
        ({"quantity": {"value": 5, "comparator": "<"}}, 422, "not-supported", "SupplyRequest.quantity.comparator"),
        ({"priority": "soon"}, 422, "code-invalid", "SupplyRequest.priority"),
        ({"priority": ["stat"]}, 422, "code-invalid", "SupplyRequest.priority"),
        ({"status": "completed"}, 422, "value", "SupplyRequest.status"),
        ({"itemCodeableConcept": None}, 422, "required", "SupplyRequest.item"),
        ({"itemCodeableConcept": []}, 400, "structure", "SupplyRequest.item"),
        ({"itemCodeableConcept": {"coding": [{}]}}, 400, "structure", "SupplyRequest.item.coding"),
        ({"itemCodeableConcept": {"text": "gauze"}}, 422, "required", "SupplyRequest.item.coding"),
        ({"itemReference": {"reference": "Device/1"}}, 422, "not-supported", "SupplyRequest.itemReference"),
        ({"modifierExtension": [{}]}, 422, "not-supported", "SupplyRequest.modifierExtension"),
        ({"colour": "red"}, 400, "structure", "SupplyRequest"),
        ({"occurrenceDateTime": "tomorrow"}, 422, "value", "SupplyRequest.occurrence"),
        ({"occurrenceDateTime": "2026-02-31"}, 422, "value", "SupplyRequest.occurrence"),
        ({"occurrencePeriod": {"end": "2099-12-31"}}, 400, "structure", "SupplyRequest.occurrence"),
        ({"deliverTo": None}, 422, "required", "SupplyRequest.deliverTo"),
        ({"deliverTo": "S1"}, 422, "required", "SupplyRequest.deliverTo"),
        ({"identifier": [{}]}, 422, "value", "SupplyRequest.identifier"),
        ({"identifier": {}}, 400, "structure", "SupplyRequest.identifier"),
        ({"identifier": [{"value": "a\0"}]}, 422, "value", "SupplyRequest.identifier"),
        ({"reasonCode": "low"}, 400, "structure", "SupplyRequest.reasonCode"),
    ],
)
def test_what_cannot_be_taken_says_where_and_asks_for_nothing(division, changed, status, code, where):
    found = issues(Fhir(division.officer).post(asked(division, **changed)), status)

    assert found[0][:2] == (code, where)
    assert not ResupplyOrder.objects.exists()


def test_every_fault_is_said_at_once_and_no_json_is_no_crash(division):
    fhir = Fhir(division.officer)
    found = issues(fhir.post(asked(division, quantity=None, priority="x", deliverTo=None)), 422)
    assert len(found) == 3

    for body in ("{", "[]", "null", "3"):
        assert issues(fhir.post(body), 400)
    too_many = asked(
        division, itemCodeableConcept={"coding": [{"system": GTIN, "code": BOX}]}, quantity={"value": 999_999}
    )
    assert issues(fhir.post(too_many), 422)[0][0] == "value"


@pytest.mark.parametrize(
    ("text", "is_moment"), [("2099-12-31T08:00:00Z", True), ("2099-12-31T08:00:00", False), ("2026", False)]
)
def test_a_moment_says_its_zone(text, is_moment):
    assert (moment_of(text) is not None) == is_moment


def test_a_period_is_needed_by_its_end(division):
    body = asked(division, occurrenceDateTime=None, occurrencePeriod={"end": "2099-12-31T08:00:00+00:00"})

    assert Fhir(division.officer).post(body).json()["occurrenceDateTime"].startswith("2099-12-31T")
    assert ResupplyOrder.objects.get().needed_by == moment_of("2099-12-31T08:00:00Z")


def status_of(division, person=None):
    bundle = Fhir(person or division.logistics).get("SupplyRequest").json()
    return [entry["resource"]["status"] for entry in bundle.get("entry", [])]


def test_the_status_follows_the_lines_life(division):
    quantities = {division.item.pk: 20}
    drafts.create_order(station=division.station, quantities=quantities, **division.by(division.officer))
    assert status_of(division) == ["draft"]
    order = division.submitted(quantities)
    drafts.cancel_order(order=order, version=order.version, reason="no", **division.by(division.officer))
    division.received(quantities)
    order = division.approved(quantities)
    assert status_of(division) == ["draft", "cancelled", "completed", "active"]

    closing.close_short(order=order, version=order.version, reason="none left", **division.by(division.logistics))
    assert status_of(division)[-1] == "cancelled"
    found = Fhir(division.chief).get("SupplyRequest?status=draft,completed").json()["entry"]
    assert [entry["resource"]["status"] for entry in found] == ["draft", "completed"]


def test_a_delivery_tells_item_lot_and_where(division):
    shipment = division.dispatched({division.item.pk: 20})
    fhir = Fhir(division.officer)
    [entry] = fhir.get("SupplyDelivery?status=in-progress").json()["entry"]
    resource = entry["resource"]
    assert resource["suppliedItem"]["quantity"] == {"value": 20, "unit": "each"}
    assert resource["suppliedItem"]["itemCodeableConcept"]["text"] == "Gauze, lot A17"
    assert resource["type"]["coding"][0]["code"] == "device"
    assert resource["basedOn"] == [{"reference": f"SupplyRequest/{OrderLine.objects.get().pk}"}]
    assert resource["destination"]["identifier"]["value"] == division.station.code
    assert fhir.get(f"SupplyDelivery?identifier={shipment.number}").json()["entry"] == [entry]
    assert fhir.get("SupplyDelivery?status=completed").json().get("entry") is None

    division.hand_over(shipment)
    shipment.refresh_from_db()
    receipts.receive_shipment(shipment=shipment, version=shipment.version, **division.by(division.officer))
    received = fhir.get(f"SupplyDelivery/{ShipmentLine.objects.get().pk}").json()
    assert (received["status"], received["receiver"][0]["display"]) == ("completed", str(division.officer))


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ("", 3),
        ("_id={first}", 1),
        ("_id={first},{second}", 2),
        ("_id=x", 0),
        ("identifier=Order10284", 1),
        ("identifier=urn:hospital|Order10284", 1),
        ("identifier=urn:other|Order10284", 0),
        ("identifier=|Order10284", 0),
        ("identifier={number}", 1),
        ("identifier=urn:ems-supply:order|{number}", 1),
        ("identifier=urn:x|{number}", 0),
        ("status=active", 2),
        ("status=draft&identifier=Order10284", 0),
        ("_format=json", 3),
        ("_count=0", 0),
        ("status=", 3),
    ],
)
def test_requests_are_searched(division, search, count):
    fhir = Fhir(division.officer)
    fhir.post(asked(division))
    fhir.post(asked(division, identifier=[{"value": "2"}]))
    fhir.post(asked(division, identifier=[{"value": "3"}], status="draft"))
    first, second, _ = OrderLine.objects.order_by("pk").select_related("order")
    text = search.format(first=first.pk, second=second.pk, number=first.order.number)

    assert len(fhir.get(f"SupplyRequest?{text}").json().get("entry", [])) == count


@pytest.mark.parametrize(
    "search", ["_sort=x", "status=done", "_count=x", "_after=-1", "_format=xml", "_id=" + "1," * 60]
)
def test_a_search_that_there_is_not_is_refused(division, search):
    assert issues(Fhir(division.officer).get(f"SupplyRequest?{search}"), 400)[0][0] == "invalid"


def test_pages_give_every_row_once(division):
    fhir = Fhir(division.officer)
    for number in range(5):
        fhir.post(asked(division, identifier=[{"value": str(number)}]))

    seen, path = [], "SupplyRequest?_count=2&status=active"
    while path:
        bundle = fhir.get(path).json()
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        path = following[0].partition("/fhir/r4/")[2] if following else ""

    assert len(seen) == len(set(seen)) == 5


def test_queries_do_not_grow_with_rows(division):
    fhir = Fhir(division.officer)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            fhir.get("SupplyRequest")
        return len(seen)

    fhir.post(asked(division))
    few = queries()
    for number in range(6):
        fhir.post(asked(division, identifier=[{"value": str(number)}]))

    assert queries() == few <= 8


def test_each_sees_and_asks_for_their_own_stations(division):
    Fhir(division.officer).post(asked(division))
    division.dispatched({division.item.pk: 5})
    line, sent = OrderLine.objects.order_by("pk")[0], ShipmentLine.objects.get()
    outsider, reader = make.officer(make.station()), make.officer(division.station, read_only=True)

    for person, sees in (
        (division.officer, 200), (reader, 200), (division.logistics, 200), (division.chief, 200),
        (division.auditor, 200), (outsider, 404), (division.driver, 404),
    ):  # fmt: skip
        assert Fhir(person).get(f"SupplyRequest/{line.pk}").status_code == sees
        assert bool(status_of(division, person)) == (sees == 200)
        if person != division.driver:  # whose run brings it
            assert Fhir(person).get(f"SupplyDelivery/{sent.pk}").status_code == sees
    before = ResupplyOrder.objects.count()
    for person, status in ((reader, 403), (division.chief, 403), (division.auditor, 403), (outsider, 404)):
        assert issues(Fhir(person).post(asked(division)), status)[0][0] in ("forbidden", "not-found")
    assert ResupplyOrder.objects.count() == before


def test_scopes_and_tokens_are_those_of_the_api(division):
    assert Fhir(division.officer, "orders:read").get("SupplyRequest").status_code == 200
    assert issues(Fhir(division.officer, "orders:read").post(asked(division)), 403)[0][0] == "forbidden"
    assert issues(Fhir(division.officer, "orders:read").get("SupplyDelivery"), 403)[0][0] == "forbidden"
    stranger = Fhir(division.officer)
    stranger.text = "ems_wrong"
    refused = stranger.get("SupplyRequest")
    assert issues(refused, 401)[0][0] == "login"
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert issues(stranger.valid(Client().get("/fhir/r4/SupplyRequest")), 401)
    assert issues(Fhir(division.officer).get("SupplyRequest/99999999999999999999999"), 404)[0][0] == "not-found"


def test_what_is_not_spoken_is_said_so(division):
    fhir = Fhir(division.officer)
    deleted = fhir.client.delete("/fhir/r4/SupplyRequest", headers=fhir.headers({}))

    assert issues(fhir.valid(deleted), 405)[0][0] == "not-supported"
    plain = fhir.client.post("/fhir/r4/SupplyRequest", "x", content_type="text/plain", headers=fhir.headers({}))
    assert issues(fhir.valid(plain), 415)[0][0] == "not-supported"


def test_anybody_may_read_what_is_spoken():
    body = Client().get("/fhir/r4/metadata").json()

    assert list(faults(body)) == []
    assert body["fhirVersion"] == "4.0.1"
    kinds = {one["type"]: {step["code"] for step in one["interaction"]} for one in body["rest"][0]["resource"]}
    assert kinds == {"SupplyRequest": {"read", "search-type", "create"}, "SupplyDelivery": {"read", "search-type"}}
