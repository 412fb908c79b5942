"""What the event lists say: before → after in words, with names and without brackets, for every kind of event."""

import re
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.actions import counts
from inventory.actions.count_lines import Counted
from inventory.actions.par_levels import ParChange, set_par_levels
from inventory.actions.policies import Policy, set_policies
from inventory.queries.event_words import said
from orders.actions import drafts, picking
from orders.actions.approval import approve_order
from orders.actions.asked import ItemAt
from orders.actions.granting import LineDecision
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder
from stations.actions.people import Duty, add_person, change_person
from stations.models import Command, Event
from tests import divisions, make
from tests.flow import Division
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division()


def lines(*events):
    words = said(events)
    return [line for event in events for line in words[event.pk]]


def of(subject, verb):
    return lines(*Event.objects.about(subject).filter(verb=verb))


def test_a_par_level_says_what_it_was_and_is(client, division):
    item, place = make.item(name="Gauze"), make.room(division.station)
    given = {"by": division.logistics, "at": make.AT}
    [level] = set_par_levels(changes=[ParChange(place.pk, item.pk, 20, 8, "A-04")], request_id=make.rid(), **given)
    change = ParChange(place.pk, item.pk, 1_200, 8, "", version=1)
    set_par_levels(changes=[change], request_id=make.rid(), **given)

    assert of(level, "added") == ["Par: 20", "Minimum: 8", "Bin: A-04"]
    assert of(level, "changed") == ["Par: 20 → 1,200", "Bin: A-04 → none"]
    client.force_login(make.auditor())
    log = text_of(client.get(reverse("log")))
    assert "Par: 20 → 1,200" in log
    assert f"Gauze, {place}" in log


def test_a_draft_says_which_items_by_name_and_for_which_place(division):
    item = make.item(sku="GLV-M", name="Gloves, medium")
    make.par(division.station, item, par=100)
    make.par(make.safe(division.station), item, par=50)
    sweep_par_levels(at=division.at)
    draft = ResupplyOrder.objects.get()
    wanted = {ItemAt(item.pk, make.safe(division.station).pk): 70}
    drafts.edit_order(order=draft, version=None, quantities=wanted, **division.by(division.officer))

    assert of(draft, "edited") == ["Gloves, medium, Safe: 50 → 70"]


def test_a_count_says_what_of_which_lot(division):
    level = make.stock(division.station, make.item(name="Gauze"), on_hand=10, number="A17")
    count = counts.open_count(location=level.location, is_blind=True, **division.by(division.officer))
    for seen, number in ((None, 9), (9, 7)):
        line = [Counted(level.lot_id, number, seen)]
        counts.record_count(count=count, lines=line, **division.by(division.officer))
    counts.finish_count(count=count, version=None, **division.by(division.officer))
    reasons = {level.lot_id: "Miscounted"}
    counts.post_count(count=count, version=None, reasons=reasons, **division.by(division.officer))

    assert of(count, "opened") == ["Blind"]
    assert of(count, "counted") == ["Gauze, lot A17: 9", "Gauze, lot A17: 9 → 7"]
    assert of(count, "posted") == ["Gauze, lot A17: -3"]


def test_people_policies_and_imports_say_before_and_after(division):
    person = division.officer
    duty = Duty("officer", acts_at=[division.station, division.warehouse])
    named = partial(change_person, person=person, first_name="Lee", last_name="Ng", email="")
    named(duty=duty, is_active=False, **division.by(division.chief))
    set_policies(policies=[Policy("consumable", 14, 60)], **division.by(division.chief))
    divisions.load(**divisions.division())
    divisions.load(items="sku,unit_cost\nGLV-M,0.20\n")

    here, there = division.station.code, division.warehouse.code
    acts_at = ", ".join(sorted([here, there]))
    assert of(person, "changed") == [f"Acts at: {here} → {acts_at}", "May sign in: yes → no"]
    assert lines(*Event.objects.filter(verb="set policies")) == ["Consumable: none, 90 → 14, 60"]
    assert lines(*Event.objects.filter(subject_kind="item", verb="changed")) == ["Unit cost: 0.13 → 0.20"]


def test_two_names_in_a_list_are_not_taken_for_before_and_after(division):
    duty = Duty("officer", acts_at=[division.station, division.warehouse])
    person = add_person(username="lee.ng", first_name="Lee", last_name="Ng", duty=duty, **division.by(division.chief))

    [role, acts_at] = of(person, "entered")
    assert role == "Role: officer"
    assert "→" not in acts_at


def test_an_approval_says_of_what_less_was_granted_and_why(division):
    item = make.item(name="Gauze")
    make.par(division.station, item, par=100)
    order = division.submitted({item.pk: 10})
    decision = LineDecision(order.lines.get().pk, 4, "Four are enough")
    approve_order(order=order, version=None, decisions=[decision], **division.by(division.logistics))

    assert "Gauze: 10 → 4, “Four are enough”" in of(order, "approved")


def test_no_event_of_an_orders_whole_way_shows_brackets_or_bare_ids(division):
    item = make.item(sku="GLV-M", name="Gloves, medium", issue_pack=50)
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500, number="A17")
    division.received({item.pk: 100})
    division.approved({item.pk: 50})
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    picked = {shipment.lines.get().pk: 20}
    by = division.by(division.logistics)
    picking.confirm_picks(shipment=shipment, version=None, picked=picked, reason="Empty", **by)
    everything = list(Event.objects.order_by("pk"))

    shown = lines(*everything)

    assert not [line for line in shown if re.search(r"[\[\]{}]|None|True|False", line)]
    assert {"Gloves, medium, A17: 100", "Gloves, medium: 100", "Totes: 1", "Handed to: Lee"} <= set(shown)


def test_however_many_events_two_questions_name_their_lots_and_items(division):
    levels = [make.stock(division.station, make.item(), on_hand=10, number="A") for _ in range(5)]
    count = counts.open_count(location=make.room(division.station), **division.by(division.officer))
    for level in levels:
        line = [Counted(level.lot_id, 9)]
        counts.record_count(count=count, lines=line, **division.by(division.officer))
    events = list(Event.objects.about(count))

    with CaptureQueriesContext(connection) as asked:
        words = said(events)

    assert len(asked) == 1
    assert sum(map(len, words.values())) == 5


def test_a_stop_says_its_station_by_name(division):
    command = Command.objects.begin("arrive", by=division.logistics, at=make.AT)
    one, other = division.station, division.warehouse
    arrived = command.log("arrived", one, station=one.code)
    reordered = command.log("reordered", one, before=[one.code, other.code], after=[other.code, one.code])

    assert lines(arrived) == [f"Station: {one.name}"]
    assert lines(reordered) == [f"{one.name}, {other.name} → {other.name}, {one.name}"]
