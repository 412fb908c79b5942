"""What pages and API can, a shell can: stops, waves, other lots, witnesses, bays, recalls, transfers, discrepancies."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from integrations.models import Recall
from inventory.actions.proposals import propose_par_levels
from inventory.models import Item, StockLevel, StockMovement
from orders.actions.receipts import ReceivedLine, receive_shipment
from orders.actions.schedule import schedule_deliveries
from orders.models import DeliveryRun, Discrepancy, ResupplyOrder, Shipment, Stop, TransferProposal
from orders.queries.verify import all_differences
from stations.models import Command, Event, Station
from tests import make, past
from tests.flow import Division
from tests.recalls import NDC, record, take
from tests.shell import Shell
from tests.transfers import Neighbours

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"


@pytest.fixture
def division():
    division = Division(at=timezone.now())
    gauze = make.item(name="Gauze", sku="GZ", issue_pack=10)
    make.stock(division.warehouse, gauze, on_hand=500, number="A17")
    make.stock(division.warehouse, gauze, on_hand=300, number="B4")
    return division


@pytest.fixture
def gauze(division):
    return Item.objects.get(sku="GZ")


@pytest.fixture
def logistics(division):
    return Shell(division.logistics)


@pytest.fixture
def driver(division):
    return Shell(division.driver)


@pytest.fixture
def outsider(division):
    """An officer of another station."""
    return Shell(make.officer(make.station(supplied_by=division.warehouse)))


@pytest.fixture
def stop(division, gauze) -> Stop:
    """A station that a van is on its way to."""
    return Stop.objects.get(shipments=division.dispatched({gauze.pk: 20}))


# --- Stops ------------------------------------------------------------------------------------------------------------


def test_a_stop_is_arrived_at_and_delivered(division, driver, logistics, stop):
    assert driver("stop", "arrive", stop.pk)["state"] == "arrived"
    assert driver.refused("stop", "arrive", stop.pk)["code"] == "wrong_state"
    done = driver("stop", "deliver", stop.pk, "--handed-to", "Lee")
    assert (done["state"], done["handed_to"]) == ("delivered", "Lee")
    assert logistics("stop", "list", "--run", stop.run_id, "--state", "delivered")["rows"] == [done]


def test_a_stop_is_missed_with_the_reason(driver, stop):
    assert driver.refused("stop", "miss", stop.pk, "--reason", " ")["code"] == "refused"
    assert driver("stop", "miss", stop.pk, "--reason", "road closed")["state"] == "missed"
    assert driver.refused("stop", "deliver", stop.pk, "--handed-to", "Lee")["code"] == "wrong_state"


def test_a_stop_is_collected(division):
    world = Neighbours(at=timezone.now())
    run = world.on_the_road()
    at_donor, line = world.stop(run, world.donor), world.shipment().lines.get()
    words = ("stop", "collect", at_donor.pk, "--given-by", "Kim")
    shell = Shell(world.driver)
    assert shell.refused(*words, "--line", f"id={line.pk}", "quantity=1")["code"] == "refused"
    shell(*words, "--reason", "one box wet", "--line", f"id={line.pk}", "quantity=1")
    line.refresh_from_db()
    assert line.quantity == 1
    assert all_differences() == []


@pytest.mark.parametrize(
    "words",
    [("arrive",), ("deliver", "--handed-to", "x"), ("collect", "--given-by", "x"), ("miss", "--reason", "x")],
)
def test_stops_are_their_drivers(outsider, division, stop, words):
    verb, *more = words
    assert outsider.refused("stop", verb, stop.pk, *more)["code"] == "not_found"
    assert Shell(make.driver()).refused("stop", verb, stop.pk, *more)["code"] == "not_found"
    assert Shell(division.auditor).refused("stop", verb, stop.pk, *more)["code"] == "permission_denied"


# --- Shipments --------------------------------------------------------------------------------------------------------


def test_another_lot_is_taken_and_a_packed_shipment_opened_again(division, gauze, logistics, outsider):
    division.approved({gauze.pk: 20})
    shipment = division.to_pick()
    line = shipment.lines.get()
    other = StockLevel.objects.exclude(pk=line.level_id).get(lot__item=gauze, location__station=division.warehouse)
    words = ("shipment", "take-other-lot", shipment.pk, "--line-id", line.pk, "--reason", "buried", "--level")
    assert logistics.refused(*words, other.pk)["code"] == "wrong_state"
    logistics("shipment", "begin", shipment.pk)
    assert "not on the shelves" in logistics.refused(*words, 999_999)["detail"]
    assert outsider.refused(*words, other.pk)["code"] == "not_found"
    assert [one["level"] for one in logistics(*words, other.pk)["lines"]] == [other.pk]
    strange = ("shipment", "take-other-lot", shipment.pk, "--line-id", 999_999, "--level", other.pk, "--reason", "x")
    assert "not on this shipment" in logistics.refused(*strange)["detail"]
    logistics("shipment", "pick", shipment.pk)
    logistics("shipment", "pack", shipment.pk)
    assert logistics("shipment", "reopen", shipment.pk, "--reason", "wrong tote")["state"] == "picking"
    assert logistics.refused("shipment", "reopen", shipment.pk, "--reason", "again")["code"] == "wrong_state"
    assert outsider.refused("shipment", "reopen", shipment.pk, "--reason", "x")["code"] == "not_found"


def test_several_are_received_together_or_none(division, gauze, outsider):
    pks = [one.pk for one in division.in_the_bay({gauze.pk: 10})]
    lines = [word for pk in pks for word in ("--line", f"id={pk}")]
    officer = Shell(division.officer)
    assert outsider.refused("shipment", "receive-together", *lines)["code"] == "not_found"
    assert Shell(division.auditor).refused("shipment", "receive-together", *lines)["code"] == "permission_denied"
    assert "changed" in officer.refused("shipment", "receive-together", *lines, "version=1")["errors"][0]
    done = officer("shipment", "receive-together", *lines)
    assert [one["state"] for one in done["shipments"]] == ["received", "received"]
    assert make.on_hand(division.station, gauze) == 20


def test_a_discrepancy_is_settled(division, gauze, logistics, outsider):
    shipment = division.delivered({gauze.pk: 10})
    line = ReceivedLine(shipment.lines.get().pk, 8, 0, 2, "two short")
    receive_shipment(shipment=shipment, version=shipment.version, lines=[line], **division.by(division.officer))
    [found] = logistics("discrepancy", "list", "--open")["rows"]
    words = ("discrepancy", "settle", found["id"], "--resolution", "lost", "--reason")
    assert outsider.refused(*words, "x")["code"] == "not_found"
    assert Shell(division.officer).refused(*words, "x")["code"] == "permission_denied"
    assert logistics.refused(*words, " ")["code"] == "refused"
    assert logistics(*words, "nobody saw it")["resolution"] == "lost"
    assert logistics("discrepancy", "list", "--open")["rows"] == []
    assert Discrepancy.objects.get().settled_by == division.logistics


# --- Runs -------------------------------------------------------------------------------------------------------------


def test_a_run_is_planned_driven_by_another_reordered_and_called_off(division, gauze, logistics, outsider):
    division.packed({gauze.pk: 10})
    leaves = (timezone.localtime() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    depot, code = division.warehouse.code, division.station.code
    plan = ("run", "plan", depot, "--leaves-at", leaves.isoformat(), "--line", f"station={code}", "--van")
    assert "no van" in logistics.refused(*plan, "NONE")["detail"]
    assert "twice" in logistics.refused(*plan, division.van.code, "--line", f"station={code}")["detail"]
    assert "no station" in logistics.refused(*plan, division.van.code, "--line", "station=NONE")["detail"]
    assert outsider.refused(*plan, division.van.code)["code"] == "permission_denied"
    run = logistics(*plan, division.van.code)["id"]
    assign = ("run", "assign-driver", run, "--driver")
    assert "not a driver" in logistics.refused(*assign, division.officer.username)["detail"]
    assert outsider.refused(*assign, division.driver.username)["code"] == "not_found"
    assert logistics(*assign, division.driver.username)["driver"] == division.driver.username
    order = ("run", "reorder", run, "--line", f"station={code}")
    own = Station.objects.get(memberships__user__username=outsider.by).code
    assert outsider.refused("run", "reorder", run, "--line", f"station={own}")["code"] == "not_found"
    assert Shell(division.auditor).refused(*order)["code"] == "permission_denied"
    assert logistics.refused("run", "reorder", run, "--line", f"station={depot}")["code"] == "refused"
    assert logistics(*order)["id"] == run
    cancel = ("run", "cancel", run, "--reason")
    assert outsider.refused(*cancel, "x")["code"] == "not_found"
    assert logistics.refused(*cancel, " ")["code"] == "refused"
    assert logistics(*cancel, "the van is broken")["state"] == "cancelled"


def test_all_that_a_run_brings_is_picked_at_once(division, gauze, logistics, outsider):
    division.approved({gauze.pk: 20})
    schedule_deliveries(at=division.at)
    run = DeliveryRun.objects.get()
    assert logistics.refused("run", "pick", run.pk)["code"] == "refused"
    for verb in ("begin", "pick"):
        assert outsider.refused("run", verb, run.pk)["code"] == "not_found"
        assert Shell(division.auditor).refused("run", verb, run.pk)["code"] == "permission_denied"
    logistics("run", "begin", run.pk)
    assert logistics.refused("run", "begin", run.pk)["code"] == "refused"
    line = Shipment.objects.get().lines.get()
    short = ("run", "pick", run.pk, "--line", f"id={line.pk}", "quantity=10")
    assert logistics.refused(*short)["code"] == "refused"
    logistics(*short, "--reason", "box empty")
    line.refresh_from_db()
    assert (line.is_picked, line.quantity) == (True, 10)


# --- Transfers --------------------------------------------------------------------------------------------------------


def test_a_transfer_is_accepted_by_the_codes_of_its_places(division, outsider):
    world = Neighbours(at=timezone.now())
    world.item.sku = "TQ"
    world.item.save()
    donor, receiver = world.donor.code, world.receiver.code
    line = ("--line", "item=TQ", f"donor={donor}", f"receiver={receiver}", "quantity=20")
    logistics = Shell(world.logistics)
    assert outsider.refused("transfer", "accept", *line)["code"] == "permission_denied"
    assert logistics.refused("transfer", "accept", *line[:-1], "quantity=49")["code"] == "refused"
    [order] = logistics("transfer", "accept", *line, "--comment", "before the weekend")["orders"]
    assert ResupplyOrder.objects.get().pk == order["id"]
    assert TransferProposal.objects.count() == len(logistics("transfer", "list", "--item", "TQ")["rows"])


def test_a_transfer_is_put_on_a_run(division):
    world = Neighbours(at=timezone.now())
    world.accept()
    shipment, run = world.shipment(), world.both()
    logistics, words = Shell(world.logistics), ("shipment", "choose-run", shipment.pk, "--run", run.pk)
    assert Shell(make.officer(make.station())).refused(*words)["code"] == "not_found"
    assert Shell(world.giver).refused(*words)["code"] == "not_found"
    assert logistics.refused(*words[:-1], 999_999)["code"] == "not_found"
    logistics(*words)
    shipment.refresh_from_db()
    assert shipment.stop is not None
    assert shipment.stop.run == run


# --- Units ------------------------------------------------------------------------------------------------------------


def test_a_unit_is_restocked(division, gauze, outsider):
    make.stock(division.station, gauze, on_hand=30, number="C1")
    unit = make.unit(division.station)
    officer, words = Shell(division.officer), ("unit", "restock", unit.code, "--line", "item=GZ")
    assert outsider.refused(*words, "quantity=4")["code"] == "not_found"
    assert officer.refused(*words, "quantity=31")["errors"]
    assert [one["quantity"] for one in officer(*words, "quantity=4")["movements"]] == [4]
    assert unit.code in [one["code"] for one in officer("unit", "list", "--station", division.station.code)["rows"]]


# --- Recalls and witnesses --------------------------------------------------------------------------------------------


@pytest.fixture
def witness(division):
    """A colleague who has a password. The counters of wrong ones live in the cache, by name."""
    cache.clear()
    colleague = make.officer(division.station)
    colleague.set_password(PASSWORD)
    colleague.save()
    return colleague


@pytest.fixture
def fentanyl(division) -> StockLevel:
    item = make.item(name="Fentanyl", sku="FEN", kind="medication", schedule="II", ndc=NDC)
    return make.stock(make.safe(division.station), item, on_hand=4, number="A17")


@pytest.fixture
def typed(monkeypatch) -> Any:
    """Puts text on standard input."""

    def put(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return put


@pytest.mark.parametrize("verb", ["waste", "discard"])
def test_a_scheduled_drug_is_written_off_before_a_witness(division, fentanyl, witness, typed, verb, caplog):
    officer, place = Shell(division.officer), f"{division.station.code}:safe"
    words = ("stock", verb, place, "--reason", "half given", "--line", "item=FEN", "lot=A17", "quantity=1")
    assert "before a witness" in officer.refused(*words)["detail"]
    for text in ("", "\n", "wrong\n", f" {PASSWORD}\n"):
        typed(text)
        assert str(witness) in officer.refused(*words, "--witness", witness.username)["detail"]
    typed(f"{PASSWORD}\n")
    officer(*words, "--witness", witness.username)
    made = StockMovement.objects.latest("pk")
    assert (made.witness, made.quantity) == (witness, 1)
    details = Event.objects.about(made).get().details
    assert details["signed_with"] == "password"
    assert PASSWORD not in f"{details} {list(Command.objects.values())} {caplog.text}"


def test_the_password_comes_from_a_variable_that_is_named(division, fentanyl, witness, monkeypatch):
    officer, place = Shell(division.officer), f"{division.station.code}:safe"
    words = ("stock", "waste", place, "--reason", "half", "--line", "item=FEN", "lot=A17", "quantity=1")
    signed = (*words, "--witness", witness.username, "--password-from", "WITNESS")
    assert "it was empty" in officer.refused(*signed)["detail"]
    monkeypatch.setenv("WITNESS", PASSWORD)
    officer(*signed)
    assert StockMovement.objects.latest("pk").witness == witness


def test_no_one_witnesses_for_themselves_or_from_elsewhere(division, fentanyl, witness, typed, outsider):
    place = f"{division.station.code}:safe"
    words = ("stock", "waste", place, "--reason", "half", "--line", "item=FEN", "lot=A17", "quantity=1", "--witness")
    typed(f"{PASSWORD}\n")
    for name in (division.officer.username, outsider.by, "nobody"):
        assert "no other person" in Shell(division.officer).refused(*words, name)["detail"]
    assert outsider.refused(*words, witness.username)["code"] == "unknown_codes"
    assert Shell(division.auditor).refused(*words, witness.username)["code"] == "permission_denied"


def test_wrong_passwords_are_counted_as_at_the_door(client, division, fentanyl, witness, typed, settings):
    officer, place = Shell(division.officer), f"{division.station.code}:safe"
    words = ("stock", "waste", place, "--reason", "half", "--line", "item=FEN", "lot=A17", "quantity=1")
    settings.EMS_ADDRESS = "http://testserver"
    problems = []
    for text in ["wrong\n"] * 5 + [f"{PASSWORD}\n"]:
        typed(text)
        problems.append(officer.refused(*words, "--witness", witness.username))
    assert {problem["code"] for problem in problems} == {"wrong_password"}
    assert "too many wrong passwords" in problems[-1]["detail"]
    client.post(reverse("account_login"), {"login": witness.username, "password": PASSWORD})
    assert "_auth_user_id" not in client.session, "and the door is locked as well"


def test_recalled_stock_is_pulled(division, fentanyl, witness, typed, outsider):
    take()
    number, place = Recall.objects.get().number, f"{division.station.code}:safe"
    officer = Shell(division.officer)
    words = ("recall", "pull", number, "--place", place, "--destroyed", "--line", "item=FEN", "lot=A17", "quantity=4")
    assert [one["number"] for one in officer("recall", "list", "--state", "acting")["rows"]] == [number]
    assert [(lot["lot_number"], lot["status"]) for lot in officer("recall", "show", number)["lots"]] == [
        ("A17", "recalled")
    ]
    assert "witness" in officer.refused(*words)["detail"]
    assert outsider.refused(*words)["code"] == "not_found"
    assert Shell(division.chief).refused(*words)["code"] == "permission_denied"
    typed(f"{PASSWORD}\n")
    assert officer(*words, "--witness", witness.username)["state"] == "closed"
    assert make.on_hand(division.station, fentanyl.lot.item) == 0


def test_a_person_says_from_the_shell_which_lots_a_recall_names_or_none(division, fentanyl):
    take(record("D-1-2026", lots="See the label"), record("D-2-2026", lots="See the label"))
    logistics, because = Shell(division.logistics), ("--reason", "Read the label")
    assert Shell(division.officer).refused("recall", "dismiss", "D-2-2026", *because)["code"] == "not_found"
    named = logistics("recall", "match", "D-1-2026", *because, "--line", "item=FEN", "lot=A17")
    assert (named["state"], [lot["status"] for lot in named["lots"]]) == ("acting", ["recalled"])
    assert logistics("recall", "dismiss", "D-2-2026", *because)["state"] == "not_ours"
    assert logistics.refused("recall", "dismiss", "D-1-2026", *because)["code"] == "refused"


# --- The catalogue, and stock that was not found or not meant ---------------------------------------------------------


def test_a_code_is_linked_and_taken_back(division, gauze, logistics):
    words = ("item", "link-code", "GZ", "--code", "(01)05901234123457(10)A1")
    assert Shell(division.officer).refused(*words)["code"] == "permission_denied"
    assert "does not come by the case" in logistics.refused(*words, "--pack", "case")["detail"]
    assert "which of these" in logistics.refused("item", "link-code", "GZ", "--code", "0409178269")["detail"]
    linked = {"system": "gtin", "code": "05901234123457", "pack": "box", "is_own": False}
    assert logistics(*words, "--pack", "box")["codes"] == [linked]
    assert logistics("item", "show", "GZ")["codes"] == [linked]
    back = ("item", "unlink-code", "GZ", "--system", "gtin", "--code", "05901234123457")
    assert Shell(division.chief).refused(*back)["code"] == "permission_denied"
    assert logistics(*back)["codes"] == []
    assert logistics.refused(*back)["code"] == "refused"


def test_a_substitute_is_named_and_taken_back(division, gauze, logistics):
    make.item(sku="WIDE")
    words = ("item", "set-substitute", "GZ", "--substitute", "WIDE")
    assert Shell(division.officer).refused(*words)["code"] == "permission_denied"
    assert logistics.refused(*words, "--per", "0")["errors"]
    assert logistics.refused(*words, "--note", "x" * 201)["errors"]
    named = logistics(*words, "--quantity", "2", "--note", "Cut it")["substitutes"]
    assert named == [{"substitute": "WIDE", "quantity": 2, "per": 1, "preference": 1, "note": "Cut it"}]
    back = ("item", "remove-substitute", "GZ", "--substitute", "WIDE")
    assert logistics.refused("item", "remove-substitute", "GZ", "--substitute", "NONE")["code"] == "unknown_codes"
    assert Shell(division.chief).refused(*back)["code"] == "permission_denied"
    assert logistics(*back)["substitutes"] == []


def test_a_lot_is_held_and_released(division, gauze, logistics, outsider):
    level = StockLevel.objects.get(lot__number="A17")
    words = ("lot", "hold", level.lot_id, "--reason", "torn boxes", "--status")
    assert outsider.refused(*words, "quarantined")["code"] == "not_found"
    assert Shell(division.chief).refused(*words, "quarantined")["code"] == "permission_denied"
    assert logistics(*words, "quarantined", "--was", "usable")["status"] == "quarantined"
    assert logistics.refused(*words, "recalled", "--was", "usable")["code"] == "stale_edit"
    assert logistics(*words, "usable")["status"] == "usable"


def test_what_was_not_found_is_counted_with_what_else_lies_there(division, gauze, logistics, outsider):
    level = StockLevel.objects.get(lot__number="A17")
    words = ("count", "unfound", division.warehouse.code)
    assert "waits to be counted" in logistics.refused(*words)["detail"]
    StockLevel.objects.filter(pk=level.pk).update(allocated=9, unfound=9, unfound_at=division.at)
    assert Shell(division.auditor).refused(*words)["code"] == "permission_denied"
    count = logistics(*words)
    assert [line["lot"] for line in count["lines"]] == ["A17"]
    found = ("count", "found", count["id"], "--item", "GZ", "--lot", "Z9", "--counted", "4", "--expires")
    assert outsider.refused(*found, "2030-01-31")["code"] == "not_found"
    assert [(line["lot"], line["counted"]) for line in logistics(*found, "2030-01-31")["lines"]][-1] == ("Z9", 4)


def test_all_that_one_did_a_moment_ago_is_taken_back(division, gauze, logistics):
    used = logistics("stock", "use", division.warehouse.code, "--line", "item=GZ", "quantity=501")["movements"]
    words = ("stock", "undo-together", used[0]["command"])
    assert Shell(division.officer).refused(*words)["code"] == "not_found"
    back = logistics(*words)["movements"]
    assert {one["reverses"] for one in back} == {one["id"] for one in used}
    assert len(back) == 2
    assert "undone" in logistics.refused(*words)["detail"]


# --- Planning ---------------------------------------------------------------------------------------------------------


def test_a_set_of_par_levels_is_taken_back(division, gauze, logistics):
    code = division.station.code
    level = make.par(division.station, gauze, 100, 50)
    done = logistics("par", "set", code, "--line", "item=GZ", "par=80", "minimum=40")
    assert Shell(division.chief).refused("par", "undo", done["command"])["code"] == "refused"

    [back] = logistics("par", "undo", done["command"])["changed"]

    assert (back["id"], back["par"], back["minimum"]) == (level.pk, 100, 50)


@pytest.mark.parametrize(
    ("verb", "state", "words"), [("accept", "accepted", ()), ("decline", "declined", ("--reason", "a match in May"))]
)
def test_a_proposal_is_decided(division, gauze, verb, state, words):
    past.steady(division.station, par=400, minimum=300, item=gauze)
    propose_par_levels(at=make.AT)
    [row] = Shell(division.officer)("proposal", "list", "--place", division.station.code)["rows"]
    line = ("--line", f"id={row['id']}")
    assert Shell(division.auditor).refused("proposal", verb, *words, *line)["code"] == "permission_denied"

    [done] = Shell(division.chief)("proposal", verb, *words, *line)["proposals"]

    assert (done["state"], done["decided_by"]) == (state, division.chief.username)
    assert Shell(division.chief).refused("proposal", verb, *words, *line)["code"] == "stale_edit"


def test_limits_of_a_place_are_set_and_taken_off(division, logistics):
    place = ("limit", "set", division.station.code)
    assert logistics(*place, "--volume-ml", 40_000)["volume_ml"] == 40_000
    assert logistics(*place, "--stock-budget-cents", 500)["volume_ml"] == 40_000
    assert logistics(*place, "--volume-ml", "none")["volume_ml"] is None
    [listed] = logistics("limit", "list", "--place", division.station.code)["rows"]
    assert listed["stock_budget_cents"] == 500
    assert logistics.refused("limit", "set", division.van.code)["code"] == "refused"
    assert Shell(division.officer).refused(*place, "--volume-ml", 1)["code"] == "permission_denied"


def test_policies_and_targets_are_set_and_the_rest_stays(division, logistics):
    set_kind = ("policy", "set-kinds", "--line", "kind=medication", "expiring_days=60")
    assert {"kind": "medication", "horizon_days": None, "expiring_days": 60} in logistics(*set_kind)["kinds"]
    after = logistics("policy", "set-classes", "--line", "criticality=A", "lost_unit_cents=9")
    assert after["classes"][0] == {"criticality": "A", "fill_floor_bp": 9990, "lost_unit_cents": 9}
    assert logistics("policy", "list") == after
    assert Shell(division.auditor).refused(*set_kind)["code"] == "permission_denied"
    assert logistics.refused("policy", "set-kinds", "--line", "kind=drug")["code"] == "bad_line"
    assert logistics.refused("target", "set", "line-fill", "--tenths", 905)["code"] == "permission_denied"
    done = Shell(division.chief)("target", "set", "line-fill", "--tenths", 905)
    assert done["tenths"] == 905
    assert done in logistics("target", "list")["rows"]
