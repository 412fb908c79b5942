"""Reading by the API: what each person sees, a piece at a time, in a fixed number of questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.actions import counts
from inventory.actions.stock import Used, use_stock
from orders.models import Discrepancy
from tests import make, planned_day
from tests.api import Api, problem
from tests.flow import Division
from tests.recalls import NDC, record, take
from tests.records import dataset, medication
from tests.records import record as care_record
from tests.records import take as take_care

pytestmark = pytest.mark.django_db
LISTS = (
    *("stations", "units", "items", "lots", "stock", "movements", "par-levels", "shortfalls", "orders"),
    *("shipments", "runs", "stops", "usage", "counts", "transfers", "discrepancies", "recalls"),
    *("care-records", "care-codes", "call-signs"),
)


@pytest.fixture
def division():
    division = Division()
    item = make.item(name="Gauze", sku="GAUZE", issue_pack=10)
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500, number="A17")
    take(record(ndc="none", lots="As marked"))
    take_care(dataset(care_record(medication())))
    make.unit(division.station)
    shipment = division.delivered({item.pk: 100})
    line = shipment.lines.get()
    Discrepancy.objects.create(line=line, kind="missing", quantity=1, reported_at=division.at)
    opened = counts.open_count(location=make.room(division.warehouse), **division.by(division.logistics))
    assert opened.lines.count() == 1
    use_stock(location=make.room(division.warehouse), lines=[Used(item.pk, 1)], **division.by(division.logistics))
    return division


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_read_and_each_row_has_its_address(division, name):
    api = Api(division.logistics)
    rows = api.get(f"/{name}/").json()["results"]
    if name in ("shortfalls", "transfers"):
        assert rows == []
        return
    assert rows
    key = {"stations": "code", "units": "code", "items": "sku", "recalls": "number"}.get(name, "id")
    assert api.get(f"/{name}/{rows[0][key]}/").json() == rows[0]


def test_an_officer_reads_their_own_station_only(division):
    other = make.officer(make.station())
    api = Api(other)
    for name in ("units", *LISTS[3:]):
        assert api.get(f"/{name}/").json()["results"] == [], name
    order = Api(division.officer).get("/orders/").json()["results"][0]
    assert order["lines"][0]["received"] == 0
    problem(api.get(f"/orders/{order['id']}/"), 404, "not_found")


def test_a_list_goes_on_after_the_last_row_whatever_came_in_between():
    makes = [make.item() for _ in range(5)]
    api = Api(make.logistics())
    seen, address = [], "/items/?limit=2&fields=sku"
    while address:
        body = api.get(address).json()
        seen += [row["sku"] for row in body["results"]]
        makes[0].delete() if makes[0].pk and len(seen) == 2 else None
        address = body["next"] and body["next"].partition("/api/v1")[2]
    assert seen == sorted(seen, key=seen.index)
    assert len(seen) == 5


def test_filters_find_and_what_there_is_not_is_refused_by_name(division):
    api = Api(division.logistics)
    code = division.station.code
    assert [row["station"] for row in api.get(f"/orders/?station={code}").json()["results"]] == [code]
    assert api.get("/orders/?state=rejected").json()["results"] == []
    body = problem(api.get("/orders/?stat=rejected"), 400, "invalid")
    assert body["errors"][0]["field"] == "stat"
    for wrong in ("state=sold", "limit=0", "limit=1001", "limit=x", "after=-1", "after=99999999999999999999"):
        assert problem(api.get(f"/orders/?{wrong}"), 400, "invalid")["errors"]
    for wrong in ("location=1.5", "location=x", f"location={2**63}"):
        problem(api.get(f"/stock/?{wrong}"), 400, "invalid")


def test_only_the_fields_that_were_asked_for_are_given(division):
    api = Api(division.logistics)
    assert api.get("/items/?fields=sku,name").json()["results"] == [{"sku": "GAUZE", "name": "Gauze"}]
    body = problem(api.get("/items/GAUZE/?fields=sku,prize"), 400, "invalid")
    assert "'prize'" in body["errors"][0]["message"]


def test_what_has_not_changed_is_not_sent_again(division):
    api = Api(division.logistics)
    order = api.get("/orders/").json()["results"][0]
    first = api.get(f"/orders/{order['id']}/")
    assert first["ETag"] == f'"v{order["version"]}"'
    again = api.get(f"/orders/{order['id']}/", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_asks_as_many_questions_for_many_rows_as_for_few(division):
    api = Api(division.logistics)
    api.get("/stations/")  # the use of the token is noted once a minute
    make.stock(division.warehouse, make.item(ndc=NDC), number="A17")
    take(record("D-2-2026"))
    few = {name: asked(api, name) for name in LISTS}
    for number in range(3):
        take(record(f"D-{number + 3}-2026"))
        take_care(dataset(care_record(medication(str(number)), number=f"R{number + 3}", unit=f"U{number}")))
        make.par(division.station, item := make.item(issue_pack=5), par=50)
        make.stock(division.warehouse, item, on_hand=100)
        make.unit(make.station(supplied_by=division.warehouse))
        division.approved({item.pk: 50})
        planned_day.runs(division, 2)
    assert {name: asked(api, name) for name in LISTS} == few
    assert max(few.values()) <= 6


def asked(api, name):
    with CaptureQueriesContext(connection) as found:
        assert api.get(f"/{name}/").status_code == 200
    return len(found)
