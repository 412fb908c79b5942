"""A thousand movements in a call: all or none, by row what is wrong, in as many statements as for ten."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Lot, StockMovement
from orders.queries.verify import all_differences
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db
ADDRESS = "/movements/bulk/"


@pytest.fixture
def division():
    cache.clear()  # the counters of wrong passwords
    return Division()


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze", sku="GAUZE")
    for number, days in (("SOON", 300), ("LATE", 900)):
        make.stock(division.station, item, on_hand=10, number=number, expires_on=make.TODAY + timedelta(days=days))
    return item


@pytest.fixture
def api(division):
    return Api(division.officer)


def rows_of_each_kind(division):
    room, safe = make.room(division.station).pk, make.safe(division.station).pk
    soon = Lot.objects.get(number="SOON").pk
    return [
        {"kind": "use", "location": room, "item": "GAUZE", "quantity": 6, "reference": "26-1"},
        {"kind": "receive", "station": division.station.code, "item": "GAUZE", "quantity": 5, "lot_number": "N"},
        {"kind": "move", "source": room, "destination": safe, "lot": soon, "quantity": 7},
        {"kind": "discard", "location": room, "lot": soon, "quantity": 1, "reason": "damaged", "details": "wet"},
        {"kind": "use", "location": room, "item": "GAUZE", "quantity": 1, "reference": "26-1"},
    ]


def test_every_kind_at_once_and_what_expires_first_of_what_named_lots_leave(division, gauze, api):
    response = api.post(ADDRESS, {"movements": rows_of_each_kind(division)})

    assert response.status_code == 201, response.json()
    numbers = dict(Lot.objects.values_list("pk", "number"))
    assert [(one["reason"], numbers[one["lot"]], one["quantity"]) for one in response.json()["movements"]] == [
        ("used", "SOON", 2),
        ("used", "LATE", 4),
        ("received", "N", 5),
        ("transferred", "SOON", 7),
        ("discarded", "SOON", 1),
        ("used", "LATE", 1),
    ]
    assert make.on_hand(division.station, gauze) == 10
    assert not all_differences()
    events = Event.objects.filter(command__verb="post_bulk").order_by("pk")
    assert [(event.verb, event.comment, len(event.details["lines"])) for event in events] == [
        ("used", "26-1", 3),
        ("received from supplier", "", 1),
        ("moved", "", 1),
        ("discarded", "Damaged or soiled: wet", 1),
    ]


def test_one_wrong_row_and_nothing_moves(division, gauze, api):
    room = make.room(division.station).pk
    use, receive, move, discard, _ = rows_of_each_kind(division)
    elsewhere = make.room(make.station()).pk

    def fields(*rows, status=422, code="invalid"):
        body = problem(api.post(ADDRESS, {"movements": [use, *rows]}), status, code)
        return [one["field"] for one in body["errors"]]

    assert fields({**use, "quantity": 0}, {**move, "lot": "x"}, status=400) == [
        "movements.1.quantity",
        "movements.2.lot",
    ]
    assert fields({**use, "kind": "lose"}, {"quantity": 1}, 7, status=400) == [f"movements.{n}.kind" for n in (1, 2, 3)]
    assert fields({**use, "item": "NONE"}) == ["movements.1.item"]
    assert fields({**use, "location": elsewhere}, {**move, "destination": elsewhere}) == [
        "movements.1.location",
        "movements.2.destination",
    ]
    assert fields({**receive, "station": "NONE"}) == ["movements.1.station"]
    too_much = {**discard, "quantity": 11}, {**use, "quantity": 100}
    assert fields(*too_much, code="rows_refused") == ["movements.1.quantity", "movements.2.quantity"]
    assert fields({**move, "lot": 10**9}, {**move, "destination": room}, code="rows_refused") == [
        "movements.1.lot",
        "movements.2.destination",
    ]
    past = {**receive, "expires_on": "2020-01-01"}
    assert fields(past, code="rows_refused") == ["movements.1.item"]
    known = {**receive, "lot_number": "SOON", "expires_on": "2040-01-01"}
    assert fields(known, code="rows_refused") == ["movements.1.lot_number"]
    assert not StockMovement.objects.exclude(reason="opening").exists()
    assert not Lot.objects.filter(number="N").exists()


def test_no_row_takes_what_another_brings_and_none_takes_twice(division, gauze, api):
    use, receive, move, _, _ = rows_of_each_kind(division)
    body = problem(api.post(ADDRESS, {"movements": [receive, {**use, "quantity": 21}]}), 422, "rows_refused")
    assert "21 asked, 20 usable" in body["errors"][0]["message"]
    body = problem(api.post(ADDRESS, {"movements": [move, move]}), 422, "rows_refused")
    assert [one["field"] for one in body["errors"]] == ["movements.1.quantity"]
    assert "7 asked, 3 available" in body["errors"][0]["message"]


def test_who_may_not_act_there_moves_nothing_and_a_scheduled_drug_needs_its_witness(division, gauze, api):
    reader = Api(make.officer(division.station, read_only=True))
    problem(reader.post(ADDRESS, {"movements": rows_of_each_kind(division)}), 403, "permission_denied")
    problem(Api(division.auditor).post(ADDRESS, {"movements": rows_of_each_kind(division)}), 403, "permission_denied")
    drug = make.stock(make.safe(division.station), make.item(kind="medication", schedule="II"), on_hand=4)
    row = {"kind": "discard", "location": drug.location_id, "lot": drug.lot_id, "quantity": 1, "reason": "wasted"}
    assert "before a witness" in problem(api.post(ADDRESS, {"movements": [row]}), 422, "refused")["detail"]
    witness = make.officer(division.station)
    witness.set_password("seven narrow lanterns")
    witness.save()
    signed = {"witness": witness.username, "witness_password": "seven narrow lanterns"}
    made = api.post(ADDRESS, {"movements": [row], **signed}).json()["movements"]
    assert [(one["reason"], one["witness"]) for one in made] == [("wasted", witness.username)]


def test_the_same_call_again_moves_nothing(division, gauze, api):
    body = {"movements": rows_of_each_kind(division)}
    first, again = (api.post(ADDRESS, body, key="a") for _ in range(2))
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert make.on_hand(division.station, gauze) == 10


def test_a_thousand_rows_take_as_many_statements_as_ten(division, api):
    """On SQLite a statement holds fewer rows, so there it is a few more for writing."""
    items = [make.item() for _ in range(25)]
    place, other = make.room(division.station), make.safe(division.station)
    lots = [make.stock(place, item, on_hand=1000).lot_id for item in items]
    api.get("/items/")  # the use of the token is noted once a minute

    def asked(count):
        rows = []
        for number in range(count):
            sku, lot = items[number % 25].sku, lots[number % 25]
            rows.append(
                [
                    {"kind": "use", "location": place.pk, "item": sku, "quantity": 1, "reference": f"I{number % 7}"},
                    {"kind": "move", "source": place.pk, "destination": other.pk, "lot": lot, "quantity": 1},
                    {
                        "kind": "receive",
                        "station": division.station.code,
                        "item": sku,
                        "quantity": 2,
                        "lot_number": str(number),
                    },
                    {"kind": "discard", "location": place.pk, "lot": lot, "quantity": 1, "reason": "damaged"},
                ][number % 4]
            )
        with CaptureQueriesContext(connection) as found:
            response = api.post(ADDRESS, {"movements": rows})
        assert response.status_code == 201, response.json()
        return len(found)

    few, many = asked(10), asked(1000)
    assert many <= few + (0 if connection.vendor == "postgresql" else 20)
    assert problem(api.post(ADDRESS, {"movements": [{}] * 1001}), 400, "invalid")["errors"][0]["field"] == "movements"
    assert not all_differences()
