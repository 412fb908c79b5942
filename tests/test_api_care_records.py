"""Patient-care records by the API: what waits and why, and what logistics does about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.actions.mapping import map_code
from integrations.models import ApiCall, CallSign, CareCode, CareRecord, CareUse
from inventory.models import StockMovement
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.records import dataset, medication, procedure, record, take

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"
WHO_MAY_NOT = [("chief", 403), ("auditor", 403), ("officer", 404), ("driver", 404)]


class Scene:
    """A unit M7 with five naloxone aboard, and a record that gave one."""

    def __init__(self, *, schedule: str = "") -> None:
        self.station = make.station()
        self.unit = make.unit(self.station, code="M7")
        self.naloxone = make.item(name="Naloxone", sku="NAL", kind="medication", schedule=schedule)
        expires_on = timezone.localdate() + timedelta(days=90)
        make.stock(self.unit.location, self.naloxone, on_hand=5, number="A", expires_on=expires_on)
        self.person = make.logistics()
        self.api = Api(self.person, "usage:write")

    def comes(self, *groups: str, **how: Any) -> CareRecord:
        take(dataset(record(*(groups or (medication(),)), **how)), at=timezone.now())
        return CareRecord.objects.latest("pk")

    def map(self, item: Any = None, **how: Any) -> CareCode:
        code = CareCode.objects.get_or_create(code="7242", defaults={"system": "rxnorm"})[0]
        given: dict[str, Any] = {"by": self.person, "at": timezone.now(), "request_id": make.rid()}
        return map_code(code=code, item=item or self.naloxone, version=code.version, **given, **how)

    @property
    def left(self) -> int:
        return make.on_hand(self.unit.location, self.naloxone)


@pytest.fixture
def scene():
    return Scene()


def done(response: Any) -> Any:
    assert response.status_code == 200, response.json()
    return response.json()


def results(response: Any) -> Any:
    return done(response)["results"]


# --- What waits ------------------------------------------------------------------------------------------------------


def test_what_waits_is_found_and_says_for_what(scene):
    scene.map()
    scene.comes(number="DONE")
    waits = scene.comes(medication("296"), number="WAITS")
    scene.comes(number="ELSEWHERE", unit="Medic Seven")

    def numbers(query: str) -> list[str]:
        return [row["number"] for row in results(scene.api.get(f"/care-records/?{query}"))]

    assert numbers("is_waiting=true") == ["WAITS", "ELSEWHERE"]
    assert numbers("is_waiting=false") == numbers("unit=M7&is_waiting=false") == ["DONE"]
    assert numbers("is_corrected=true") == []
    problem(scene.api.get("/care-records/?is_waiting=yes"), 400, "invalid")
    one = done(scene.api.get(f"/care-records/{waits.pk}/"))
    assert (one["waiting"], one["digest"], [use["state"] for use in one["uses"]]) == (1, waits.digest, ["unmapped"])
    assert done(scene.api.get("/care-records/waiting/")) == {"records": 2, "codes": 1, "units": 1, "corrected": 0}


@pytest.mark.parametrize(("role", "status"), [("chief", 200), ("auditor", 200), ("officer", 403), ("driver", 403)])
def test_how_much_waits_is_for_those_who_read_all(scene, role, status):
    assert Api(make.person(role), "usage:read").get("/care-records/waiting/").status_code == status


# --- Steps -----------------------------------------------------------------------------------------------------------


def test_what_came_aboard_since_is_booked_by_trying_again(scene):
    scene.map(quantity=7)
    waits = scene.comes()
    assert (CareUse.objects.get().state, scene.left) == ("short", 0)
    make.stock(scene.unit.location, scene.naloxone, on_hand=4, number="B")

    first = scene.api.post(f"/care-records/{waits.pk}/try-again/", key="a")
    again = scene.api.post(f"/care-records/{waits.pk}/try-again/", key="a")

    assert (done(first)["uses"][0]["state"], first.json()["waiting"]) == ("used", 0)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert scene.left == 2


def test_a_scheduled_drug_is_booked_before_a_witness_who_signs():
    scene = Scene(schedule="II")
    scene.map()
    waits = scene.comes()
    at = f"/care-records/{waits.pk}/witness/"
    witness = make.officer(scene.station)
    witness.set_password(PASSWORD)
    witness.save()
    signed = {"witness": witness.username, "witness_password": PASSWORD}

    assert [one["field"] for one in problem(scene.api.post(at), 400, "invalid")["errors"]] == [
        "witness",
        "witness_password",
    ]
    problem(scene.api.post(at, {**signed, "witness": scene.person.username}), 422, "invalid")
    problem(scene.api.post(at, {**signed, "witness": make.officer(make.station()).username}), 422, "invalid")
    problem(scene.api.post(at, {**signed, "witness_password": "wrong"}), 422, "wrong_password")
    assert scene.left == 5
    one = done(scene.api.post(at, signed))

    assert (one["uses"][0]["state"], scene.left) == ("used", 4)
    assert StockMovement.objects.get(reason="used").witness == witness
    assert PASSWORD not in ApiCall.objects.get().answer
    assert "Nothing of this record waits" in problem(scene.api.post(at, signed), 422, "refused")["detail"]


def test_nobody_witnesses_for_a_unit_that_is_not_known():
    scene = Scene(schedule="II")
    scene.map()
    waits = scene.comes(unit="Medic Seven")
    asked = {"witness": make.logistics().username, "witness_password": "x"}
    found = problem(scene.api.post(f"/care-records/{waits.pk}/witness/", asked), 422, "refused")
    assert "which unit" in found["detail"]


@pytest.mark.parametrize(("takes_added", "state", "left"), [(True, "used", 3), (False, "not_counted", 4)])
def test_a_corrected_record_is_settled_as_it_was_read(scene, takes_added, state, left):
    scene.map()
    before = scene.comes().digest
    scene.comes(medication(), medication())
    [one] = results(scene.api.get("/care-records/?is_corrected=true"))
    at = f"/care-records/{one['id']}/settle/"
    assert [use["state"] for use in one["uses"]] == ["used", "added"]
    problem(scene.api.post(at, {"seen": one["digest"]}), 400, "invalid")
    problem(scene.api.post(at, {"seen": before, "takes_added": takes_added}), 409, "stale_edit")

    settled = done(scene.api.post(at, {"seen": one["digest"], "takes_added": takes_added}))

    assert (settled["is_corrected"], settled["uses"][1]["state"], scene.left) == (False, state, left)


def test_a_use_that_waits_is_left_out_with_the_reason(scene):
    waits = scene.comes()
    other = scene.comes(number="R2").uses.get()
    at = f"/care-records/{waits.pk}/leave-out/"
    asked = {"use": waits.uses.get().pk, "reason": "entered by hand"}
    [wrong] = problem(scene.api.post(at, {**asked, "use": other.pk}), 422, "invalid")["errors"]
    assert wrong["field"] == "use"
    problem(scene.api.post(at, {**asked, "reason": " "}), 400, "invalid")

    one = done(scene.api.post(at, asked))

    assert [(use["state"], use["why"]) for use in one["uses"]] == [("not_counted", "left_out")]
    assert Event.objects.get(verb="left out").comment == "entered by hand"
    problem(scene.api.post(at, asked), 422, "refused")


@pytest.mark.parametrize(("role", "status"), WHO_MAY_NOT)
def test_only_logistics_takes_steps(scene, role, status):
    waits, api = scene.comes(), Api(make.person(role), "usage:write")
    bodies = {
        "try-again": {},
        "witness": {"witness": scene.person.username, "witness_password": PASSWORD},
        "settle": {"seen": waits.digest, "takes_added": True},
        "leave-out": {"use": waits.uses.get().pk, "reason": "counted"},
    }
    for step, body in bodies.items():
        assert api.post(f"/care-records/{waits.pk}/{step}/", body).status_code == status, step
    code, sign = CareCode.objects.get(), CallSign.objects.get()
    assert api.post(f"/care-codes/{code.pk}/map/", {"item": "NAL"}).status_code == status
    assert api.post(f"/call-signs/{sign.pk}/map/", {"unit": "M7"}).status_code == status
    assert CareUse.objects.get().state == "unmapped"
    problem(Api(scene.person, "usage:read").post(f"/care-records/{waits.pk}/try-again/"), 403, "scope_missing")


# --- Codes and call signs --------------------------------------------------------------------------------------------


def test_a_code_that_waits_is_mapped_and_what_waited_is_booked(scene):
    scene.comes(procedure(attempts="2"), medication("296"))
    scene.map()
    assert [one["code"] for one in results(scene.api.get("/care-codes/?is_waiting=false"))] == ["7242"]
    [code] = results(scene.api.get("/care-codes/?is_waiting=true&system=snomed"))
    at = f"/care-codes/{code['id']}/"
    assert (code["system"], code["code"], code["item"], code["waiting"]) == ("snomed", "392230005", None, 1)
    assert scene.api.get(at)["ETag"] == '"v1"'

    mapped = done(scene.api.post(f"{at}map/", {"item": "NAL", "is_per_attempt": True}, if_match=1))

    assert (mapped["item"], mapped["is_per_attempt"], mapped["waiting"], scene.left) == ("NAL", True, 0, 3)
    problem(scene.api.post(f"{at}map/", {"item": "NAL"}, if_match=1), 412, "stale_edit")
    assert [one["code"] for one in results(scene.api.get("/care-codes/?item=NAL"))] == ["392230005", "7242"]


def test_a_code_that_uses_nothing_is_said_so_in_so_many_words(scene):
    scene.comes()
    at = f"/care-codes/{CareCode.objects.get().pk}/map/"
    problem(scene.api.post(at, {}), 400, "invalid")
    for wrong in ({"item": "NONE"}, {"item": "NAL", "quantity": 0}, {"item": "NAL", "quantity": 1001}):
        assert scene.api.post(at, wrong).json()["errors"], wrong
    one = done(scene.api.post(at, {"item": None}))
    assert (one["item"], one["uses_nothing"]) == (None, True)
    assert (CareUse.objects.get().why, scene.left) == ("nothing", 5)


def test_a_call_sign_that_waits_is_told_and_what_waited_is_booked(scene):
    scene.map()
    scene.comes(unit="Medic Seven")
    [sign] = results(scene.api.get("/call-signs/?is_waiting=true"))
    at = f"/call-signs/{sign['id']}/map/"
    assert (sign["text"], sign["unit"], sign["waiting"]) == ("Medic Seven", None, 1)
    van = make.van(scene.station)
    assert problem(scene.api.post(at, {"unit": "none"}), 422, "invalid")["errors"][0]["field"] == "unit"
    problem(scene.api.post(at, {"unit": van.code}), 422, "refused")

    told = done(scene.api.post(at, {"unit": "M7"}))

    assert (told["unit"], told["waiting"], scene.left) == ("M7", 0, 4)
    assert results(scene.api.get("/call-signs/?unit=M7&is_waiting=false")) == [told]


@pytest.mark.parametrize(("role", "seen"), [("chief", 1), ("auditor", 1), ("officer", 0), ("driver", 0)])
def test_who_reads_all_reads_codes_and_call_signs(scene, role, seen):
    scene.comes()
    api = Api(make.person(role), "usage:read")
    for noun in ("care-codes", "call-signs"):
        assert len(results(api.get(f"/{noun}/"))) == seen
