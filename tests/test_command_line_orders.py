"""Approving, sharing and asking from a shell, as on the pages; and photos of what came damaged."""

import pytest
from django.utils import timezone

from inventory.actions.substitutes import set_substitute
from orders.actions.sweep import sweep_par_levels
from orders.models import DiscrepancyPhoto, OrderLine, ResupplyOrder
from orders.queries.verify import all_differences
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.shell import Shell
from tests.test_photos import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    yield Division(at=timezone.now())
    assert all_differences() == []


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze", sku="GZ")
    make.par(division.station, item, par=100)
    return item


@pytest.fixture
def logistics(division):
    return Shell(division.logistics)


@pytest.fixture
def outsider(division):
    """An officer of another station."""
    return Shell(make.officer(make.station(supplied_by=division.warehouse)))


def test_a_suggestion_is_found_and_sent_with_last_changes(division, gauze, outsider):
    sweep_par_levels(at=division.at)
    officer = Shell(division.officer)
    [draft] = officer("order", "list", "--suggested")["rows"]
    words = ("order", "submit", draft["id"], "--priority", "urgent", "--line", "item=GZ", "quantity=40")
    assert outsider.refused(*words)["code"] == "not_found"
    assert "has passed" in officer.refused(*words, "--needed-by", "2020-05-04T18:00")["detail"]
    sent = officer(*words, f"place={division.station.code}", "--needed-by", "2090-05-04T18:00")
    assert (sent["state"], sent["priority"], sent["needed_by"][:4]) == ("submitted", "urgent", "2090")
    assert [line["asked"] for line in sent["lines"]] == [40]
    assert officer("order", "list", "--suggested")["rows"] == []


def test_an_item_that_is_kept_in_two_places_is_asked_for_at_each(division, gauze):
    make.safe(division.station)
    code, officer = division.station.code, Shell(division.officer)
    room = ("--line", "item=GZ", "quantity=5", f"place={code}")
    safe = ("--line", "item=GZ", "quantity=7", f"place={code}:safe")
    made = officer("order", "draft", code, *room, *safe)
    assert sorted(line["asked"] for line in made["lines"]) == [5, 7]
    elsewhere = ("--line", "item=GZ", "quantity=1", f"place={division.warehouse.code}")
    assert Shell(division.logistics).refused("order", "draft", code, *elsewhere)["code"] == "refused"


def test_several_are_approved_together_or_none(division, gauze, logistics, outsider):
    make.stock(division.warehouse, gauze, on_hand=100)
    orders = [division.submitted({gauze.pk: 10}) for _ in range(2)]
    words = ("order", "approve-together", *(word for one in orders for word in ("--line", f"id={one.pk}")))
    assert outsider.refused(*words)["code"] == "permission_denied"
    assert orders[1].number in logistics.refused(*words, "version=9")["errors"][0]
    assert "not there" in logistics.refused(*words, "--line", "id=999999")["errors"][0]
    assert [one["state"] for one in logistics(*words)["orders"]] == ["approved", "approved"]


def test_another_item_is_approved_instead(division, gauze, logistics, outsider):
    other = make.item(name="Gauze, small", sku="GZ-S")
    make.stock(division.warehouse, other, on_hand=100)
    set_substitute(item=gauze, substitute=other, note="Same use", **division.by(division.logistics))
    order = division.submitted({gauze.pk: 10})
    [offer] = logistics("order", "substitutes", order.pk)["substitutes"]
    assert (offer["item"], offer["quantity"]) == ("GZ-S", 10)
    assert Shell(division.officer).refused("order", "substitutes", order.pk)["code"] == "permission_denied"
    words = ("order", "substitute", order.pk, "--line-id", offer["line"], "--item")
    assert outsider.refused(*words, "GZ-S")["code"] == "not_found"
    assert "not named" in logistics.refused(*words, "GZ")["detail"]
    assert "not on this request" in logistics.refused(*words[:-2], 999_999, "--item", "GZ-S")["detail"]
    assert [(one["item"], one["approved"]) for one in logistics(*words, "GZ-S")["lines"]] == [("GZ", 0), ("GZ-S", None)]


def test_what_is_short_is_listed_shared_and_promised_otherwise(division, gauze, logistics, outsider):
    rival = Division(warehouse=division.warehouse, at=division.at)
    make.par(rival.station, gauze, par=100)
    owed, waiting = rival.approved({gauze.pk: 50}), division.submitted({gauze.pk: 50})
    make.stock(division.warehouse, gauze, on_hand=60)
    assert outsider.refused("shortage", "list")["code"] == "permission_denied"
    [short] = logistics("shortage", "list", "--item", "GZ")["rows"]
    assert (short["wanted"], short["free"], short["promised_now"]) == (100, 60, 30)
    words = ("shortage", "share", division.warehouse.code, "--item", "GZ", "--seen")
    assert Shell(division.chief).refused(*words, short["seen"])["code"] == "permission_denied"
    assert logistics.refused(*words, "x")["code"] == "stale_edit"
    assert logistics(*words, short["seen"]) == {"promised": 30}

    line = ("--line", f"id={waiting.lines.get().pk}", "quantity=50", "promise=10")
    assert "say why 10 and not 30" in logistics.refused("order", "approve", waiting.pk, *line)["errors"][0]
    logistics("order", "approve", waiting.pk, *line, "promise_reason=enough until Friday")

    assert outsider.refused("order", "allocate", owed.pk)["code"] == "not_found"
    assert Shell(division.officer).refused("order", "allocate", waiting.pk)["code"] == "permission_denied"
    make.stock(division.warehouse, gauze, on_hand=40, number="NEW")
    assert [one["allocated"] for one in logistics("order", "allocate", owed.pk)["lines"]] == [50]
    assert sorted(OrderLine.objects.values_list("allocated", flat=True)) == [10, 50]


def test_the_chief_asks_a_station_for_an_item(division, gauze, logistics):
    words, chief = ("order", "ask-for", division.station.code, "--item"), Shell(division.chief)
    assert logistics.refused(*words, "GZ")["code"] == "permission_denied"
    assert "no item" in chief.refused(*words, "NONE")["errors"][0]
    assert chief(*words, "GZ")["code"] == division.station.code
    assert Event.objects.filter(verb="asked for").count() == 1
    assert not ResupplyOrder.objects.exists()


def test_photos_of_what_came_damaged_are_read_from_files(division, gauze, tmp_path):
    make.stock(division.warehouse, gauze, on_hand=100)
    shipment = division.delivered({gauze.pk: 10})
    for name, content in (("a.jpg", drawn()), ("b.png", drawn("PNG")), ("c.jpg", b"no photo")):
        (tmp_path / name).write_bytes(content)
    officer, line = Shell(division.officer), shipment.lines.get().pk
    words = ("shipment", "receive", shipment.pk, "--line", f"id={line}", "accepted=7", "damaged=3", "reason=wet")
    for wrong in ("c.jpg", "none.jpg"):
        assert wrong in officer.refused(*words, f"photos={tmp_path}/{wrong}")["detail"]
    assert officer(*words, f"photos={tmp_path}/a.jpg,{tmp_path}/b.png")["state"] == "received"
    assert DiscrepancyPhoto.objects.count() == 2
    [found] = officer("discrepancy", "list")["rows"]
    assert [one["number"] for one in found["photos"]] == [1, 2]
