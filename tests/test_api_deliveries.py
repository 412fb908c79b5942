"""How what was approved comes, by the API: picked, packed, sent, handed over, received, and what went missing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.actions.snapshots import snapshot_metrics
from inventory.models import StockLevel
from orders.actions.transfers import propose_transfers
from orders.models import Shipment, Stop
from tests import make
from tests.api import Api, problem
from tests.flow import Division
from tests.transfers import Neighbours

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division(at=timezone.now())
    item = make.item(name="Gauze", sku="GAUZE")
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500, number="A")
    make.stock(division.warehouse, item, on_hand=500, number="B")
    division.approved({item.pk: 40})
    return division


@pytest.fixture
def logistics(division):
    return Api(division.logistics)


def done(response, status=200):
    assert response.status_code == status, response.json()
    return response.json()


def packed(division, logistics):
    shipment = logistics.get("/shipments/").json()["results"][0]
    address = f"/shipments/{shipment['id']}"
    done(logistics.post(f"{address}/start-picking/"))
    line = shipment["lines"][0]
    done(logistics.post(f"{address}/pick/", {"lines": [{"id": line["id"], "quantity": 40}]}))
    return done(logistics.post(f"{address}/pack/", {"totes": 2}))


def planned(division, logistics):
    asked = {
        "depot": division.warehouse.code,
        "van": division.van.code,
        "leaves_at": (timezone.now() + timedelta(hours=2)).isoformat(),
        "stations": [division.station.code],
    }
    return done(logistics.post("/runs/", asked), 201)


def test_from_the_shelf_to_the_station(division, logistics):
    shipment = packed(division, logistics)
    run = planned(division, logistics)
    assert run["stops"][0]["station"] == division.station.code
    address = f"/runs/{run['id']}"
    run = done(
        logistics.post(f"{address}/assign-driver/", {"driver": division.driver.username}, if_match=run["version"])
    )
    driver = Api(division.driver)
    run = done(driver.post(f"{address}/load/", if_match=run["version"]))
    problem(driver.post(f"{address}/dispatch/"), 403, "permission_denied")
    run = done(logistics.post(f"{address}/dispatch/", if_match=run["version"]))
    stop = f"/stops/{run['stops'][0]['id']}"
    assert done(driver.post(f"{stop}/arrive/"))["state"] == "arrived"
    assert done(driver.post(f"{stop}/deliver/", {"handed_to": "Lee"}))["handed_to"] == "Lee"
    officer = Api(division.officer)
    address_of_it = f"/shipments/{shipment['id']}/receive/"
    line = {"id": shipment["lines"][0]["id"], "accepted": 35, "damaged": 3, "missing": 2}
    problem(officer.post(address_of_it, {"lines": [line]}), 422, "refused")
    received = done(officer.post(address_of_it, {"lines": [line | {"reason": "a tote was crushed"}]}))
    assert (received["state"], received["lines"][0]["accepted"]) == ("received", 35)
    assert done(driver.post(f"{address}/complete/"))["state"] == "completed"
    assert make.on_hand(division.station, StockLevel.objects.all()[0].lot.item) == 35


def test_what_is_missing_is_settled_once_by_logistics(division, logistics):
    test_from_the_shelf_to_the_station(division, logistics)
    officer = Api(division.officer)
    found = officer.get("/discrepancies/?is_open=true&kind=missing").json()["results"]
    assert [one["quantity"] for one in found] == [2]
    address, asked = f"/discrepancies/{found[0]['id']}/settle/", {"resolution": "found", "reason": "under the bench"}
    problem(officer.post(address, asked), 403, "permission_denied")
    problem(Api(make.officer(make.station())).post(address, asked), 404, "not_found")
    problem(Api(division.driver).post(address, asked), 403, "permission_denied")
    assert done(logistics.post(address, asked))["resolution"] == "found"
    problem(logistics.post(address, asked), 422, "wrong_state")
    assert (
        officer.get("/discrepancies/?is_open=false").json()["results"][0]["settled_by"] == division.logistics.username
    )
    assert Api(division.driver).get("/discrepancies/").json()["results"] == []


def test_another_lot_or_less_needs_a_reason_and_a_packed_shipment_opens_again(division, logistics):
    shipment = logistics.get("/shipments/").json()["results"][0]
    address, line = f"/shipments/{shipment['id']}", shipment["lines"][0]
    done(logistics.post(f"{address}/start-picking/"))
    other = StockLevel.objects.exclude(pk=line["level"]).get(location=make.room(division.warehouse)).pk
    swap = {"line": line["id"], "level": other}
    problem(logistics.post(f"{address}/take-other-lot/", swap), 400, "invalid")
    swapped = done(logistics.post(f"{address}/take-other-lot/", swap | {"reason": "A is buried"}))
    assert [one["level"] for one in swapped["lines"]] == [other]
    less = {"lines": [{"id": swapped["lines"][0]["id"], "quantity": 30}]}
    problem(logistics.post(f"{address}/pick/", less), 422, "refused")
    problem(logistics.post(f"{address}/pick/", less | {"reason": "box empty"}, if_match=1), 412, "stale_edit")
    picked = done(logistics.post(f"{address}/pick/", less | {"reason": "box empty"}, if_match=swapped["version"]))
    assert [one["quantity"] for one in picked["lines"]] == [30]
    done(logistics.post(f"{address}/pack/", {"totes": 1}))
    assert done(logistics.post(f"{address}/reopen/", {"reason": "wrong tote"}))["state"] == "picking"
    problem(Api(division.officer).post(f"{address}/pack/", {"totes": 1}), 403, "permission_denied")
    strange = done(logistics.get(f"{address}/"))["lines"][0]["id"] + 1
    body = problem(
        logistics.post(f"{address}/take-other-lot/", swap | {"reason": "x", "line": strange}), 422, "invalid"
    )
    assert body["errors"][0]["field"] == "line"


def test_a_run_is_planned_reordered_missed_and_called_off(division, logistics):
    packed(division, logistics)
    wrong = {"depot": "NONE", "van": division.van.code, "leaves_at": "2030-01-01T08:00:00Z", "stations": ["X"]}
    assert problem(logistics.post("/runs/", wrong), 422, "invalid")["errors"][0]["field"] == "depot"
    wrong["depot"] = division.warehouse.code
    assert problem(logistics.post("/runs/", wrong), 422, "invalid")["errors"][0]["field"] == "stations.0"
    problem(Api(division.officer).post("/runs/", wrong), 403, "permission_denied")
    run = planned(division, logistics)
    address = f"/runs/{run['id']}"
    assert (
        done(logistics.post(f"{address}/reorder/", {"stations": [division.station.code]}))["version"]
        == run["version"] + 1
    )
    problem(logistics.post(f"{address}/assign-driver/", {"driver": division.officer.username}), 422, "invalid")
    done(logistics.post(f"{address}/assign-driver/", {"driver": division.driver.username}))
    done(logistics.post(f"{address}/dispatch/"))
    problem(logistics.post(f"{address}/cancel/", {"reason": "snow"}), 422, "wrong_state")
    stop = Stop.objects.get().pk
    problem(logistics.post(f"/stops/{stop}/collect/", {"given_by": "Lee"}), 422, "refused")
    assert done(logistics.post(f"/stops/{stop}/miss/", {"reason": "road closed"}))["state"] == "missed"
    done(logistics.post(f"{address}/complete/"))
    assert Shipment.objects.get().state == "packed"


def test_a_transfer_is_accepted_put_on_a_run_and_collected(division, logistics):
    two = Neighbours(at=timezone.now())
    propose_transfers(at=two.at)
    run = two.run_to(two.donor, two.receiver)
    [proposed] = Api(two.giver).get("/transfers/").json()["results"]
    assert Api(division.officer).get("/transfers/").json()["results"] == []
    asked = {name: proposed[name] for name in ("item", "donor", "receiver", "quantity")}
    problem(Api(two.giver).post("/transfers/accept/", {"transfers": [asked]}), 403, "permission_denied")
    problem(logistics.post("/transfers/accept/", {"transfers": [asked | {"item": "NONE"}]}), 422, "invalid")
    problem(logistics.post("/transfers/accept/", {"transfers": [asked | {"quantity": 10_000}]}), 422, "refused")

    [order] = done(logistics.post("/transfers/accept/", {"transfers": [asked]}), 201)["orders"]

    assert (order["kind"], order["source"], order["station"]) == ("transfer", two.donor.code, two.receiver.code)
    shipment = done(logistics.get(f"/shipments/?source={two.donor.code}"))["results"][0]
    done(logistics.post(f"/shipments/{shipment['id']}/choose-run/", {"run": run.pk}))
    done(logistics.post(f"/runs/{run.pk}/dispatch/"))
    stop = run.stops.get(station=two.donor).pk
    line = {"id": shipment["lines"][0]["id"], "quantity": proposed["quantity"] - 1}
    collected = {"given_by": "Kim", "lines": [line], "reason": "one was open"}
    assert done(Api(two.driver).post(f"/stops/{stop}/collect/", collected))["handed_to"] == "Kim"


def test_the_figures_are_those_of_the_chiefs_page_and_each_day_is_a_row(division):
    chief = Api(division.chief)
    now = done(chief.get("/metrics/"))
    assert {one["slug"] for one in now["figures"]} >= {"ready-stations", "line-fill", "stock-outs"}
    of_one = done(chief.get(f"/metrics/?station={division.station.code}"))
    out = next(one for one in of_one["figures"] if one["slug"] == "stock-outs")
    assert (out["number"], out["target"], out["is_met"]) == (100.0, 1.0, False)
    problem(chief.get("/metrics/?station=NONE"), 404, "not_found")
    problem(chief.get("/metrics/?limit=1"), 400, "invalid")
    problem(Api(division.officer).get("/metrics/"), 403, "permission_denied")
    snapshot_metrics(at=timezone.now())
    today = timezone.localdate().isoformat()
    rows = done(chief.get(f"/metrics/days/?since={today}&is_division=true"))["results"]
    assert [(row["day"], row["station"], row["par_lines_out"]) for row in rows] == [(today, None, 1)]
    assert done(chief.get("/metrics/days/?until=2020-01-01"))["results"] == []
