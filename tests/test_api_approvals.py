"""Approving by the API as the page does: otherwise than asked for, several at once, and what is short shared."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.actions.substitutes import set_substitute
from orders.actions.sweep import sweep_par_levels
from orders.actions.transfers import propose_transfers
from orders.models import OrderLine, ResupplyOrder
from orders.queries.verify import all_differences
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.flow import Division
from tests.transfers import Neighbours

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    yield Division(at=timezone.now())
    assert all_differences() == []


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze", sku="GAUZE")
    make.par(division.station, item, par=100)
    return item


@pytest.fixture
def logistics(division):
    return Api(division.logistics)


def another(division):
    """A station of the same warehouse, with an officer of its own."""
    return Division(warehouse=division.warehouse, at=division.at)


def refuses(division, path, body, *people, status=403, code="permission_denied"):
    for person in people:
        problem(Api(person).post(path, body), status, code)


# --- The suggestion ---------------------------------------------------------------------------------------------------


def test_what_the_sweep_suggests_is_found_changed_and_sent_in_one_call(division, gauze):
    sweep_par_levels(at=division.at)
    officer = Api(division.officer)
    [draft] = officer.get(f"/orders/?state=draft&is_automatic=true&station={division.station.code}").json()["results"]
    assert [(line["item"], line["asked"]) for line in draft["lines"]] == [("GAUZE", 100)]
    address, changed = f"/orders/{draft['id']}/submit/", {"lines": [{"item": "GAUZE", "quantity": 40}]}
    yesterday = changed | {"needed_by": (division.at - timedelta(days=1)).isoformat()}

    problem(officer.post(address, yesterday), 422, "refused")
    refuses(division, address, changed, division.auditor, division.chief)
    refuses(division, address, changed, make.officer(make.station()), status=404, code="not_found")
    sent = officer.post(address, changed | {"priority": "stat", "comment": "today"}, if_match=draft["version"]).json()

    assert (sent["state"], sent["is_automatic"], sent["priority"], sent["comment"]) == (
        *("submitted", False, "stat"),
        "today",
    )
    assert [line["asked"] for line in sent["lines"]] == [40]
    assert sent["requested_by"] == division.officer.username


# --- Several at once --------------------------------------------------------------------------------------------------


def seen(*orders):
    return {"orders": [{"id": order.pk, "version": order.version} for order in orders]}


def test_several_are_approved_or_none_of_them(division, gauze, logistics):
    make.stock(division.warehouse, gauze, on_hand=500)
    first, second = division.submitted({gauze.pk: 10}), division.submitted({gauze.pk: 20})
    stale = seen(first, second)
    stale["orders"][1]["version"] += 1
    refuses(division, "/orders/approve/", seen(first, second), division.officer, division.auditor, division.driver)

    refused = problem(logistics.post("/orders/approve/", stale), 422, "refused")
    assert [one["message"].partition(" ")[0] for one in refused["errors"]] == [second.number]
    assert set(ResupplyOrder.objects.values_list("state", flat=True)) == {"submitted"}
    done = logistics.post("/orders/approve/", seen(first, second), key="k")

    assert done.status_code == 200
    assert [(one["id"], one["state"]) for one in done.json()["orders"]] == [
        (first.pk, "approved"),
        (second.pk, "approved"),
    ]
    again = logistics.post("/orders/approve/", seen(first, second), key="k")
    assert (again.content, again["Idempotent-Replayed"]) == (done.content, "true")


@pytest.mark.parametrize(
    ("orders", "status", "field"),
    [
        ([], 400, "orders"),
        ([{"id": 1}], 400, "orders.0.version"),
        ([{"id": 1, "version": 1}] * 2, 422, "orders.0.id"),
        ([{"id": number, "version": 1} for number in range(1, 52)], 400, "orders"),
    ],
)
def test_several_are_named_once_each_with_their_version(logistics, orders, status, field):
    found = problem(logistics.post("/orders/approve/", {"orders": orders}), status, "invalid")
    assert found["errors"][0]["field"] == field


# --- Otherwise than asked for -----------------------------------------------------------------------------------------


@pytest.fixture
def litre(division):
    """Out at the warehouse; two bags of 500 mL stand in for one, 100 are there."""
    item = make.item(name="Ringer 1000 mL", sku="LITRE", kind="medication")
    half = make.item(name="Ringer 500 mL", sku="HALF", kind="medication")
    for one in (item, half):
        make.par(division.station, one, 100, 10)
    make.stock(division.warehouse, half, on_hand=100)
    set_substitute(item=item, substitute=half, quantity=2, per=1, note="Two bags", **division.by(division.logistics))
    return item


def test_what_can_stand_in_is_read_and_approved(division, litre, logistics):
    order = division.submitted({litre.pk: 10})
    line, address = order.lines.get(), f"/orders/{order.pk}"
    [offer] = logistics.get(f"{address}/substitutes/").json()["substitutes"]
    assert offer == {"line": line.pk, "item": "HALF", "free": 100, "quantity": 20, "covers": 10}
    asked = {"line": line.pk, "item": "HALF"}
    problem(Api(division.officer).get(f"{address}/substitutes/"), 403, "permission_denied")
    refuses(division, f"{address}/substitute/", asked, make.officer(make.station()), status=404, code="not_found")
    refuses(division, f"{address}/substitute/", asked, division.chief, status=422, code="refused")
    for wrong in ({"line": line.pk + 1}, {"item": "LITRE"}):
        found = problem(logistics.post(f"{address}/substitute/", asked | wrong), 422, "invalid")
        assert [one["field"] for one in found["errors"]] == list(wrong)
    problem(logistics.post(f"{address}/substitute/", asked, if_match=order.version + 1), 412, "stale_edit")

    done = logistics.post(f"{address}/substitute/", asked, if_match=order.version).json()

    assert [(one["item"], one["asked"], one["approved"]) for one in done["lines"]] == [
        ("LITRE", 10, 0),
        ("HALF", 20, None),
    ]
    approved = logistics.post(f"{address}/approve/", if_match=done["version"]).json()
    assert [one["allocated"] for one in approved["lines"]] == [0, 20]
    assert logistics.get(f"{address}/substitutes/").json() == {"substitutes": []}


def test_a_line_is_met_by_a_transfer(division):
    """By the way that other systems accept any transfer: it names the line that asks for so much less then."""
    world = Neighbours(at=timezone.now())
    two = Division(warehouse=world.warehouse, at=world.at)
    two.station, two.officer = world.receiver, world.officer
    order = two.submitted({world.item.pk: 20})
    propose_transfers(at=world.at)
    api = Api(world.logistics)
    [offer] = api.get(f"/transfers/?is_short=true&item={world.item.sku}").json()["results"]
    asked = {name: offer[name] for name in ("item", "donor", "receiver", "quantity")} | {"line": order.lines.get().pk}
    problem(Api(world.officer).post("/transfers/accept/", {"transfers": [asked]}), 403, "permission_denied")

    assert api.post("/transfers/accept/", {"transfers": [asked]}).status_code == 201

    now = api.get(f"/orders/{order.pk}/").json()
    assert (now["state"], [line["approved"] for line in now["lines"]]) == ("cancelled", [0])


# --- Short stock ------------------------------------------------------------------------------------------------------


@pytest.fixture
def owed(division, gauze):
    """Two stations that are owed 50 each, one that waits for 50, and 60 that came in."""
    orders = []
    for _ in range(2):
        one = another(division)
        make.par(one.station, gauze, par=100)
        orders.append(one.approved({gauze.pk: 50}))
    division.submitted({gauze.pk: 50})
    make.stock(division.warehouse, gauze, on_hand=60)
    return orders


def test_what_is_short_is_read_and_shared_as_it_was_proposed(division, gauze, owed, logistics):
    [short] = logistics.get("/shortages/").json()["results"]
    assert {name: short[name] for name in ("item", "source", "wanted", "free", "promised_now", "kept", "left")} == {
        "item": "GAUZE",
        "source": division.warehouse.code,
        "wanted": 150,
        "free": 60,
        "promised_now": 40,
        "kept": 20,
        "left": 0,
    }
    assert [(one["share"], one["usable"], one["days_before"]) for one in short["shares"]] == [(20, 0, 0.0)] * 3
    assert {line for one in short["shares"] for line in one["lines"]} == set(
        OrderLine.objects.values_list("pk", flat=True)
    )
    asked = {name: short[name] for name in ("source", "item", "seen")}
    refuses(division, "/shortages/share/", asked, division.officer, division.chief, division.auditor, division.driver)
    for wrong, status, code in (
        ({"seen": "x"}, 409, "stale_edit"),
        ({"item": "NONE"}, 422, "invalid"),
        ({"source": "NONE"}, 404, "not_found"),
    ):
        problem(logistics.post("/shortages/share/", asked | wrong), status, code)
    assert logistics.post("/shortages/share/", asked).json() == {"promised": 40}
    assert [order.lines.get().allocated for order in owed] == [20, 20]
    problem(logistics.post("/shortages/share/", asked), 409, "stale_edit")


def test_shortages_are_read_by_those_who_see_the_division_a_piece_at_a_time(division, owed, logistics):
    other = make.item(sku="TAPE")
    division.submitted({other.pk: 5})
    first = logistics.get("/shortages/?limit=1").json()
    rest = logistics.get(first["next"].partition("/api/v1")[2]).json()
    assert [row["item"] for row in (*first["results"], *rest["results"])] == ["GAUZE", "TAPE"]
    assert rest["next"] is None
    assert [row["item"] for row in Api(division.chief).get("/shortages/?item=TAPE").json()["results"]] == ["TAPE"]
    assert Api(division.auditor).get("/shortages/?item=NONE").json()["results"] == []
    problem(Api(division.officer).get("/shortages/"), 403, "permission_denied")
    problem(logistics.get("/shortages/?source=WH"), 400, "invalid")


def test_the_last_approver_may_promise_otherwise_with_a_reason(division, gauze, logistics):
    make.stock(division.warehouse, gauze, on_hand=60)
    other = another(division)
    make.par(other.station, gauze, par=100)
    other.submitted({gauze.pk: 50})
    order = division.submitted({gauze.pk: 50})
    granted = {"id": order.lines.get().pk, "quantity": 50, "promise": 45}
    refused = problem(logistics.post(f"/orders/{order.pk}/approve/", {"lines": [granted]}), 422, "refused")
    assert "say why 45 and not 30" in refused["errors"][0]["message"]

    done = logistics.post(f"/orders/{order.pk}/approve/", {"lines": [granted | {"promise_reason": "Marathon"}]})

    assert [line["allocated"] for line in done.json()["lines"]] == [45]
    assert "Marathon" in Event.objects.about(order).get(verb="shared otherwise").comment


def test_stock_is_looked_for_again(division, gauze, logistics):
    order = division.approved({gauze.pk: 30})
    address = f"/orders/{order.pk}/allocate/"
    make.stock(division.warehouse, gauze, on_hand=30)
    refuses(division, address, {}, division.officer, division.chief, division.auditor)
    refuses(division, address, {}, make.officer(make.station()), status=404, code="not_found")

    assert [line["allocated"] for line in logistics.post(address).json()["lines"]] == [30]

    waiting = division.submitted({gauze.pk: 1})
    problem(logistics.post(f"/orders/{waiting.pk}/allocate/"), 422, "wrong_state")


# --- The chief asks ---------------------------------------------------------------------------------------------------


def test_the_chief_asks_a_station_for_an_item_once_a_day(division, gauze):
    address, asked = f"/stations/{division.station.code}/ask-for/", {"item": "GAUZE"}
    chief = Api(division.chief)
    refuses(division, address, asked, division.officer, division.logistics, division.auditor)
    refuses(division, address, asked, make.officer(make.station()), status=404, code="not_found")
    assert problem(chief.post(address, {"item": "NONE"}), 422, "invalid")["errors"][0]["field"] == "item"
    problem(Api(division.chief, "stations:write").post(address, asked), 403, "scope_missing")

    assert chief.post(address, asked).json()["code"] == division.station.code

    assert Event.objects.get(verb="asked for").details["item"] == "GAUZE"
    assert "today already" in problem(chief.post(address, asked), 422, "refused")["detail"]
