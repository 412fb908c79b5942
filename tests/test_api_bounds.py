"""What no column could keep is refused, never a broken page; and nobody reaches what is another station's."""

import json
import re
from uuid import uuid4

import pytest
from django.urls import get_resolver

from integrations.models import ApiCall
from inventory.actions import counts
from inventory.models import StockMovement
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.flow import Division
from tests.recalls import NDC, recall, take
from tests.test_auditor import everything, patterns_of

pytestmark = pytest.mark.django_db
HUGE = 10**30


@pytest.fixture
def division():
    division = Division()
    make.unit(division.station, code="M1")
    item = make.item(sku="GAUZE")
    make.par(division.station, item, par=100)
    make.stock(division.station, item, on_hand=10)
    make.stock(division.warehouse, item, on_hand=500)
    make.stock(division.station, make.item(ndc=NDC), number="A17")
    take()
    division.delivered({item.pk: 50})
    division.approved({item.pk: 10})
    counts.open_count(location=make.room(division.station), **division.by(division.officer))
    return division


def use(**more):
    return {"unit": "M1", "reference": "26-1", "lines": [{"item": "GAUZE", "quantity": 1}]} | more


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (use(lines=[{"item": "GAUZE", "quantity": HUGE}]), "lines.0.quantity"),
        (use(lines=[{"item": "GAUZE", "quantity": -1}]), "lines.0.quantity"),
        (use(lines=[{"item": "GAUZE", "quantity": 1.5}]), "lines.0.quantity"),
        (use(lines=[{"item": "GAUZE", "quantity": True}]), "lines.0.quantity"),
        (use(lines=[{"item": "GAUZE", "quantity": "1"}]), "lines.0.quantity"),
        (use(lines=[{"item": "GAUZE", "quantity": 1, "lot": 2**63}]), "lines.0.lot"),
        (use(lines=[{"item": 7, "quantity": 1}]), "lines.0.item"),
        (use(lines=[{"item": "G" * 41, "quantity": 1}]), "lines.0.item"),
        (use(lines=[{"item": "\u2003", "quantity": 1}]), "lines.0.item"),
        (use(lines=[]), "lines"),
        (use(lines=[{"item": "GAUZE", "quantity": 1}] * 1001), "lines"),
        (use(reference="x" * 61), "reference"),
        (use(reference="x" + " " * 60), "reference"),
        (use(unit=["M1"]), "unit"),
    ],
)
def test_what_fits_no_column_is_named(division, body, field):
    found = problem(Api(division.officer).post("/usage/", body), 400, "invalid")
    assert found["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "content",
    [
        '{"unit": "M\\u0000"}',
        '{"unit": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"unit": ' + "[" * 40 + "]" * 40 + "}",
        "[" * 100_000,
        '{"unit": 1e999}',
        '{"unit": NaN}',
        '{"unit": ' + "9" * 5000 + "}",
        b'{"unit": "\xff"}',
    ],
)
def test_what_is_no_text_or_too_deep_is_refused(division, content):
    api = Api(division.officer)
    headers = {"Authorization": f"Bearer {api.text}", "Idempotency-Key": str(uuid4())}
    response = api.client.post("/api/v1/usage/", content, content_type="application/json", headers=headers)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert not ApiCall.objects.exists()


def test_a_body_of_many_megabytes_is_not_read(division):
    body = use(reference="x" * 3_000_000)
    problem(Api(division.officer).post("/usage/", body), 413, "too_long")


@pytest.mark.parametrize("day", ["1969-12-31", "2200-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_outside_of_every_calendar_is_refused(division, day):
    api, lines = Api(division.officer), [{"item": "GAUZE", "quantity": 1, "lot_number": "A", "expires_on": day}]
    body = problem(api.post("/movements/receive/", {"station": division.station.code, "lines": lines}), 422, "invalid")
    assert body["errors"][0]["field"] == "lines.0.expires_on"
    asked = {
        "station": division.station.code,
        "lines": [{"item": "GAUZE", "quantity": 1}],
        "needed_by": f"{day}T00:00:00Z",
    }
    assert problem(api.post("/orders/", asked), 422, "invalid")["errors"][0]["field"] == "needed_by"


@pytest.mark.parametrize("pk", ["0", "9" * 18, "9" * 19, "9" * 400, "-1", "%00", "%ED%A0%80", "1.0", "٣"])
def test_an_id_that_there_cannot_be_is_not_found(division, pk):
    api = Api(division.logistics)
    for noun in ("orders", "stock", "stations", "units", "items", "counts"):
        problem(api.get(f"/{noun}/{pk}/"), 404, "not_found")


def test_a_filter_says_which_values_it_takes(division):
    api = Api(division.logistics)
    for wrong in (
        "is_blind=yes",
        "is_blind=",
        "state=",
        f"location={2**63}",
        "location=x",
        "until=2026",
        "until=20260101",
    ):
        noun = "metrics/days" if wrong.startswith("until") else "counts"
        assert problem(api.get(f"/{noun}/?{wrong}"), 400, "invalid")["errors"][0]["code"]
    problem(api.get("/orders/1/?limit=1"), 400, "invalid")
    assert api.get("/items/?gtin=%00").status_code in (200, 400)


def test_an_address_that_there_is_not_is_a_problem_too(division):
    problem(Api(division.logistics).get("/ordrs/"), 404, "not_found")
    problem(Api(division.logistics).post("/orders", {}), 404, "not_found")


def addresses() -> list[str]:
    """Every address of the API below a thing's own, with a place for its id or code."""
    routes = [
        str(one.pattern)
        for one in patterns_of(get_resolver().url_patterns)
        if str(one.name).startswith("api_") and "(?P<" in str(one.pattern)
    ]
    return [re.sub(r"\(\?P<\w+>[^)]*\)", "{}", route).strip("^$") for route in routes]


# The catalogue, and what goes by role alone, of no station: others test who may.
EVERYBODYS = {"items", "policies", "targets", "par-reviews", "sweeps", "ledger-checks", "planner"}


def test_an_officer_of_one_station_reaches_nothing_of_another(division):
    """Every address, with the id of everything that there is, read and sent to."""
    stranger = make.officer(mine := make.station())
    api, all_of, before = Api(stranger), Api(division.logistics), None
    codes = {
        "stations": [division.station.code, division.warehouse.code],
        "units": ["M1", division.van.code],
        "recalls": [recall().number],
        "waves": [run["id"] for run in all_of.get("/runs/").json()["results"]],
    }
    walked = 0
    api.get(f"/stations/{mine.code}/")
    for address in addresses():
        noun = address.partition("/")[0]
        if noun in EVERYBODYS:
            continue
        for key in codes.get(noun) or [row["id"] for row in all_of.get(f"/{noun}/").json()["results"]]:
            path = "/" + address.format(key)
            before = before or everything()
            assert api.get(path).status_code in (403, 404, 405), path
            answer = api.post(path, {"reason": "x", "handed_to": "x", "driver": "x", "totes": 1, "resolution": "lost"})
            assert answer.status_code in (400, 403, 404, 405, 422), path
            walked += 1
    assert walked > 50
    assert everything() == before
    assert not Event.objects.filter(command__by=stranger).exists()
    assert not StockMovement.objects.filter(moved_by=stranger).exists()


def test_ids_of_another_station_in_a_body_are_unknown(division):
    mine = make.station()
    api, room, theirs = Api(make.officer(mine)), make.room(mine).pk, make.room(division.station).pk
    lot = StockMovement.objects.filter(destination=theirs)[0].lot_id
    for path, body in (
        ("/usage/", {"location": theirs, "lines": [{"item": "GAUZE", "quantity": 1}]}),
        ("/movements/move/", {"source": theirs, "destination": room, "lines": [{"lot": lot, "quantity": 1}]}),
        ("/movements/move/", {"source": room, "destination": theirs, "lines": [{"lot": lot, "quantity": 1}]}),
        ("/movements/discard/", {"location": theirs, "reason": "damaged", "lines": [{"lot": lot, "quantity": 1}]}),
        ("/counts/", {"location": theirs}),
        (
            "/movements/bulk/",
            {"movements": [{"kind": "move", "source": theirs, "destination": room, "lot": lot, "quantity": 1}]},
        ),
    ):
        body = problem(api.post(path, body), 422, "invalid")
        assert "that you may see" in json.dumps(body["errors"])
    for path, body in (
        ("/usage/", use()),
        ("/units/M1/restock/", {"lines": [{"item": "GAUZE", "quantity": 1}]}),
        ("/movements/receive/", {"station": division.station.code, "lines": [{"item": "GAUZE", "quantity": 1}]}),
        ("/orders/", {"station": division.station.code, "lines": [{"item": "GAUZE", "quantity": 1}]}),
    ):
        problem(api.post(path, body), 404, "not_found")


def test_a_code_is_not_longer_with_the_blanks_around_it_either(division):
    api = Api(division.logistics)
    assert problem(api.get("/codes/?code=GAUZE" + "%09" * 500), 400, "invalid")["errors"][0]["field"] == "code"
    assert api.get("/codes/?code=%20GAUZE%20").status_code == 200
