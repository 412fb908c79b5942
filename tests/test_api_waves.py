"""A run is picked in one walk by the API: read in the order of the bins, begun, picked, short, another lot, packed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import StockLevel
from orders.models import OrderLine, Shipment, ShipmentLine
from orders.queries.verify import all_differences
from tests import make
from tests.api import Api, problem
from tests.flow import Division
from tests.shell import Shell
from tests.waves import run_for, shipments_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze", sku="GAUZE")
    make.par(make.room(division.warehouse), item, par=1, bin="A1")
    make.stock(division.warehouse, item, on_hand=100, number="A17")
    return item


@pytest.fixture
def masks(division):
    item = make.item(name="Mask", sku="MASK")
    make.par(make.room(division.warehouse), item, par=1, bin="B2")
    make.stock(division.warehouse, item, on_hand=100, number="M1")
    return item


@pytest.fixture
def run(division, gauze, masks):
    """Gauze for three stations, 30, 20 and 10, the last of them urgent; masks for the first."""
    return run_for(division, {gauze.pk: 30, masks.pk: 5}, {gauze.pk: 20}, {gauze.pk: 10}, urgent=2)


@pytest.fixture
def desk(division):
    return Api(division.logistics, "shipments:write")


def done(response):
    assert response.status_code == 200, response.json()
    return response.json()


def field_of(response):
    return [error["field"] for error in problem(response, 422, "invalid")["errors"]]


def line_of(walk, sku):
    return next(line for group in walk["groups"] for line in group["lines"] if line["item"] == sku)


def seen(walk):
    return [{"id": tote["shipment"], "version": tote["version"]} for tote in walk["totes"]]


def as_listed(line):
    return [{"id": one["id"], "quantity": one["quantity"]} for part in line["parts"] for one in part["lines"]]


def begun(desk, run):
    return done(desk.post(f"/waves/{run.pk}/start/"))


def test_the_walk_has_each_lot_once_in_the_order_of_the_bins_and_how_it_divides(desk, run):
    walk = done(desk.get(f"/waves/{run.pk}/"))
    assert [(group["bin"], [line["item"] for line in group["lines"]]) for group in walk["groups"]] == [
        ("A1", ["GAUZE"]),
        ("B2", ["MASK"]),
    ]
    gauze = line_of(walk, "GAUZE")
    assert (gauze["quantity"], gauze["left"]) == (60, 0)
    stations = [part["station"] for part in gauze["parts"]]
    assert (
        stations == [tote["station"] for tote in walk["totes"]] == [one.destination.code for one in shipments_of(run)]
    )
    assert {tote["state"] for tote in walk["totes"]} == {"planned"}

    walk = begun(desk, run)
    assert (line_of(walk, "GAUZE")["left"], {tote["state"] for tote in walk["totes"]}) == (60, {"picking"})
    problem(desk.post(f"/waves/{run.pk}/start/"), 422, "refused")


def test_a_lot_is_picked_for_all_then_each_is_packed(desk, run):
    walk = begun(desk, run)
    for sku in ("GAUZE", "MASK"):
        asked = {"lines": as_listed(line_of(walk, sku)), "shipments": seen(walk)}
        walk = done(desk.post(f"/waves/{run.pk}/pick/", asked, key=sku))
        assert line_of(walk, sku)["is_picked"]
        assert desk.post(f"/waves/{run.pk}/pick/", asked, key=sku).json() == walk
    assert all(tote["can_be_packed"] for tote in walk["totes"])
    stale = {"shipment": walk["totes"][0]["shipment"], "totes": 2, "version": 1}
    problem(desk.post(f"/waves/{run.pk}/pack/", stale), 409, "stale_edit")
    for tote in walk["totes"]:
        walk = done(desk.post(f"/waves/{run.pk}/pack/", {"shipment": tote["shipment"], "totes": 2}))
    assert walk == {"groups": [], "totes": []}
    assert set(Shipment.objects.values_list("state", "totes")) == {(Shipment.State.PACKED, 2)}


def test_less_of_some_lines_needs_a_reason_and_what_changed_since_is_refused(desk, run):
    walk = begun(desk, run)
    lines = as_listed(line_of(walk, "GAUZE"))
    less = [lines[0] | {"quantity": lines[0]["quantity"] - 5}, *lines[1:]]
    address = f"/waves/{run.pk}/pick/"
    problem(desk.post(address, {"lines": less}), 422, "refused")
    done(desk.post(address, {"lines": less, "reason": "A box was gone"}))
    assert ShipmentLine.objects.get(pk=less[0]["id"]).quantity == less[0]["quantity"]
    assert ShipmentLine.objects.filter(is_picked=True).count() == 3
    later = {"lines": as_listed(line_of(walk, "MASK")), "shipments": seen(walk)}
    problem(desk.post(address, later), 409, "stale_edit")
    done(desk.post(address, {"lines": later["lines"]}))
    assert all_differences() == []


def test_a_short_lot_goes_to_the_most_urgent_first_and_the_rest_is_owed(desk, run, gauze):
    walk = begun(desk, run)
    address, line = f"/waves/{run.pk}/pick-short/", line_of(walk, "GAUZE")
    level = line["level"]
    short = {"level": level, "quantity": 35, "reason": "A box was gone"}
    problem(desk.post(address, short | {"reason": " "}), 400, "invalid")
    assert field_of(desk.post(address, short | {"quantity": 61})) == ["quantity"]
    assert field_of(desk.post(address, short | {"level": level + 1_000})) == ["level"]
    walk = done(desk.post(address, short | {"shipments": seen(walk)}))
    got = {
        one.pk: sum(one.lines.filter(is_picked=True).values_list("quantity", flat=True)) for one in shipments_of(run)
    }
    urgent = Shipment.objects.get(priority__gt=0).pk
    first, second = (part for part in line["parts"] if part["shipment"] != urgent)
    most = sum(one["quantity"] for one in first["lines"])
    assert got[urgent] == 10
    assert (got[first["shipment"]], got[second["shipment"]]) == (min(25, most), 25 - min(25, most))
    assert sum(OrderLine.objects.filter(item=gauze).values_list("allocated", flat=True)) == 35
    assert StockLevel.objects.get(lot__number="A17").unfound == 65
    assert field_of(desk.post(address, short)) == ["level"], "all of it is picked"
    assert all_differences() == []


def test_a_lot_that_is_short_for_one_shipment_leaves_the_others(desk, run, gauze):
    walk = begun(desk, run)
    line = line_of(walk, "GAUZE")
    short = {"level": line["level"], "quantity": 15, "reason": "wet", "shipment": line["parts"][1]["shipment"]}
    elsewhere = short | {"shipment": 999_999}
    assert field_of(desk.post(f"/waves/{run.pk}/pick-short/", elsewhere)) == ["shipment"]
    done(desk.post(f"/waves/{run.pk}/pick-short/", short))
    picked = ShipmentLine.objects.filter(order_line__item=gauze, is_picked=True)
    assert list(picked.values_list("shipment", "quantity")) == [(short["shipment"], 15)]


def test_another_lot_is_taken_with_the_reason(desk, division, run, gauze):
    other = make.stock(division.warehouse, gauze, on_hand=50, number="B4")
    line = line_of(begun(desk, run), "GAUZE")
    assert [(one["level"], one["available"]) for one in line["others"]] == [(other.pk, 50)]
    swap = {"line": line["parts"][1]["lines"][0]["id"], "level": other.pk, "reason": "A17 is buried"}
    at_station = make.stock(division.station, gauze, on_hand=50, number="B4").pk
    address = f"/waves/{run.pk}/take-other-lot/"
    assert field_of(desk.post(address, swap | {"level": at_station})) == ["level"]
    assert field_of(desk.post(address, swap | {"line": 999_999})) == ["line"]
    walk = done(desk.post(address, swap))
    lots = {
        one["level"]: one["quantity"] for group in walk["groups"] for one in group["lines"] if one["item"] == "GAUZE"
    }
    assert lots == {line["level"]: 40, other.pk: 20}


def test_what_is_on_another_run_is_named_by_its_field(desk, division, run, gauze):
    begun(desk, run)
    division.van = make.van(division.warehouse)
    other = run_for(division, {gauze.pk: 5})
    [strange] = shipments_of(other)
    own = ShipmentLine.objects.filter(shipment__stop__run=run)[0]
    lines = [{"id": own.pk, "quantity": own.quantity}, {"id": strange.lines.get().pk, "quantity": 5}]
    address = f"/waves/{run.pk}"
    assert field_of(desk.post(f"{address}/pick/", {"lines": lines})) == ["lines.1.id"]
    asked = {"lines": lines[:1], "shipments": [{"id": strange.pk, "version": strange.version}]}
    assert field_of(desk.post(f"{address}/pick/", asked)) == ["shipments.0.id"]
    assert field_of(desk.post(f"{address}/pick/", {"lines": lines[:1] * 2})) == ["lines.0.id", "lines.1.id"]
    assert field_of(desk.post(f"{address}/pack/", {"shipment": strange.pk, "totes": 1})) == ["shipment"]
    assert not ShipmentLine.objects.filter(is_picked=True).exists()


def test_only_logistics_picks_for_runs(division, run):
    for person in (division.officer, division.driver, division.chief, division.auditor):
        api = Api(person)
        problem(api.get(f"/waves/{run.pk}/"), 403, "permission_denied")
        for step in ("start", "pick", "pick-short", "take-other-lot", "pack"):
            problem(api.post(f"/waves/{run.pk}/{step}/"), 403, "permission_denied")
    problem(Api(division.logistics).get("/waves/999999/"), 404, "not_found")
    problem(Api(division.logistics, "runs:write").get(f"/waves/{run.pk}/"), 403, "scope_missing")
    assert set(Shipment.objects.values_list("state", flat=True)) == {"planned"}


def test_the_walk_asks_as_many_questions_whatever_the_run_takes(
    desk, division, run, gauze, masks, django_assert_max_num_queries
):
    with CaptureQueriesContext(connection) as few:
        done(desk.get(f"/waves/{run.pk}/"))
    division.van = make.van(division.warehouse)
    more = run_for(division, *({gauze.pk: 1, masks.pk: 1} for _ in range(6)))
    with django_assert_max_num_queries(len(few)):
        done(desk.get(f"/waves/{more.pk}/"))


def test_a_shell_reads_the_walk(division, run):
    walk = Shell(division.logistics)("run", "wave", run.pk)
    assert [group["bin"] for group in walk["groups"]] == ["A1", "B2"]
    assert Shell(division.driver).refused("run", "wave", run.pk)["code"] == "permission_denied"
