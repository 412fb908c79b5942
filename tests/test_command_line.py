"""The verbs of the trade from a shell: the same rules as on the pages, JSON on standard output, exit codes."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from integrations.command_line.nouns import NOUNS
from inventory.models import CycleCount, Item, ParLevel, StockLevel, StockMovement
from orders.actions.schedule import schedule_deliveries
from orders.actions.sweep import sweep_par_levels
from orders.models import DeliveryRun, ResupplyOrder, Shipment
from orders.queries.verify import all_differences
from stations.models import Command
from tests import make
from tests.conftest import ROOT, test_database_url
from tests.flow import Division
from tests.shell import Shell

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division(at=timezone.now())
    gauze = make.item(name="Gauze", sku="GZ", issue_pack=10)
    make.par(division.station, gauze, par=100, minimum=20)
    make.stock(division.warehouse, gauze, on_hand=500, number="A17")
    make.stock(division.station, gauze, on_hand=30, number="B4")
    return division


@pytest.fixture
def officer(division):
    return Shell(division.officer)


@pytest.fixture
def logistics(division):
    return Shell(division.logistics)


def test_a_request_from_its_draft_to_its_receipt(division, officer, logistics):
    order = officer("order", "draft", division.station.code, "--line", "item=GZ", "quantity=40")
    officer("order", "edit", order["id"], "--priority", "urgent", "--line", "item=GZ", "quantity=50")
    assert officer("order", "submit", order["id"])["state"] == "submitted"
    line = order["lines"][0]["id"]
    assert officer.refused("order", "approve", order["id"])["code"] == "permission_denied"
    less = logistics.refused("order", "approve", order["id"], "--line", f"id={line}", "quantity=30")
    assert less["errors"] == ["Gauze: say why less than 50 is approved."]
    logistics("order", "approve", order["id"], "--line", f"id={line}", "quantity=30", "reason=short, this week")

    [shipment] = logistics("shipment", "list", "--state", "planned")["rows"]
    logistics("shipment", "begin", shipment["id"])
    logistics("shipment", "pick", shipment["id"])
    logistics("shipment", "pack", shipment["id"], "--totes", 2)
    assert logistics.refused("shipment", "dispatch", shipment["id"])["code"] == "refused"
    schedule_deliveries(at=timezone.now())
    [run] = logistics("run", "list")["rows"]
    logistics("run", "load", run["id"])
    logistics("run", "leave", run["id"], "--driver", division.driver.username)
    sent = logistics("shipment", "show", shipment["id"])["lines"][0]["id"]
    done = officer(
        *("shipment", "receive", shipment["id"]),
        *("--line", f"id={sent}", "accepted=28", "damaged=2", "reason=wet"),
    )

    assert done["state"] == "received"
    assert make.on_hand(division.station, Item.objects.get()) == 58
    assert all_differences() == []


def test_what_is_said_twice_is_done_once(division, officer):
    words = ("stock", "use", division.station.code, "--line", "item=GZ", "quantity=5", "--request-id", make.rid())
    assert officer(*words) == officer(*words)
    assert StockLevel.objects.get(lot__number="B4").on_hand == 25
    other = ("stock", "use", division.station.code, "--line", "item=GZ", "quantity=6", "--request-id", words[-1])
    assert officer.refused(*other)["code"] == "request_id_reused"


def test_stock_is_received_moved_discarded_and_put_right(division, logistics):
    soon = timezone.localdate() + timedelta(days=400)
    code = division.station.code
    said = logistics(
        *("stock", "receive", division.warehouse.code, "--reference", "PO 7"),
        *("--line", "item=GZ", "lot=C1", f"expires={soon}", "quantity=20"),
    )
    assert [line["quantity"] for line in said["movements"]] == [20]
    logistics("stock", "move", division.warehouse.code, "--to", code, "--line", "item=GZ", "lot=C1", "quantity=8")
    gone = logistics("stock", "discard", code, "--reason", "torn", "--line", "item=GZ", "lot=C1", "quantity=3")
    logistics("stock", "undo", gone["movements"][0]["id"], "--reason", "it was another")

    rows = logistics("stock", "list", "--place", code, "--item", "GZ")["rows"]

    assert {row["lot_number"]: row["on_hand"] for row in rows} == {"B4": 30, "C1": 8}
    assert {lot["number"] for lot in logistics("lot", "list")["rows"]} == {"A17", "B4", "C1"}
    assert [item["sku"] for item in logistics("item", "list")["rows"]] == ["GZ"]


def test_a_count_from_beginning_to_end(division, officer):
    count = officer("count", "open", division.station.code, "--blind")
    assert [line["expected"] for line in count["lines"]] == [None]
    officer("count", "record", count["id"], "--line", "item=GZ", "lot=B4", "counted=28")
    assert officer("count", "list", "--state", "open")["rows"][0]["left"] == 0
    officer("count", "finish", count["id"])
    assert officer.refused("count", "post", count["id"])["errors"]
    officer("count", "post", count["id"], "--reason", "miscounted before")
    assert StockLevel.objects.get(lot__number="B4").on_hand == 28
    other = officer("count", "open", division.station.code)
    officer("count", "cancel", other["id"], "--reason", "a call came in")
    assert CycleCount.objects.get(pk=other["id"]).state == "cancelled"


def test_par_levels_keep_what_is_not_said(division, logistics):
    ParLevel.objects.update(bin="A1", mandated_minimum=5)
    code = division.station.code
    done = logistics("par", "set", code, "--line", "item=GZ", "par=120", "minimum=30")
    level = ParLevel.objects.get()
    assert (level.par, level.minimum, level.bin, level.mandated_minimum) == (120, 30, "A1", 5)
    assert done["changed"][0]["par"] == logistics("par", "list", "--place", code)["rows"][0]["par"] == 120
    stale = logistics.refused("par", "set", code, "--line", "item=GZ", "par=9", "minimum=9", "version=1")
    assert stale["code"] == "par_levels_changed"


def test_requests_end_in_other_ways(division, officer, logistics):
    def sent() -> int:
        order: ResupplyOrder = division.submitted({Item.objects.get().pk: 10})
        return order.pk

    logistics("order", "reject", sent(), "--reason", "not now")
    logistics("order", "send-back", (back := sent()), "--reason", "which size?")
    officer("order", "cancel", back, "--reason", "not needed")
    logistics("order", "approve", (short := sent()))
    logistics("order", "close-short", short, "--reason", "supplier is out")
    states = [row["state"] for row in logistics("order", "list", "--station", division.station.code)["rows"]]
    assert states == ["rejected", "cancelled", "closed"]
    sweep_par_levels(at=timezone.now())
    assert officer("shortfall", "list")["rows"] == []


# --- Whose it is ------------------------------------------------------------------------------------------------------


def test_what_may_not_be_seen_is_not_there(division, logistics):
    item = StockLevel.objects.get(lot__number="B4").lot.item
    order = division.submitted({item.pk: 10})
    outsider = Shell(make.officer(make.station(supplied_by=division.warehouse)))
    assert outsider.refused("order", "show", order.pk)["code"] == "not_found"
    assert outsider.refused("stock", "use", division.station.code, "--line", "item=GZ", "quantity=1")["code"] == (
        "unknown_codes"
    )
    movement = StockMovement.objects.earliest("pk")
    assert outsider.refused("stock", "undo", movement.pk, "--reason", "x")["code"] == "not_found"
    of_no_station = {"item", "policy", "target", "planner"}  # and what follows is no officer's work
    for noun in ("shortage", "limit"):
        assert outsider.refused(noun, "list")["code"] == "permission_denied"
        of_no_station.add(noun)
    for noun in NOUNS.keys() - of_no_station:
        assert outsider(noun, "list")["rows"] == []


def test_who_only_reads_changes_nothing(division):
    reader = Shell(division.auditor)
    before = Command.objects.count()
    code = division.station.code
    for words in (
        ("order", "draft", code, "--line", "item=GZ", "quantity=1"),
        ("stock", "use", code, "--line", "item=GZ", "quantity=1"),
        ("count", "open", code),
        ("par", "set", code, "--line", "item=GZ", "par=1", "minimum=1"),
    ):
        assert reader.refused(*words)["code"] == "permission_denied"
    assert Command.objects.count() == before
    assert len(reader("stock", "list")["rows"]) == 2


def test_somebody_who_is_not_there_or_was_let_go(division):
    division.officer.is_active = False
    division.officer.save()
    for name in ("nobody", division.officer.username):
        made = make.person("officer")
        made.username = name
        assert Shell(made).refused("order", "list")["code"] == "unknown_person"


# --- What is typed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("item=GZ",), "lacks quantity"),
        (("item=GZ", "quantity=x"), "whole number"),
        (("item=GZ", "quantity=-1"), "whole number"),
        (("item=GZ", "quantity=1", "quantity=2"), "twice"),
        (("item=GZ", "colour=red", "quantity=1"), "write item="),
        (("GZ", "1"), "write item="),
        (("item=NONE", "quantity=1"), "not in the catalogue"),
        (("item=GZ", "lot=ZZ", "quantity=1"), "lots are not known"),
        (("item=GZ", "quantity=999999"), "29 usable"),
    ],
)
def test_a_line_that_cannot_be_is_refused_whole(division, officer, words, says):
    problem = officer.refused(
        *("stock", "use", division.station.code, "--line", "item=GZ", "quantity=1", "--line", *words)
    )
    assert says in " ".join([problem["detail"], *problem["errors"]])
    assert StockLevel.objects.get(lot__number="B4").on_hand == 30


def test_an_item_is_asked_for_once(division, officer):
    code, line = division.station.code, ("--line", "item=GZ", "quantity=1")
    assert "twice" in officer.refused("order", "draft", code, *line, *line)["detail"]


def test_lists_go_on_where_they_ended(division, logistics):
    for _ in range(5):
        make.item()
    first = logistics("item", "list", "--limit", 4)
    rest = logistics("item", "list", "--limit", 4, "--after", first["next"])
    assert [len(first["rows"]), len(rest["rows"]), rest["next"]] == [4, 2, None]


def test_every_noun_lists_and_every_verb_says_what_it_does(capsys):
    text = (Path(ROOT) / "docs" / "commands.md").read_text()
    for noun in NOUNS.values():
        assert noun.verbs[0].name == "list" or noun.name == "planner"  # whose runs are listed as such
        for verb in noun.verbs:
            assert f"`{verb.name}`" in text, f"{noun.name} {verb.name}"
            with pytest.raises(SystemExit) as ended:
                call_command("ems", noun.name, verb.name, "--help")
            assert ended.value.code == 0
            assert verb.help in " ".join(capsys.readouterr().out.split())


@pytest.mark.django_db(transaction=True)
def test_exit_codes_as_a_script_sees_them():
    division = Division(at=timezone.now())
    own = {"DATABASE_URL": test_database_url(), "DJANGO_SETTINGS_MODULE": "ems_supply.settings"}

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "manage.py", "ems", *words]
        return subprocess.run(command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False)

    done = run("order", "list", "--by", division.chief.username, "--json")
    refused = run("order", "show", "999", "--by", division.chief.username, "--json")
    unread = run("order", "show", "many", "--by", division.chief.username, "--json")
    assert [done.returncode, refused.returncode, unread.returncode] == [0, 1, 2]
    assert json.loads(done.stdout) == {"rows": [], "next": None}
    assert json.loads(refused.stdout)["problem"]["code"] == "not_found"
    assert "whole number" in unread.stderr
    assert ResupplyOrder.objects.count() + Shipment.objects.count() + DeliveryRun.objects.count() == 0
