"""The division's travel times by the API: read, and set many at once, all or none, with what is wrong by row."""

import pytest

from orders.models import TravelTime
from stations.models import Event
from tests import make
from tests.api import Api, problem

pytestmark = pytest.mark.django_db
BULK = "/travel-times/bulk/"


@pytest.fixture
def stations():
    warehouse = make.warehouse(code="WH")
    return warehouse, make.station(code="ST1", supplied_by=warehouse), make.station(code="ST2", supplied_by=warehouse)


@pytest.fixture
def api(stations):
    return Api(make.logistics(), "runs:write")


def way(origin, destination, metres=5_000, seconds=600):
    return {"origin": origin, "destination": destination, "metres": metres, "seconds": seconds}


def done(response):
    assert response.status_code == 200, response.json()
    return response.json()


def kept():
    rows = TravelTime.objects.order_by("origin__code", "destination__code")
    return list(rows.values_list("origin__code", "destination__code", "metres", "seconds"))


def test_many_are_set_at_once_and_the_rest_stays(api):
    first = {"times": [way("WH", "ST1"), way("ST1", "WH", 5_100, 660)]}
    for _ in range(2):
        assert done(api.post(BULK, first, key="once")) == {"new": 2, "changed": 0, "same": 0}
    again = {"times": [way("WH", "ST1", 4_000, 500), way("ST1", "WH", 5_100, 660), way("WH", "ST2")]}
    assert done(api.post(BULK, again)) == {"new": 1, "changed": 1, "same": 1}

    assert kept() == [("ST1", "WH", 5_100, 660), ("WH", "ST1", 4_000, 500), ("WH", "ST2", 5_000, 600)]
    assert Event.objects.filter(verb="loaded travel times").count() == 2
    refused = problem(api.post(BULK, again), 422, "refused")
    assert "nothing to change" in refused["detail"]


def test_they_are_listed_from_and_to_a_station(api):
    done(api.post(BULK, {"times": [way("WH", "ST1"), way("ST1", "WH", 5_100, 660), way("WH", "ST2")]}))
    found = done(api.get("/travel-times/?origin=WH&limit=1"))
    assert [(one["destination"], one["metres"], one["seconds"]) for one in found["results"]] == [("ST1", 5_000, 600)]
    assert found["next"]
    assert [one["origin"] for one in done(api.get("/travel-times/?destination=WH"))["results"]] == ["ST1"]
    problem(api.get("/travel-times/?from=WH"), 400, "invalid")


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([way("WH", "ST1"), way("NONE", "ST1")], ["times.1.origin"]),
        ([way("WH", "ST1"), way("WH", "ST\n1")], ["times.1.destination"]),
        ([way("WH", "ST1"), way("ST1", "WH"), way("WH", "ST1")], ["times.0.destination", "times.2.destination"]),
        ([way("WH", "ST1"), way("ST2", "ST2")], ["times.1.destination"]),
    ],
    ids=["no such station", "no code", "twice", "to itself"],
)
def test_one_wrong_row_and_nothing_is_set(api, rows, fields):
    response = api.post(BULK, {"times": rows})
    assert response.status_code == 422, response.json()
    assert [error["field"] for error in response.json()["errors"]] == fields
    assert kept() == []


def test_a_way_takes_time_and_metres_are_whole(api):
    rows = [way("WH", "ST1", seconds=0), way("WH", "ST2", metres=1.5)]
    errors = problem(api.post(BULK, {"times": rows}), 400, "invalid")["errors"]
    assert [error["field"] for error in errors] == ["times.0.seconds", "times.1.metres"]


def test_they_are_of_logistics(stations):
    for person in (make.officer(stations[1]), make.driver(), make.chief(), make.auditor()):
        problem(Api(person).get("/travel-times/"), 403, "permission_denied")
        problem(Api(person).post(BULK, {"times": [way("WH", "ST1")]}), 403, "permission_denied")
    problem(Api(make.logistics(), "runs:read").post(BULK, {"times": [way("WH", "ST1")]}), 403, "scope_missing")
    assert kept() == []
