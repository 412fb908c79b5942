"""What a person was told, by the API: read, noted as seen once, and taken back."""

import pytest

from dashboard.actions.telling import tell_events
from dashboard.models import Notice
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division()
    gauze = make.item(name="Gauze")
    make.par(division.station, gauze, par=1000)
    make.stock(division.warehouse, gauze, on_hand=500)
    for _ in range(3):
        division.approved({gauze.pk: 5})
    tell_events(at=division.at)
    return division


@pytest.fixture
def officer(division):
    return Api(division.officer, "notices:write")


def done(response):
    assert response.status_code == 200, response.json()
    return response.json()


def told(api, query=""):
    return done(api.get(f"/notices/{query}"))["results"]


def test_notices_are_told_in_words_and_seen_one_by_one(division, officer):
    first, *rest = told(officer, "?kind=approved")
    assert (first["station"], first["seen_at"]) == (division.station.code, None)
    assert "is approved in full" in first["text"]
    assert first["target"].startswith("/requests/")
    seen = done(officer.post(f"/notices/{first['id']}/see/"))
    assert seen["seen_at"]
    assert done(officer.post(f"/notices/{first['id']}/see/")) == seen, "when it was first seen stays"
    assert [one["id"] for one in told(officer, "?is_new=true")] == [one["id"] for one in rest]
    assert done(officer.get(f"/notices/{first['id']}/")) == seen


def test_all_up_to_one_are_seen_and_new_again(officer):
    first, second, third = (one["id"] for one in told(officer))
    done(officer.post(f"/notices/{first}/see/"))
    answer = done(officer.post("/notices/see/", {"up_to": second}))
    assert answer["seen"] == 1
    assert [one["id"] for one in told(officer, "?is_new=true")] == [third]
    assert [one["seen_at"] for one in told(officer)][1] == answer["seen_at"]
    for count in (1, 0):
        assert done(officer.post("/notices/unsee/", {"seen_at": answer["seen_at"]})) == {"unseen": count}
    assert [one["id"] for one in told(officer, "?is_new=true")] == [second, third]


def test_nobody_sees_or_marks_what_another_was_told(division, officer):
    newest = told(officer)[-1]["id"]
    for person in (make.officer(division.station), make.officer(), division.logistics):
        api = Api(person)
        assert told(api, "?kind=approved") == []
        problem(api.get(f"/notices/{newest}/"), 404, "not_found")
        problem(api.post(f"/notices/{newest}/see/"), 404, "not_found")
        done(api.post("/notices/see/", {"up_to": newest}))
    assert not Notice.objects.filter(person=division.officer).exclude(seen_at=None).exists()


def test_who_is_told_of_nothing_has_no_notices_and_a_token_needs_the_scope(division):
    auditor = Api(division.auditor)
    problem(auditor.get("/notices/"), 403, "permission_denied")
    problem(auditor.post("/notices/see/", {"up_to": 1}), 403, "permission_denied")
    problem(Api(division.officer, "orders:write").get("/notices/"), 403, "scope_missing")
    problem(Api(division.officer, "notices:read").post("/notices/see/", {"up_to": 1}), 403, "scope_missing")
    problem(Api(division.officer).post("/notices/unsee/", {"seen_at": "yesterday"}), 400, "invalid")
