"""Par levels by the API: one edited with its version, many set at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import ParLevel
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def level(division):
    return make.par(division.station, make.item(sku="GAUZE"), 100, 50, bin="A1")


@pytest.fixture
def api(division):
    return Api(division.chief)


def test_one_is_edited_with_the_version_that_was_read(division, level, api):
    address = f"/par-levels/{level.pk}/"
    problem(api.patch(address, {"par": 120}), 428, "if_match_missing")
    tag = api.get(address)["ETag"]

    edited = api.patch(address, {"par": 120, "short_below": 10}, if_match=tag)

    assert edited.status_code == 200
    assert (edited["ETag"], edited.json()["bin"]) == ('"v2"', "A1")
    assert (edited.json()["par"], edited.json()["minimum"], edited.json()["short_below"]) == (120, 50, 10)
    stale = problem(api.patch(address, {"par": 90}, if_match=tag), 412, "par_levels_changed")
    assert "made it par 120" in stale["errors"][0]["message"]
    body = problem(api.patch(address, {"par": 20}, if_match="*"), 422, "par_levels_refused")
    assert [one["field"] for one in body["errors"]] == ["minimum"]
    body = problem(api.patch(address, {"mandated_minimum": 60}, if_match="*"), 422, "par_levels_refused")
    assert [one["field"] for one in body["errors"]] == ["mandated_minimum"]
    assert api.patch(address, {"short_below": None, "bin": ""}, if_match="*").json()["short_below"] is None
    problem(Api(division.officer).patch(address, {"par": 1}, if_match="*"), 403, "permission_denied")
    problem(Api(make.officer(make.station())).patch(address, {"par": 1}, if_match="*"), 404, "not_found")


def test_many_are_set_and_what_is_not_said_stays(division, level, api):
    make.item(sku="TAPE")
    place = make.room(division.station).pk
    rows = [
        {"location": place, "item": "GAUZE", "par": 80, "minimum": 40, "version": 1},
        {"location": place, "item": "TAPE", "par": 10, "minimum": 5, "bin": "B2", "short_below": 2},
    ]

    made = api.post("/par-levels/bulk/", {"levels": rows}).json()["levels"]

    assert [(one["par"], one["minimum"], one["short_below"], one["bin"]) for one in made] == [
        (80, 40, None, "A1"),
        (10, 5, 2, "B2"),
    ]
    assert api.post("/par-levels/bulk/", {"levels": [{**rows[1], "version": 1}]}).json()["levels"] == []


def test_all_or_none_and_each_wrong_row_by_its_path(division, level, api):
    place = make.room(division.station).pk
    new = {"location": place, "item": make.item().sku, "par": 10, "minimum": 5}
    other = {"location": place, "item": make.item().sku, "par": 1, "minimum": 5}
    stale = {"location": place, "item": "GAUZE", "par": 80, "minimum": 40}

    def fields(rows, status, code):
        return [
            one["field"] for one in problem(api.post("/par-levels/bulk/", {"levels": rows}), status, code)["errors"]
        ]

    assert fields([new, other], 422, "par_levels_refused") == ["levels.1.minimum"]
    assert fields([new, stale], 409, "par_levels_changed") == ["levels.1.version"]
    assert fields([new, new], 422, "invalid") == ["levels.0.item", "levels.1.item"]
    assert fields([new, {**new, "item": "NONE"}], 422, "invalid") == ["levels.1.item"]
    assert fields([new, {**new, "location": 10**9}], 422, "invalid") == ["levels.1.location"]
    assert fields([new, {**new, "par": -1}], 400, "invalid") == ["levels.1.par"]
    assert ParLevel.objects.count() == 1
    problem(Api(division.officer).post("/par-levels/bulk/", {"levels": [new]}), 403, "permission_denied")


def test_a_thousand_take_as_many_statements_as_ten(division, api):
    place = make.room(division.station).pk
    skus = [make.item().sku for _ in range(60)]
    api.get("/items/")  # the use of the token is noted once a minute

    def asked(some):
        rows = [{"location": place, "item": sku, "par": 10, "minimum": 5} for sku in some]
        with CaptureQueriesContext(connection) as found:
            assert len(api.post("/par-levels/bulk/", {"levels": rows}).json()["levels"]) == len(some)
        return len(found)

    assert asked(skus[:5]) == asked(skus[5:])
