"""The same fact has the same number on every page, and its number leads to exactly the lines that it counts."""

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from dashboard.queries.par_states import State, line_states, place_states
from inventory.models import Item, StockLevel
from inventory.queries.states import state_of, state_sql
from inventory.queries.stock_lines import stock_lines
from orders.actions.drafts import submit_order
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder
from stations.models import Location, Station
from tests import make
from tests.pages import text_of

pytestmark = pytest.mark.django_db

SHELVES = {"supply_room", "safe"}


@pytest.fixture
def north() -> Station:
    """A station where adding up over places, counting what is coming or what does not last, gives other numbers."""
    central = make.warehouse(name="Central")
    north = make.station(name="North", supplied_by=central)
    room, safe, unit = make.room(north), make.safe(north), make.unit(north)
    broken = make.unit(north, is_in_service=False)
    both = make.item(name="Fentanyl", kind=Item.Kind.MEDICATION, schedule="II", criticality="A")
    make.par(room, both, 10, 5)  # nothing in the room, plenty in the safe: the sum would be enough
    make.par(safe, both, 10, 5)
    make.stock(safe, both, on_hand=40)
    aboard = make.item(name="Airway", criticality="A")
    make.par(room, aboard, 10, 5)  # short on the shelf, full on the unit
    make.par(unit.location, aboard, 2, 2)
    make.stock(room, aboard, on_hand=1)
    make.stock(unit.location, aboard, on_hand=30)
    dated = make.item(name="Dextrose", criticality="A")
    make.par(room, dated, 4, 2)  # on hand, and gone before the next delivery but one
    make.stock(room, dated, on_hand=9, number="old", expires_on=timezone.localdate() + timedelta(days=1))
    promised = make.item(name="Splint", criticality="B")
    make.par(room, promised, 4, 2)
    level = make.stock(room, promised, on_hand=3)
    StockLevel.objects.filter(pk=level.pk).update(allocated=2)
    for place in (unit.location, broken.location):  # a unit's lacks are its own; those of a broken one are nobody's
        make.par(place, make.item(criticality="A"), 5)
    make.par(central, both, 10)
    sweep_par_levels(at=timezone.now())
    return north


def links_in(response: Any, words: str) -> list[str]:
    """Where links that read these words lead."""
    found = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>(?:<[^>]+>|\s)*([^<]*)', response.content.decode())
    return [address.replace("&amp;", "&") for address, text in found if text.strip() == words]


def lines_at(client: Any, address: str) -> set[tuple[int, int]]:
    return {(line.location.pk, line.item_id) for line in client.get(address).context["page"].rows}


def test_every_page_says_the_same_of_a_station_and_leads_to_the_lines(client, north):
    client.force_login(make.logistics())
    at = timezone.now()
    lines = line_states(at=at, stations=[north.pk])
    out = {(line.location_id, line.item_id) for line in lines if line.state == "out" and line.location_kind in SHELVES}
    short = {
        (line.location_id, line.item_id) for line in lines if line.state == "short" and line.location_kind in SHELVES
    }
    assert (len(out), len(short)) == (2, 2)

    station = client.get(north.get_absolute_url())
    stock = client.get(reverse("stock"), {"station": north.code})
    [row] = [one for one in client.get(reverse("stations")).context["rows"] if one.station == north]

    assert (row.out, row.short) == (2, 2)
    assert "2 out , 2 short" in text_of(station)
    assert (stock.context["counts"]["out"], stock.context["counts"]["short"]) == (2, 2)
    assert {lines_at(client, address) == out for address in links_in(station, "2 out")} == {True}
    assert {lines_at(client, address) == short for address in links_in(station, "2 short")} == {True}
    assert lines_at(client, *links_in(station, "4 of 5 par levels")) == out | short
    listed = client.get(reverse("stations"))
    assert {frozenset(lines_at(client, one)) for one in links_in(listed, "2")} == {frozenset(out), frozenset(short)}


def test_the_figure_counts_the_lines_of_the_stock_page_with_its_units(client, north):
    client.force_login(make.chief())

    figure = client.get(reverse("figure", args=["stock-outs"]), {"station": north.code})
    stock = client.get(reverse("stock"), {"station": north.code, "place": "all", "show": "out"})

    assert {(one.location.pk, one.item.pk) for one in figure.context["rows"]} == lines_at(
        client, stock.wsgi_request.get_full_path()
    )
    assert figure.context["measures"].stock_outs.hits == stock.context["counts"]["out"] == 3


def test_the_item_unit_queue_and_request_pages_judge_by_the_same_rule(client, north):
    logistics = make.logistics()
    client.force_login(logistics)
    both = Item.objects.get(name="Fentanyl")
    states = {(line.location_id, line.item_id): line.state for line in line_states(at=timezone.now())}

    item = client.get(reverse("item", args=[both.sku])).context["stock"].page
    assert {(one.location.pk, both.pk): str(one.state) for one in item.rows} == {
        key: state for key, state in states.items() if key[1] == both.pk
    }
    unit = client.get(north.units.order_by("pk")[0].get_absolute_url())
    assert "1 out and 0 short of 2 par levels" in text_of(unit)

    draft = ResupplyOrder.objects.automatic_drafts().get(station=north)
    suggested = client.get(reverse("suggested_order", args=[north.code]))
    rows = [row for row in suggested.context["rows"] if row.line]
    assert {(row.line.location_id, row.item.pk): str(row.now.state) for row in rows}.items() <= states.items()
    assert len(rows) == draft.lines.count() == 4

    [strip] = client.get(reverse("queue")).context["strip"].warehouses
    address = reverse("stock") + f"?station={strip.station.code}&show=lacking"
    assert strip.lacking == len(lines_at(client, address)) == 1
    assert address in client.get(reverse("queue")).content.decode().replace("&amp;", "&")


def test_what_is_coming_does_not_hide_what_is_out(client, north):
    """The queue and the approver see the shelf as the station does, whatever has been approved since."""
    officer = make.officer(north)
    draft = ResupplyOrder.objects.automatic_drafts().get(station=north)
    submit_order(order=draft, version=draft.version, by=officer, at=timezone.now(), request_id=make.rid())
    sweep_par_levels(at=timezone.now())
    client.force_login(make.logistics())

    [card] = client.get(reverse("queue")).context["to_approve"].cards
    approve = client.get(reverse("approve_order", args=[draft.pk]))

    assert (sorted(card.out), card.short) == (["Dextrose", "Fentanyl"], ["Airway"])
    states = {(line.location_id, line.item_id): line.state for line in line_states(at=timezone.now())}
    assert {
        (row.line.location_id, row.line.item_id): str(row.now.state) for row in approve.context["form"].rows()
    }.items() <= states.items()


@pytest.mark.parametrize("at_or_below", [False, True])
def test_the_rule_says_the_same_in_python_and_in_sql(settings, at_or_below):
    settings.EMS_SHORT_AT_OR_BELOW_MINIMUM = at_or_below
    cases = [one for one in itertools.product(range(4), range(1, 4), range(4)) if one[2] <= one[1]]
    rows = " UNION ALL ".join(
        f"SELECT {n} AS n, {u} AS usable, {p} AS par, {s} AS short_below" for n, (u, p, s) in enumerate(cases)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {state_sql('line')} FROM ({rows}) AS line ORDER BY n")  # noqa: S608  # numbers of this test
        said = [state for (state,) in cursor.fetchall()]

    assert said == [state_of(usable=u, par=p, short_below=s) for u, p, s in cases]
    assert set(said) == {State.READY, State.SHORT, State.OUT}
    assert state_of(usable=0, par=0, short_below=0) is None


def test_stock_lines_and_par_states_agree_number_by_number(north):
    places = Location.objects.at(north).select_related("station", "unit__station")
    lines = stock_lines(places, today=timezone.localdate())
    judged = {key: line for key, line in lines.items() if line.state}

    said = {(one.location_id, one.item_id): one for one in line_states(at=timezone.now(), stations=[north.pk])}

    assert judged.keys() == said.keys()
    for key, one in said.items():
        line = judged[key]
        assert (line.usable, line.on_hand, line.par, line.minimum, line.bin, line.state) == (
            one.usable, one.on_hand, one.par, one.minimum, one.bin, one.state,
        )  # fmt: skip
    counted = {
        place.location_id: (place.out, place.short) for place in place_states(at=timezone.now(), stations=[north.pk])
    }
    for place, (out, short) in counted.items():
        here = [line.state for (location, _), line in judged.items() if location == place]
        assert (here.count(State.OUT), here.count(State.SHORT)) == (out, short)
