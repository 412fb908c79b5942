"""Counts by the API: blind, by many people, a thousand lines at once, posted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import StockLevel
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division()
    for name in ("Gauze", "Tape"):
        make.stock(division.station, make.item(name=name, sku=name.upper()), on_hand=10)
    return division


@pytest.fixture
def api(division):
    return Api(division.officer)


def opened(api, division, **more):
    response = api.post("/counts/", {"location": make.room(division.station).pk} | more)
    assert response.status_code == 201, response.json()
    return response.json()


def lines_of(api, count):
    return {line["item"]: line for line in api.get(f"/counts/{count['id']}/lines/").json()["results"]}


def test_counted_finished_and_posted(division, api):
    count = opened(api, division)
    address = f"/counts/{count['id']}"
    assert (count["state"], count["line_count"], count["left"]) == ("open", 2, 2)
    lots = {sku: line["lot"] for sku, line in lines_of(api, count).items()}

    assert api.post(f"{address}/lines/", {"lot": lots["GAUZE"], "counted": 8}).json()["variance"] == -2
    problem(api.post(f"{address}/finish/"), 422, "refused")
    api.post(f"{address}/lines/bulk/", {"lines": [{"lot": lots["TAPE"], "counted": 10}]})
    make.item(sku="SPLINT")
    found = api.post(f"{address}/found/", {"item": "SPLINT", "lot_number": "S1", "counted": 3})
    assert found.json()["line_count"] == 3
    done = api.post(f"{address}/finish/", if_match=found.json()["version"])
    problem(api.post(f"{address}/post/", {}), 422, "refused")
    reasons = {"reasons": [{"lot": lots["GAUZE"], "reason": "two were torn"}], "reason_for_others": "not on the list"}
    posted = api.post(f"{address}/post/", reasons, if_match=done.json()["version"])

    assert (posted.status_code, posted.json()["state"]) == (200, "posted")
    assert lines_of(api, count)["GAUZE"]["reason"] == "two were torn"
    assert sorted(line["on_hand"] for line in api.get("/stock/").json()["results"]) == [3, 8, 10]


def test_who_counts_blind_does_not_see_what_is_expected(division, api):
    count = opened(api, division, is_blind=True)
    lot = lines_of(api, count)["GAUZE"]["lot"]
    line = api.post(f"/counts/{count['id']}/lines/", {"lot": lot, "counted": 8}).json()
    assert (line["counted"], line["expected"], line["variance"]) == (8, None, None)
    lines = [{"lot": one["lot"], "counted": 8, "seen": one["counted"]} for one in lines_of(api, count).values()]
    api.post(f"/counts/{count['id']}/lines/bulk/", {"lines": lines})
    api.post(f"/counts/{count['id']}/finish/")
    assert {line["expected"] for line in lines_of(api, count).values()} == {10}


def test_two_people_do_not_overwrite_each_other_and_wrong_lines_are_named(division, api):
    count = opened(api, division)
    address = f"/counts/{count['id']}/lines/"
    lots = [line["lot"] for line in lines_of(api, count).values()]
    api.post(address, {"lot": lots[0], "counted": 8})
    other = Api(make.officer(division.station))
    clash = {"lot": lots[0], "counted": 9}
    body = problem(other.post(address, clash), 409, "counted_meanwhile")
    assert body["errors"][0]["field"] == "seen"
    assert "counted 8, you 9" in body["errors"][0]["message"]
    body = problem(
        other.post(f"{address}bulk/", {"lines": [{"lot": lots[1], "counted": 1}, clash]}), 409, "counted_meanwhile"
    )
    assert body["errors"][0]["field"] == "lines.1.seen"
    body = problem(other.post(f"{address}bulk/", {"lines": [clash, {"lot": 10**9, "counted": 1}]}), 422, "invalid")
    assert [one["field"] for one in body["errors"]] == ["lines.1.lot"]
    body = problem(other.post(f"{address}bulk/", {"lines": [clash, clash]}), 422, "invalid")
    assert len(body["errors"]) == 2
    assert lines_of(api, count)["TAPE"]["counted"] is None


def test_given_up_with_a_reason_and_hidden_from_strangers(division, api):
    count = opened(api, division)
    stranger = Api(make.officer(make.station()))
    problem(stranger.get(f"/counts/{count['id']}/lines/"), 404, "not_found")
    problem(stranger.post(f"/counts/{count['id']}/cancel/", {"reason": "x"}), 404, "not_found")
    problem(Api(division.auditor).post(f"/counts/{count['id']}/cancel/", {"reason": "x"}), 403, "permission_denied")
    problem(api.post(f"/counts/{count['id']}/cancel/", {"reason": "fire"}, if_match=99), 412, "stale_edit")
    assert api.post(f"/counts/{count['id']}/cancel/", {"reason": "fire"}).json()["state"] == "cancelled"


def test_what_a_picker_did_not_find_is_counted_where_it_lies(division):
    api, place = Api(division.logistics), make.room(division.warehouse)
    level = make.stock(place, make.item(sku="SPLINT"), on_hand=9)
    make.stock(place, make.item(), on_hand=5)
    problem(api.post("/counts/unfound/", {"location": place.pk}), 422, "refused")
    StockLevel.objects.filter(pk=level.pk).update(allocated=4, unfound=4, unfound_at=division.at)
    [waits] = api.get("/stock/?is_unfound=true").json()["results"]
    assert (waits["item"], waits["allocated"], waits["unfound"]) == ("SPLINT", 4, 4)
    assert level.pk not in {row["id"] for row in api.get("/stock/?is_unfound=false").json()["results"]}

    begun = [api.post("/counts/unfound/", {"location": place.pk}, key="a") for _ in range(2)]

    assert [one.status_code for one in begun] == [200, 200]
    count = begun[0].json()
    assert (count["state"], count["is_spot"], count["line_count"], count["left"]) == ("open", True, 1, 1)
    assert api.post("/counts/unfound/", {"location": place.pk}).json()["id"] == count["id"], "it joins that count"
    assert list(lines_of(api, count)) == ["SPLINT"]
    problem(Api(division.chief).post("/counts/unfound/", {"location": place.pk}), 403, "permission_denied")
    stranger = Api(make.officer(make.station())).post("/counts/unfound/", {"location": place.pk})
    assert problem(stranger, 422, "invalid")["errors"][0]["field"] == "location"
    problem(Api(division.logistics, "counts:read").post("/counts/unfound/", {}), 403, "scope_missing")


def test_a_thousand_lines_take_as_many_statements_as_ten(division):
    item = make.item()
    place = make.room(division.station)
    for number in range(40):
        make.stock(place, item, number=f"L{number}")
    api = Api(division.officer)
    count = opened(api, division)
    lots = [line["lot"] for line in api.get(f"/counts/{count['id']}/lines/").json()["results"]]

    def asked(some):
        with CaptureQueriesContext(connection) as found:
            response = api.post(
                f"/counts/{count['id']}/lines/bulk/", {"lines": [{"lot": lot, "counted": 1} for lot in some]}
            )
        assert response.status_code == 200
        return len(found)

    assert asked(lots[:2]) == asked(lots[2:])
