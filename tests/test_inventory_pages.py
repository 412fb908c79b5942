"""The pages of stock: who may open them, what they refuse, and that their queries do not grow with their rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inventory.actions import counts as count_actions
from inventory.models import CriticalityPolicy, CycleCount, Item, KindPolicy, Lot, StockLevel, StockMovement
from inventory.queries.policies import criticality_weights
from stations.models import Station, User
from tests import make
from tests.make import AT, rid
from tests.pages import forms_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Station:
    return make.station(name="North")


@pytest.fixture
def officer(north: Station, client: Client) -> User:
    officer = make.officer(north)
    client.force_login(officer)
    return officer


@pytest.fixture
def logistics(client: Client) -> User:
    person = make.logistics()
    client.force_login(person)
    return person


def days(number: int):
    return timezone.localdate() + timedelta(days=number)


def post(client: Client, name: str, *args: object, **data: Any) -> Any:
    """Post to a page, with a fresh request id unless one is given."""
    return client.post(reverse(name, args=args), {"request_id": rid()} | data)


def post_line(client: Client, count: CycleCount, lot: int, **data: Any) -> Any:
    """Keep one line of a count, as htmx does."""
    address = f"{reverse('record_count', args=[count.pk])}?lot={lot}"
    return client.post(address, {"request_id": rid()} | data, headers={"HX-Request": "true"})


def moved() -> int:
    return StockMovement.objects.exclude(reason="opening").count()


def text_of(response: Any) -> str:
    return str(response.content, "utf-8")


# --- Who may open what -----------------------------------------------------------------------------------------------


class Scene:
    """A station with a room, a unit, stock, par levels and an open count: something on every page."""

    def __init__(self) -> None:
        self.station = make.station(name="North")
        self.unit = make.unit(self.station)
        self.room = make.room(self.station)
        self.item = make.item(name="Gauze", issue_pack=10)
        self.level = make.stock(self.room, self.item, on_hand=40, number="A", expires_on=days(20))
        make.stock(self.unit.location, self.item, on_hand=2, number="A")
        make.par(self.room, self.item, 50, 20, bin="A1")
        make.par(self.unit.location, self.item, 5)
        self.count = count_actions.open_count(location=self.room, by=make.logistics(), at=AT, request_id=rid())

    def address(self, name: str) -> str:
        arguments: dict[str, list[object]] = {
            "item": [self.item.sku],
            "lot": [self.level.lot_id],
            "count": [self.count.pk],
            "open_count": [self.room.pk],
            "use_stock": [self.room.pk],
            "move_stock": [self.room.pk],
            "discard_stock": [self.room.pk],
            "restock_unit": [self.unit.code],
            "receive_stock": [self.station.code],
            "received_row": [self.station.code, 4],
            "undo_movement": [StockMovement.objects.order_by("pk")[0].pk],
        }
        return reverse(name, args=arguments.get(name, []))


@pytest.fixture
def scene() -> Scene:
    return Scene()


LISTS = ("items", "stock", "lots", "movements", "expiring", "counts")
DETAILS = ("item", "lot", "count")
ACTS = ("use_stock", "move_stock", "discard_stock", "restock_unit", "receive_stock", "received_row", "open_count")
PEOPLE: dict[str, Callable[[Scene], User]] = {
    "officer": lambda scene: make.officer(scene.station),
    "reader": lambda scene: make.officer(scene.station, read_only=True),
    "outsider": lambda scene: make.officer(make.station()),
    "nobody": lambda scene: make.officer(),
    "logistics": lambda scene: make.logistics(),
    "chief": lambda scene: make.chief(),
    "auditor": lambda scene: make.auditor(),
    "driver": lambda scene: make.driver(),
}


def expected_status(who: str, page: str) -> int:
    """What a page answers to a person: found, forbidden, or hidden."""
    hidden = who in ("outsider", "nobody", "driver")
    if page in LISTS or page == "item":
        return 200
    if page == "undo_movement":
        return 200 if who == "logistics" else 403
    if page == "policies":
        return 200 if who in ("logistics", "chief", "auditor") else 403
    if hidden:
        return 404
    return 200 if page in DETAILS or who in ("officer", "logistics") else 403


@pytest.mark.parametrize("who", PEOPLE)
def test_each_page_opens_for_whom_it_is_meant(client, scene, who):
    client.force_login(PEOPLE[who](scene))
    pages = [*LISTS, *DETAILS, *ACTS, "undo_movement", "policies"]

    answers = {page: client.get(scene.address(page)) for page in pages}

    assert {page: answer.status_code for page, answer in answers.items()} == {
        page: expected_status(who, page) for page in pages
    }
    if who in ("outsider", "nobody", "driver"):
        assert not any("North" in text_of(answers[page]) for page in (*LISTS, "item"))


def test_nobody_looks_without_signing_in(client, scene):
    assert {client.get(scene.address(page)).status_code for page in (*LISTS, *DETAILS, *ACTS)} == {302}


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("reader", 403), ("chief", 403), ("auditor", 403)])
def test_nothing_changes_for_who_may_not_act(client, scene, who, status):
    client.force_login(PEOPLE[who](scene))
    lot = scene.level.lot_id
    steps = [
        post(client, "use_stock", scene.room.pk, **{f"q-{scene.item.pk}": "1"}),
        post(client, "move_stock", scene.room.pk, **{f"q-{lot}": "1", "destination": scene.unit.location.pk}),
        post(client, "discard_stock", scene.room.pk, **{f"q-{lot}": "1", "why": "expired"}),
        post(client, "restock_unit", scene.unit.code, **{f"q-{scene.item.pk}": "1"}),
        post(client, "receive_stock", scene.station.code, item=scene.item.sku, quantity="1"),
        post(client, "record_count", scene.count.pk, **{f"counted-{lot}": "1"}),
        post(client, "add_found_lot", scene.count.pk, item=scene.item.sku, number="Z", counted="1"),
        post(client, "finish_count", scene.count.pk, version=1),
        post(client, "post_count", scene.count.pk, version=1),
        post(client, "cancel_count", scene.count.pk, version=1, reason="x"),
        post(client, "open_count", scene.unit.location.pk),
    ]

    assert {response.status_code for response in steps} == {status}
    assert moved() == 0
    assert CycleCount.objects.filter(state="open").count() == 1


@pytest.mark.parametrize("pk", [10**9, 10**30])
@pytest.mark.parametrize("page", ["lot", "count", "use_stock", "discard_stock", "open_count", "undo_movement"])
def test_what_does_not_exist_is_not_found(client, logistics, page, pk):
    assert client.get(reverse(page, args=[pk])).status_code == 404


@pytest.mark.parametrize(
    "address", ["/items/nothing/", "/items/%00/", "/stock/?station=nowhere", "/restock/nothing/", "/receive/nothing/"]
)
def test_unknown_codes_are_not_found(client, logistics, address):
    make.station()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/stock/?place=x&show=y&page=-1&q=%00",
        "/items/?kind=x&q=%00%25_'",
        "/lots/?show=x&q=%00",
        "/movements/?item=x&lot=x&place=99999999999999999999&reason=x&since=x&until=2026-13-01",
        "/expiring/?show=x&station=x",
        "/counts/?state=x",
    ],
)
def test_filters_that_cannot_be_read_are_left_out(client, scene, logistics, address):
    assert client.get(address).status_code == 200


# --- Queries do not grow with rows -----------------------------------------------------------------------------------


def fill(station: Station, number: int) -> None:
    """More of everything that lists show."""
    unit = make.unit(station)
    room = make.room(station)
    for at in range(number):
        item = make.item(issue_pack=10)
        for name in "AB":
            make.stock(room, item, on_hand=3, number=name, expires_on=days(at))
        make.stock(unit.location, item, on_hand=1, number="A")
        make.par(room, item, 20, bin=f"B{at}")
        make.par(unit.location, item, 5)
        other = make.unit(station)
        make.stock(other.location, item, on_hand=1, number="A")
        count = count_actions.open_count(location=other.location, by=make.logistics(), at=AT, request_id=rid())
        count_actions.cancel_count(count=count, version=1, reason="x", by=make.logistics(), at=AT, request_id=rid())


@pytest.mark.parametrize(
    "page",
    [*LISTS, "count", "item", "lot", "use_stock", "move_stock", "discard_stock", "restock_unit", "receive_stock"],
)
def test_a_page_takes_as_many_queries_for_thirty_rows_as_for_three(client, page):
    def queries(rows: int) -> int:
        station = make.station()
        fill(station, rows)
        room, first = make.room(station), Item.objects.order_by("-pk")[0]
        for _ in range(rows):  # one lot and one item in many places
            make.stock(make.unit(station).location, first, number="A")
        count = count_actions.open_count(location=room, by=make.logistics(), at=AT, request_id=rid())
        arguments: dict[str, list[object]] = {
            "count": [count.pk],
            "item": [first.sku],
            "lot": [Lot.objects.get(item=first, number="A").pk],
            "restock_unit": [station.units.order_by("pk")[0].code],
            "receive_stock": [station.code],
        }
        if page in ("use_stock", "move_stock", "discard_stock"):
            arguments[page] = [room.pk]
        client.force_login(make.officer(station))
        client.get("/")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse(page, args=arguments.get(page, []))).status_code == 200
        return len(seen)

    assert queries(3) == queries(30) < 30


# --- Stock, lots, movements ------------------------------------------------------------------------------------------


def test_the_stock_page_shows_usable_beside_on_hand_and_what_is_short(client, officer, north):
    gauze, tape = make.item(name="Gauze"), make.item(name="Tape")
    level = make.stock(north, gauze, on_hand=30)
    StockLevel.objects.filter(pk=level.pk).update(allocated=4)
    make.stock(north, gauze, on_hand=7, number="old", expires_on=days(-1))
    make.stock(north, gauze, on_hand=6, number="soon", expires_on=days(3))
    make.par(north, gauze, 50, 30)
    make.par(north, tape, 5)

    page = client.get(reverse("stock"))

    [first, second] = page.context["page"].rows
    assert (first.usable, first.on_hand, first.allocated, first.held, first.expiring) == (26, 43, 4, 7, 6)
    assert (first.state, second.state) == ("short", "out")
    assert page.context["counts"] == {
        "all": 2,
        "lacking": 2,
        "out": 1,
        "short": 1,
        "expiring": 1,
        "held": 1,
        "to_count": 0,
    }
    for show, names in {"out": ["Tape"], "short": ["Gauze"], "held": ["Gauze"], "expiring": ["Gauze"]}.items():
        shown = client.get(reverse("stock"), {"show": show}).context["page"].rows
        assert [line.item_name for line in shown] == names


def test_stock_can_be_looked_at_place_by_place_and_searched(client, officer, north):
    unit = make.unit(north)
    make.stock(north, make.item(name="Gauze"))
    make.stock(unit.location, make.item(name="Naloxone 4 mg", ndc="0409-1782-69"))

    def names(**query: object) -> list[str]:
        return [line.item_name for line in client.get(reverse("stock"), query).context["page"].rows]

    assert names() == ["Gauze"]
    assert names(place="all") == ["Gauze", "Naloxone 4 mg"]
    assert names(place=unit.location.pk) == ["Naloxone 4 mg"]
    assert names(place="all", q="4 nalox") == ["Naloxone 4 mg"]
    assert names(place="all", q="0409") == ["Naloxone 4 mg"]
    assert names(place="all", q="zzz") == []


def test_an_officer_does_not_see_another_stations_stock_on_an_items_page(client, officer, north):
    item = make.item()
    make.stock(north, item, on_hand=3, number="mine")
    make.stock(make.station(name="South"), item, on_hand=900, number="theirs")

    page = client.get(reverse("item", args=[item.sku]))

    assert page.context["stock"].on_hand == 3
    assert "South" not in text_of(page)
    assert "theirs" not in text_of(page)


def test_logistics_holds_a_lot_on_its_page(client, logistics, north):
    lot = make.stock(north, make.item(), number="A").lot

    missing = post(client, "lot", lot.pk, status="recalled", reason="", was="usable")
    held = post(client, "lot", lot.pk, status="recalled", reason="Notice 12", was="usable")
    stale = post(client, "lot", lot.pk, status="quarantined", reason="Bulge", was="usable")

    assert (missing.status_code, held.status_code, stale.status_code) == (422, 302, 422)
    assert "made this lot recalled while you had it open" in text_of(stale)
    assert "Bulge" in text_of(stale)
    assert Lot.objects.get().status == "recalled"


def test_an_officer_does_not_hold_a_lot(client, officer, north):
    lot = make.stock(north, make.item()).lot

    assert post(client, "lot", lot.pk, status="recalled", reason="x").status_code == 403
    assert Lot.objects.get().status == "usable"


def test_logistics_undoes_a_movement_once(client, logistics, north):
    make.stock(north, make.item())
    movement = StockMovement.objects.get()

    assert post(client, "undo_movement", movement.pk, reason="").status_code == 422
    assert post(client, "undo_movement", movement.pk, reason="Typo").status_code == 302
    again = post(client, "undo_movement", movement.pk, reason="Typo")

    assert again.status_code == 422
    assert "already been undone" in text_of(again)


def test_movements_are_filtered(client, logistics, north):
    gauze, tape = make.item(), make.item()
    level = make.stock(north, gauze)
    make.stock(make.station(), tape)

    def shown(**query: object) -> int:
        return len(client.get(reverse("movements"), query).context["page"].rows)

    assert shown() == 2
    assert shown(item=gauze.sku) == shown(lot=level.lot_id) == shown(place=make.room(north).pk) == 1
    assert (shown(reason="used"), shown(reason="opening")) == (0, 2)
    assert (shown(since="2026-11-02", until="2026-11-02"), shown(since="2026-11-03")) == (2, 0)


def test_expiring_stock_is_shown_with_its_value_and_a_way_to_discard_it(client, officer, north):
    old = make.stock(north, make.item(unit_cost_cents=250), on_hand=4, number="old", expires_on=days(-3))
    make.stock(north, make.item(), on_hand=1, number="soon", expires_on=days(30))
    make.stock(north, make.item(), on_hand=1, number="later", expires_on=days(200))

    page = client.get(reverse("expiring"))

    assert [level.lot.number for level in page.context["page"].rows] == ["old", "soon"]
    assert (page.context["expired_cents"], page.context["expiring_cents"]) == (1000, 100)
    assert f"{reverse('discard_stock', args=[old.location_id])}?lot={old.lot_id}" in text_of(page)


# --- Use, restock, move, discard -------------------------------------------------------------------------------------


def test_an_officer_uses_stock(client, officer, north):
    item = make.item()
    make.stock(north, item, on_hand=5)
    request_id = rid()
    data = {f"q-{item.pk}": "2", "reference": "Incident 9", "request_id": request_id}

    first = post(client, "use_stock", make.room(north).pk, **data)
    twice = post(client, "use_stock", make.room(north).pk, **data)

    assert (first.status_code, twice.status_code) == (302, 302)
    assert make.on_hand(north, item) == 3
    assert StockMovement.objects.get(reason="used").reference == "Incident 9"


def test_a_chosen_lot_is_taken(client, officer, north):
    item = make.item()
    make.stock(north, item, number="soon", expires_on=days(9))
    late = make.stock(north, item, number="late", expires_on=days(99))

    post(client, "use_stock", make.room(north).pk, **{f"q-{item.pk}": "1", f"lot-{item.pk}": late.lot_id})

    assert StockMovement.objects.get(reason="used").lot.number == "late"


@pytest.mark.parametrize("typed", ["-1", "1.5", "many", "9999999999", "1000001", "", "0"])
def test_what_cannot_be_a_quantity_is_refused_and_kept(client, officer, north, typed):
    item = make.item()
    make.stock(north, item, on_hand=5)

    response = post(client, "use_stock", make.room(north).pk, **{f"q-{item.pk}": typed, "reference": "Incident 9"})

    assert response.status_code == 422
    assert f'value="{typed}"' in text_of(response)
    assert "Incident 9" in text_of(response)
    assert moved() == 0


def test_more_than_is_there_is_refused_on_the_page(client, officer, north):
    item = make.item(name="Gauze")
    make.stock(north, item, on_hand=5)

    response = post(client, "use_stock", make.room(north).pk, **{f"q-{item.pk}": "6"})

    assert response.status_code == 422
    assert "Gauze: 6 asked, 5 usable and not promised. If the shelf holds more, count it." in text_of(response)
    assert moved() == 0


def test_an_item_that_is_gone_meanwhile_is_refused_not_forgotten(client, officer, north):
    here, gone = make.item(), make.item(name="Gone")
    make.stock(north, here, on_hand=5)

    response = post(client, "use_stock", make.room(north).pk, **{f"q-{here.pk}": "1", f"q-{gone.pk}": "1"})

    assert "Gone: 1 asked, 0 usable" in text_of(response)
    assert moved() == 0


def test_an_expired_lot_is_refused_by_name(client, officer, north):
    item = make.item(name="Gauze")
    old = make.stock(north, item, number="old", expires_on=days(-1))

    response = post(client, "use_stock", make.room(north).pk, **{f"q-{item.pk}": "1", f"lot-{item.pk}": old.lot_id})

    assert "expired on" in text_of(response)
    assert moved() == 0


def test_a_request_id_of_something_else_is_refused(client, officer, north):
    item = make.item()
    make.stock(north, item, on_hand=5)
    request_id = rid()
    post(client, "use_stock", make.room(north).pk, request_id=request_id, **{f"q-{item.pk}": "1"})

    other = post(client, "use_stock", make.room(north).pk, request_id=request_id, **{f"q-{item.pk}": "2"})
    none = post(client, "use_stock", make.room(north).pk, request_id="x", **{f"q-{item.pk}": "2"})

    assert (other.status_code, none.status_code) == (422, 422)
    assert "Reload the page" in text_of(other)
    assert make.on_hand(north, item) == 4


def test_a_unit_is_restocked_to_its_list(client, officer, north):
    unit, gauze, tape = make.unit(north), make.item(), make.item()
    make.stock(north, gauze, on_hand=5)
    make.stock(unit.location, gauze, on_hand=1)
    make.par(unit.location, gauze, 4)
    make.par(unit.location, tape, 2)

    page = client.get(reverse("restock_unit", args=[unit.code]))
    rows = page.context["lacking"]
    response = post(client, "restock_unit", unit.code, **{f"q-{row.key}": row.typed for row in rows})

    assert {row.item: row.typed for row in rows} == {gauze: "3", tape: ""}
    assert response.status_code == 302
    assert make.on_hand(unit.location, gauze) == 4


def test_what_expires_before_the_next_delivery_is_lacking_as_on_the_units_page(client, officer, north):
    unit, gauze = make.unit(north), make.item()
    tomorrow = timezone.localdate() + timedelta(days=1)
    make.stock(unit.location, gauze, on_hand=4, number="old", expires_on=tomorrow)
    make.stock(north, gauze, on_hand=9)
    make.par(unit.location, gauze, 4)

    rows = client.get(reverse("restock_unit", args=[unit.code])).context["lacking"]
    assert [(row.aboard, row.lacks, row.typed) for row in rows] == [(0, 4, "4")]


def test_lots_move_from_a_unit_back_to_the_shelf_but_not_to_another_station(client, officer, north):
    unit, south = make.unit(north), make.station()
    level = make.stock(unit.location, make.item(), on_hand=5)
    line = {f"q-{level.lot_id}": "2"}

    away = post(client, "move_stock", unit.location.pk, destination=make.room(south).pk, **line)
    back = post(client, "move_stock", unit.location.pk, destination=make.room(north).pk, **line)

    assert (away.status_code, back.status_code) == (422, 302)
    assert make.on_hand(north, level.lot.item) == 2


def test_expired_stock_is_filled_in_and_discarded(client, officer, north):
    old = make.stock(north, make.item(), on_hand=4, number="old", expires_on=days(-1))
    make.stock(north, make.item(), on_hand=4, number="good")

    rows = client.get(reverse("discard_stock", args=[old.location_id])).context["rows"]
    response = post(
        client, "discard_stock", old.location_id, why="expired", **{f"q-{row.key}": row.typed for row in rows}
    )

    assert [(row.level.lot.number, row.typed) for row in rows] == [("old", "4"), ("good", "")]
    assert response.status_code == 302
    assert make.on_hand(north, old.lot.item) == 0


# --- Receive ---------------------------------------------------------------------------------------------------------


def rows(*lines: dict[str, str]) -> dict[str, list[str]]:
    names = ("item", "number", "serial_number", "expires_on", "quantity", "pack")
    return {name: [line.get(name, "") for line in lines] for name in names}


def test_rows_are_received_in_packs_or_each_and_empty_ones_are_not_meant(client, officer, north):
    gauze, drug = make.item(issue_pack=100, gtin="00312345678906"), make.item(ndc="0409-1782-69")
    lines = rows(
        {"item": f"{gauze.sku} · {gauze.name}", "quantity": "2", "pack": "box", "number": "G1"},
        {},
        {"item": "0409-1782-69", "quantity": "5", "number": "D1", "expires_on": days(90).isoformat()},
        {"item": "00312345678906", "quantity": "3", "number": "G1"},
    )

    response = post(client, "receive_stock", north.code, reference="PO 7", **lines)

    assert response.status_code == 302
    assert (make.on_hand(north, gauze), make.on_hand(north, drug)) == (203, 5)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"item": "nothing", "quantity": "1"}, "is not in the catalogue. Choose an item from the list."),
        ({"item": "GAUZE", "quantity": "-1"}, "greater than or equal to 1"),
        ({"item": "GAUZE", "quantity": "1.5"}, "Write a whole number."),
        ({"item": "GAUZE", "quantity": "1000001"}, "less than or equal to 1000000"),
        ({"item": "GAUZE", "quantity": "10001", "pack": "box"}, "more than 1,000,000"),
        ({"item": "GAUZE", "quantity": "1", "pack": "crate"}, "does not come by the crate: box of 100."),
        ({"item": "GAUZE", "quantity": "1", "number": "A", "expires_on": "soon"}, "Write the date as year-month-day"),
        ({"item": "GAUZE", "quantity": "1", "number": "A", "expires_on": "2020-01-01"}, "it expired on Jan 1, 2020"),
        ({"item": "", "quantity": "1"}, "Say which item this is."),
    ],
)
def test_a_row_that_cannot_be_received_is_refused_and_kept(client, officer, north, line, said):
    make.item(sku="GAUZE", issue_pack=100)
    good = {"item": "gauze", "quantity": "7", "number": "KEPT"}

    response = post(client, "receive_stock", north.code, **rows(good, line))

    assert response.status_code == 422
    assert said in text_of(response)
    assert 'value="KEPT"' in text_of(response)
    assert not StockMovement.objects.exists()


def test_nothing_received_is_refused(client, officer, north):
    response = post(client, "receive_stock", north.code, **rows({}, {}))

    assert response.status_code == 422
    assert "Nothing was chosen" in text_of(response)


def test_rows_are_added_with_htmx_and_without(client, officer, north):
    added = client.get(reverse("received_row", args=[north.code, 4]), headers={"HX-Request": "true"})
    without = post(client, "receive_stock", north.code, add="row", **rows({"number": "KEPT"}))

    assert "<html" not in text_of(added)
    assert 'id="row-4-item"' in text_of(added)
    assert without.status_code == 200
    assert len(without.context["rows"]) == 2
    assert 'value="KEPT"' in text_of(without)


# --- Counts ----------------------------------------------------------------------------------------------------------


def test_a_place_is_counted_from_begin_to_end(client, officer, north):
    level = make.stock(north, make.item(name="Gauze"), on_hand=10, number="A")
    room, lot = make.room(north), level.lot_id

    opened = post(client, "open_count", room.pk)
    count = CycleCount.objects.get()
    line = post_line(client, count, lot, **{f"counted-{lot}": "8", f"seen-{lot}": ""})
    found = post(client, "add_found_lot", count.pk, item=make.item(sku="TAPE").sku, number="T", counted="2")
    finished = post(client, "finish_count", count.pk, version=1)
    refused = post(client, "post_count", count.pk, version=2, **{f"reason-{lot}": "Used unrecorded"})
    posted = post(client, "post_count", count.pk, version=2, for_all="Found", **{f"reason-{lot}": "Used unrecorded"})

    assert opened.headers["Location"] == count.get_absolute_url()
    assert "<html" not in text_of(line)
    assert "1 of 1 counted" in text_of(line)
    assert (found.status_code, finished.status_code, refused.status_code, posted.status_code) == (302, 302, 422, 302)
    assert "Say why the count differs" in text_of(refused)
    assert 'value="Used unrecorded"' in text_of(refused)
    assert make.on_hand(north, level.lot.item) == 8
    assert CycleCount.objects.get().state == "posted"


def test_a_blind_count_hides_what_is_expected(client, officer, north):
    make.stock(north, make.item(), on_hand=8765)
    post(client, "open_count", make.room(north).pk, is_blind="on")

    page = text_of(client.get(CycleCount.objects.get().get_absolute_url()))

    assert "8765" not in page
    assert "expected" not in page


def test_a_number_that_another_person_changed_is_refused_on_its_line(client, officer, north):
    level = make.stock(north, make.item(), on_hand=10)
    post(client, "open_count", make.room(north).pk)
    count, name = CycleCount.objects.get(), f"counted-{level.lot_id}"
    post(client, "record_count", count.pk, **{name: "10"})

    line = post_line(client, count, level.lot_id, **{name: "9"})
    page = post(client, "record_count", count.pk, **{name: "9"})

    assert (line.status_code, page.status_code) == (422, 422)
    assert "counted 10, you 9" in text_of(line)
    assert 'value="9"' in text_of(line)
    assert "counted 10, you 9" in text_of(page)
    assert count.lines.get().counted == 10


def test_a_bin_that_is_as_expected_is_counted_at_once_but_for_what_was_counted_already(client, officer, north):
    room = make.room(north)
    levels = [make.stock(north, make.item(name=name), on_hand=10) for name in ("Gauze", "Tape", "Wipes")]
    for level in levels:
        make.par(room, level.lot.item, 10, bin="A1")
    post(client, "open_count", room.pk)
    count = CycleCount.objects.get()
    address = reverse("record_count", args=[count.pk])
    line = post_line(client, count, levels[0].lot_id, **{f"counted-{levels[0].lot_id}": "9"})

    page = client.get(count.get_absolute_url())
    [whole] = [form for form in forms_in(page, address) if len(form) > 6]
    answer = client.post(f"{address}?bin=1", whole, headers={"HX-Request": "true"})

    assert "All <b>2</b> as expected" in text_of(line)
    assert "3 of 3 counted" in text_of(answer)
    assert "as expected" not in text_of(answer)
    assert [line.counted for line in count.lines.order_by("counted")] == [9, 10, 10]


def test_a_bin_of_which_another_counted_a_line_meanwhile_is_refused_whole(client, officer, north):
    levels = [make.stock(north, make.item(name=name), on_hand=10) for name in ("Gauze", "Tape")]
    post(client, "open_count", make.room(north).pk)
    count = CycleCount.objects.get()
    address = reverse("record_count", args=[count.pk])
    whole = max(forms_in(client.get(count.get_absolute_url()), address), key=len)
    post_line(client, count, levels[0].lot_id, **{f"counted-{levels[0].lot_id}": "9"})

    answer = client.post(f"{address}?bin=1", whole, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "counted 9, you 10" in text_of(answer)
    assert set(count.lines.values_list("counted", flat=True)) == {9, None}


def test_nobody_says_as_expected_of_what_a_blind_count_hides(client, officer, north):
    for name in ("Gauze", "Tape"):
        make.stock(north, make.item(name=name), on_hand=10)
    post(client, "open_count", make.room(north).pk, is_blind="on")
    assert "as expected" not in text_of(client.get(CycleCount.objects.get().get_absolute_url()))


@pytest.mark.parametrize("typed", ["-1", "x", "1000001", "99999999999", "", "1.5"])
def test_what_cannot_be_a_count_is_refused(client, officer, north, typed):
    level = make.stock(north, make.item(), on_hand=10)
    post(client, "open_count", make.room(north).pk)
    count = CycleCount.objects.get()

    response = post(client, "record_count", count.pk, **{f"counted-{level.lot_id}": typed})

    assert response.status_code == 422
    assert count.lines.get().counted is None


def test_a_second_count_joins_the_first(client, officer, north):
    make.stock(north, make.item())
    room = make.room(north)
    post(client, "open_count", room.pk)

    page = client.get(reverse("open_count", args=[room.pk]))
    again = post(client, "open_count", room.pk)

    assert "Join this count" in text_of(page)
    assert (again.status_code, CycleCount.objects.count()) == (422, 1)


def test_a_stale_posting_is_refused_with_what_changed(client, officer, north):
    level = make.stock(north, make.item(), on_hand=10)
    post(client, "open_count", make.room(north).pk)
    count, lot = CycleCount.objects.get(), level.lot_id
    post(client, "record_count", count.pk, **{f"counted-{lot}": "9"})
    post(client, "finish_count", count.pk, version=1)
    post(client, "record_count", count.pk, **{f"counted-{lot}": "7", f"seen-{lot}": "9"})

    response = post(client, "post_count", count.pk, version=2, **{f"reason-{lot}": "Lost"})

    assert response.status_code == 422
    assert "changed while you had it open" in text_of(response)
    assert make.on_hand(north, level.lot.item) == 10


# --- Policies --------------------------------------------------------------------------------------------------------


def policy_fields(**changed: str) -> dict[str, str]:
    fields = {f"horizon-{kind}": "" for kind in Item.Kind.values} | {
        f"expiring-{kind}": "90" for kind in Item.Kind.values
    }
    for rank, (floor, lost) in CriticalityPolicy.USUAL.items():
        fields |= {f"floor-{rank}": f"{floor / 100}", f"lost-{rank}": f"{lost / 100}"}
    return fields | {name.replace("_", "-"): value for name, value in changed.items()}


def test_policies_are_saved_and_bad_days_are_refused(client, logistics):
    bad = post(client, "policies", seen=0, **policy_fields(horizon_medication="-3"))
    good = post(client, "policies", seen=0, **policy_fields(horizon_medication="21"))
    stale = post(client, "policies", seen=0, **policy_fields(horizon_medication="5"))

    assert (bad.status_code, good.status_code, stale.status_code) == (422, 302, 422)
    assert "changed the policies" in text_of(stale)
    assert KindPolicy.objects.get(kind="medication").horizon_days == 21


def test_what_a_class_must_fill_and_a_lost_unit_costs_is_saved_to_the_hundredth(client, logistics):
    shown = client.get(reverse("policies"))
    whole = post(client, "policies", seen=0, **policy_fields(floor_A="100"))
    saved = post(client, "policies", seen=0, **policy_fields(floor_A="99.95", lost_A="350.50"))

    assert 'value="99.90"' in shown.content.decode()
    assert (whole.status_code, saved.status_code) == (422, 302)
    weights = {rank: (one.fill_floor_bp, one.lost_unit_cents) for rank, one in criticality_weights().items()}
    assert weights == {"A": (9995, 35_050), "B": (9900, 4_000), "C": (9700, 500)}


def test_an_officer_does_not_set_policies(client, officer):
    assert post(client, "policies", seen=0, **policy_fields()).status_code == 403
    with pytest.raises(ObjectDoesNotExist):
        KindPolicy.objects.get(kind="medication")
