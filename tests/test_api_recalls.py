"""Recalls by the API: taken, read, named lots and none, pulled at a place, each by those who may."""

import json
from uuid import uuid4

import pytest
from django.utils import timezone

from integrations.models import ApiCall, Recall
from inventory.models import Lot, StockMovement
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.flow import Division
from tests.recalls import NDC, recall, record, take

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"
NUMBER = "D-1-2026"
AT = f"/recalls/{NUMBER}"


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def naloxone():
    return make.item(name="Naloxone", sku="NAL", kind="medication", ndc=NDC)


@pytest.fixture
def level(division, naloxone):
    """Four of lot A17 at the station, not yet recalled."""
    return make.stock(division.station, naloxone, on_hand=4, number="A17")


@pytest.fixture
def logistics(division):
    return Api(division.logistics)


def done(response, status=200):
    assert response.status_code == status, response.json()
    return response.json()


def results(response):
    return done(response)["results"]


def as_json(*records):
    return {"meta": {}, "results": [json.loads(one.source) for one in records]}


def sent(api, content, kind, key=None):
    headers = {"Authorization": f"Bearer {api.text}", "Idempotency-Key": key or str(uuid4())}
    return api.client.post("/api/v1/recalls/take/", content, content_type=kind, headers=headers)


# --- Read ------------------------------------------------------------------------------------------------------------


def test_a_recall_says_what_it_names_and_where_that_is_left(division, naloxone, level, logistics):
    unit = make.unit(division.station)
    make.stock(unit.location, naloxone, on_hand=2, number="A17")
    make.stock(division.warehouse, naloxone, on_hand=5, number="A17")
    take(at=timezone.now())

    one = done(logistics.get(f"{AT}/"))

    assert (one["number"], one["classification"], one["state"], one["left"]) == (NUMBER, "I", "acting", 11)
    assert [(lot["lot"], lot["item"], lot["status"], lot["how"], lot["found"]) for lot in one["lots"]] == [
        (level.lot_id, "NAL", "recalled", "code", 11)
    ]
    assert "source" not in one
    assert [(row["station"], row["unit"], row["on_hand"]) for row in results(logistics.get(f"{AT}/places/"))] == [
        (division.station.code, None, 4),
        (division.station.code, unit.code, 2),
        (division.warehouse.code, None, 5),
    ]
    assert done(logistics.get(f"{AT}/reckoning/")) == {
        "found": 11,
        "came_since": 0,
        "left": 11,
        "pulled": 0,
        "used_since": 0,
        "otherwise": 0,
        "used": 0,
    }


def test_filters_find_recalls_by_state_class_item_and_lot(naloxone, level, logistics):
    take(record(), record("Z-2-2026", ndc="none", classification="Class II", lots="As marked"))

    def numbers(query):
        return [row["number"] for row in results(logistics.get(f"/recalls/?{query}"))]

    assert numbers("state=acting") == numbers("item=NAL") == numbers(f"lot={level.lot_id}") == [NUMBER]
    assert numbers("state=to_review") == numbers("classification=II") == ["Z-2-2026"]
    assert numbers("item=") == [NUMBER, "Z-2-2026"]
    assert numbers("item=NONE") == numbers("lot=0") == []
    for wrong in ("state=sold", "lot=x", "place=1"):
        problem(logistics.get(f"/recalls/?{wrong}"), 400, "invalid")
    assert results(logistics.get("/recalls/?item=NAL&fields=number,left")) == [{"number": NUMBER, "left": 4}]


def test_an_officer_reads_those_of_their_own_lots_and_what_is_left_with_them(division, naloxone, level):
    make.stock(division.warehouse, naloxone, on_hand=5, number="A17")
    take()
    officer, stranger, driver = Api(division.officer), Api(make.officer(make.station())), Api(division.driver)

    assert done(officer.get(f"{AT}/"))["left"] == 4
    assert [row["station"] for row in results(officer.get(f"{AT}/places/"))] == [division.station.code]
    problem(officer.get(f"{AT}/reckoning/"), 403, "permission_denied")
    for other in (stranger, driver):
        assert results(other.get("/recalls/")) == []
        for address in (f"{AT}/", f"{AT}/places/", f"{AT}/reckoning/"):
            problem(other.get(address), 404, "not_found")
    assert done(Api(division.chief).get(f"{AT}/"))["left"] == 9


def test_a_token_needs_the_scope_of_recalls(division, level):
    take()
    problem(Api(division.logistics, "stock:write").get("/recalls/"), 403, "scope_missing")
    reader = Api(division.logistics, "recalls:read")
    done(reader.get("/recalls/"))
    problem(reader.post(f"{AT}/dismiss/", {"reason": "x"}), 403, "scope_missing")


def test_the_change_feed_leads_to_it(division, level):
    take()
    told = results(Api(division.officer, "changes:read", "recalls:read").get("/changes/?kind=recall&limit=1000"))
    assert {one["resource"] for one in told} == {f"/api/v1{AT}/"}
    assert results(Api(division.officer, "changes:read", "stock:read").get("/changes/?kind=recall&limit=1000")) == []


# --- Take ------------------------------------------------------------------------------------------------------------


def test_a_file_of_openfda_is_taken_once_and_what_it_names_is_held(division, level, logistics):
    asked = as_json(record(), record("D-2-2026", ndc="none"))

    first = logistics.post("/recalls/take/", asked, key="a")

    assert done(first, 201) == {"new": 2, "changed": 0, "same": 0, "lots": 1, "to_review": 1}
    again = logistics.post("/recalls/take/", asked, key="a")
    assert (again["Idempotent-Replayed"], again.json()) == ("true", first.json())
    problem(logistics.post("/recalls/take/", as_json(record("D-3-2026")), key="a"), 422, "idempotency_key_reused")
    assert done(logistics.post("/recalls/take/", asked), 201)["same"] == 2
    assert Lot.objects.get().status == "recalled"


def test_fdas_xml_a_list_and_one_record_are_taken_too(logistics, shared):
    xml = (shared / "recalls" / "fda_recall_ndc-4-4-2.xml").read_bytes()
    for kind in ("application/xml", "text/xml"):
        assert done(sent(logistics, xml, kind), 201)["to_review"] in (0, 1)
    [one] = as_json(record())["results"]
    assert done(logistics.post("/recalls/take/", [one]), 201)["new"] == 1
    assert done(logistics.post("/recalls/take/", one), 201)["same"] == 1
    assert Recall.objects.count() == 2


@pytest.mark.parametrize("content", ["", "{", "[[]]", '{"results": [{"a": 1}]}', "[]", "7", b"\xff", "[" * 100_000])
def test_what_is_no_file_of_recalls_leaves_nothing(logistics, content):
    response = sent(logistics, content, "application/json")
    assert response.status_code == 422, response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert not Recall.objects.exists()
    assert not ApiCall.objects.exists()


def test_a_file_that_is_too_long_is_refused_and_another_format_is_not_read(logistics, settings):
    settings.EMS_RECALL_MB = 1
    problem(sent(logistics, b" " * 2_000_000, "application/json"), 422, "unreadable")
    problem(sent(logistics, b"a,b", "text/csv"), 415, "unsupported_media_type")
    most = [{"recall_number": f"D-{number}-2026", "product_description": "x"} for number in range(2_001)]
    problem(logistics.post("/recalls/take/", most), 422, "unreadable")


# --- Decide ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def vague(level):
    """A recall that a person must read, and that holds nothing."""
    take(record(ndc="none", lots="As marked"))
    return recall()


def test_a_person_names_its_lots_by_the_version_that_they_read(level, vague, logistics):
    read = logistics.get(f"{AT}/")
    assert (read["ETag"], read.json()["state"]) == (f'"v{vague.version}"', "to_review")
    asked = {"lots": [level.lot_id], "reason": "The box says so"}
    problem(logistics.post(f"{AT}/match/", asked, if_match=vague.version + 1), 412, "stale_edit")

    matched = logistics.post(f"{AT}/match/", asked, if_match=vague.version)

    one = done(matched)
    assert (one["state"], one["decision"], one["left"]) == ("acting", "The box says so", 4)
    assert (one["lots"][0]["how"], one["lots"][0]["status"]) == ("hand", "recalled")
    assert matched["ETag"] == f'"v{one["version"]}"'
    problem(logistics.post(f"{AT}/match/", asked | {"lots": [level.lot_id + 1]}), 422, "refused")
    problem(logistics.post(f"{AT}/match/", {"lots": [], "reason": " "}), 400, "invalid")


def test_it_is_not_ours_with_the_reason_unless_lots_are_held_for_it(vague, logistics):
    problem(logistics.post(f"{AT}/dismiss/", {"reason": "x"}, if_match=0), 412, "stale_edit")
    one = done(logistics.post(f"{AT}/dismiss/", {"reason": "Never bought"}, if_match=vague.version))
    assert (one["state"], one["decision"], one["version"]) == ("not_ours", "Never bought", vague.version + 1)
    take(record("D-2-2026"))
    held = problem(logistics.post("/recalls/D-2-2026/dismiss/", {"reason": "x"}), 422, "refused")
    assert "D-2-2026: 4 units" in held["errors"][0]["message"]


def test_many_are_dismissed_together_or_none(vague, logistics):
    take(record("D-2-2026", ndc="none", lots="As marked"))
    asked = {"recalls": [NUMBER, "D-2-2026"], "reason": "Nothing of that maker"}
    body = problem(logistics.post("/recalls/dismiss/", asked | {"recalls": [NUMBER, "D-9-2026"]}), 422, "invalid")
    assert body["errors"][0]["field"] == "recalls.1"
    assert recall().state == "to_review"

    assert done(logistics.post("/recalls/dismiss/", asked, key="a")) == {"dismissed": 2}

    assert logistics.post("/recalls/dismiss/", asked, key="a")["Idempotent-Replayed"] == "true"
    assert set(Recall.objects.values_list("state", flat=True)) == {"not_ours"}


def test_only_logistics_takes_and_decides(division, level):
    take()
    wanted = [
        ("/recalls/take/", as_json(record("D-7-2026"))),
        ("/recalls/dismiss/", {"recalls": [NUMBER], "reason": "x"}),
        (f"{AT}/dismiss/", {"reason": "x"}),
        (f"{AT}/match/", {"lots": [level.lot_id], "reason": "x"}),
    ]
    for person in (division.officer, division.chief, division.auditor):
        for address, body in wanted:
            problem(Api(person).post(address, body), 403, "permission_denied")
    stranger = Api(make.officer(make.station()))
    for address, body in wanted[2:]:
        problem(stranger.post(address, body), 404, "not_found")
    assert Recall.objects.get().decided_by is None


# --- Pull ------------------------------------------------------------------------------------------------------------


def pulled(level, quantity=4, **more):
    return {"location": level.location_id, "lines": [{"lot": level.lot_id, "quantity": quantity}]} | more


def test_what_is_pulled_goes_back_and_the_last_unit_closes_it(division, level):
    take(at=division.at)
    officer = Api(division.officer)
    problem(officer.post(f"{AT}/pull/", pulled(level, 5)), 422, "insufficient_stock")

    half = officer.post(f"{AT}/pull/", pulled(level, 3), key="a")

    assert (done(half)["state"], half.json()["left"]) == ("acting", 1)
    assert officer.post(f"{AT}/pull/", pulled(level, 3), key="a").json() == half.json()
    closed = done(officer.post(f"{AT}/pull/", pulled(level, 1, is_destroyed=True)))
    assert (closed["state"], closed["left"], closed["version"]) == ("closed", 0, half.json()["version"] + 1)
    moved = StockMovement.objects.filter(reason="pulled").order_by("pk")
    assert [(one.quantity, one.destination.kind, one.reference) for one in moved] == [
        (3, "supplier", NUMBER),
        (1, "discarded", NUMBER),
    ]
    assert done(Api(division.chief).get(f"{AT}/reckoning/"))["pulled"] == 4


def test_an_officer_pulls_at_their_own_stations_and_only_what_it_names(division, naloxone, level):
    far = make.stock(division.warehouse, naloxone, on_hand=5, number="A17")
    other = make.stock(division.station, make.item(), on_hand=5)
    take()
    officer, address = Api(division.officer), f"{AT}/pull/"

    unseen = problem(officer.post(address, pulled(far)), 422, "invalid")
    assert (unseen["errors"][0]["field"], unseen["errors"][0]["code"]) == ("location", "unknown")
    problem(officer.post(address, pulled(other)), 422, "refused")
    problem(Api(make.officer(make.station())).post(address, pulled(level)), 404, "not_found")
    reader = make.officer(division.station, read_only=True)
    for person in (reader, division.chief, division.auditor):
        problem(Api(person).post(address, pulled(level)), 403, "permission_denied")
    problem(Api(division.driver).post(address, pulled(level)), 404, "not_found")
    assert not StockMovement.objects.filter(reason="pulled").exists()
    assert done(Api(division.logistics).post(address, pulled(far, 5)))["left"] == 4


def test_a_scheduled_drug_is_pulled_before_a_witness_who_signs(division):
    fentanyl = make.item(name="Fentanyl", kind="medication", schedule="II", ndc=NDC)
    level = make.stock(make.safe(division.station), fentanyl, on_hand=4, number="A17")
    take()
    witness = make.officer(division.station)
    witness.set_password(PASSWORD)
    witness.save()
    officer, address = Api(division.officer), f"{AT}/pull/"
    assert "witness" in problem(officer.post(address, pulled(level)), 422, "refused")["detail"]
    wrong = pulled(level, witness=witness.username, witness_password="wrong")
    problem(officer.post(address, wrong), 422, "wrong_password")

    one = done(officer.post(address, wrong | {"witness_password": PASSWORD}))

    assert one["state"] == "closed"
    assert StockMovement.objects.get(reason="pulled").witness == witness
    assert Event.objects.get(verb="pulled").details["signed_with"] == "password"
    assert PASSWORD not in str([*ApiCall.objects.values(), *Event.objects.values()])
