"""Par levels of many stations in one grid: typed or pasted, looked at, saved whole or not at all, taken back."""

import re

import pytest
from django.urls import reverse

from inventory.actions.par_levels import ParChange, set_par_levels
from inventory.models import ParLevel
from stations.models import Event
from tests import make
from tests.pages import form_in, questions, text_of
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db
GRID = "par_grid"


@pytest.fixture
def north():
    return make.station(name="North", code="N1")


@pytest.fixture
def logistics(client):
    user = make.logistics()
    client.force_login(user)
    return user


@pytest.fixture
def gauze():
    return make.item(name="Gauze", sku="GAUZE", unit_cost_cents=50)


def field(place, item):
    return f"cell-{place.pk}-{item.pk}"


def post(client, **typed):
    form = form_in(client.get(reverse(GRID)), reverse(GRID), **typed)
    return client.post(reverse(GRID), form)


def save(client, preview):
    return client.post(reverse(GRID), form_in(preview, reverse(GRID)) | {"save": "yes"})


def test_a_cell_shows_par_and_minimum_and_is_changed_after_a_look(client, logistics, north, gauze):
    level = make.par(north, gauze, par=20, minimum=8, bin="A1")

    preview = post(client, **{field(level.location, gauze): "30/10"})
    words = text_of(preview)
    assert "1 change of par levels" in words
    assert "$5.00 more" in words
    level.refresh_from_db()
    assert level.par == 20, "nothing is saved by looking"
    saved = save(client, preview)

    level.refresh_from_db()
    assert (level.par, level.minimum, level.bin) == (30, 10, "A1")
    assert "saved=" in saved.url


def test_a_number_alone_keeps_the_minimum_and_a_new_level_needs_both(client, logistics, north, gauze):
    tape = make.item(name="Tape")
    level = make.par(north, gauze, par=20, minimum=8)

    refused = post(client, **{field(level.location, gauze): "30", field(level.location, tape): "10"})
    assert refused.status_code == 422
    assert "needs its minimum too" in text_of(refused)
    preview = post(client, **{field(level.location, gauze): "30", field(level.location, tape): "10/4"})
    save(client, preview)

    rows = {row.item_id: (row.par, row.minimum) for row in ParLevel.objects.all()}
    assert rows == {gauze.pk: (30, 8), tape.pk: (10, 4)}


@pytest.mark.parametrize("typed", ["x", "-1", "8/20", "1000001/1", "1/2/3", "²", "9" * 30])
def test_what_cannot_be_a_par_level_is_marked_and_kept(client, logistics, north, gauze, typed):
    level = make.par(north, gauze, par=20, minimum=8)
    page = post(client, **{field(level.location, gauze): typed})
    assert page.status_code == 422
    assert f'value="{typed}"' in page.content.decode()
    assert "Nothing was saved" in text_of(page)


def test_what_another_changed_meanwhile_is_told_and_not_overwritten(client, logistics, north, gauze):
    level = make.par(north, gauze, par=20, minimum=8)
    preview = post(client, **{field(level.location, gauze): "30/10"})
    change = ParChange(level.location_id, gauze.pk, 25, 8, version=level.version)
    set_par_levels(changes=[change], by=make.chief(), at=make.AT, request_id=make.rid())

    page = save(client, preview)

    assert page.status_code == 422
    assert "made it par 25" in text_of(page)
    level.refresh_from_db()
    assert level.par == 25
    save(client, client.post(reverse(GRID), form_in(page, reverse(GRID))))
    level.refresh_from_db()
    assert level.par == 30, "sent once more, having seen it, it is a choice"


def test_the_last_changes_are_taken_back_whole(client, logistics, north, gauze):
    tape = make.item(name="Tape")
    level = make.par(north, gauze, par=20, minimum=8, bin="A1")
    cells = {field(level.location, gauze): "30/10", field(level.location, tape): "5/5"}
    page = client.get(save(client, post(client, **cells)).url)

    [address] = [action for action in _actions(page) if "/undo/" in action]
    client.post(address, form_in(page, address))
    client.post(address, form_in(page, address))

    level.refresh_from_db()
    assert (level.par, level.minimum, level.bin) == (20, 8, "A1")
    assert ParLevel.objects.get(item=tape).par == 0
    assert Event.objects.filter(command__verb="undo_par_levels").count() == 2


def test_what_was_changed_again_is_not_taken_back(client, logistics, north, gauze):
    level = make.par(north, gauze, par=20, minimum=8)
    page = client.get(save(client, post(client, **{field(level.location, gauze): "30/10"})).url)
    level.refresh_from_db()
    change = ParChange(level.location_id, gauze.pk, 25, 8, version=level.version)
    set_par_levels(changes=[change], by=make.chief(), at=make.AT, request_id=make.rid())

    [address] = [action for action in _actions(page) if "/undo/" in action]
    answer = client.post(address, form_in(page, address), follow=True)

    assert "changed again since" in text_of(answer)
    level.refresh_from_db()
    assert level.par == 25


def test_nobody_takes_back_what_another_did(client, north, gauze, logistics):
    level = make.par(north, gauze, par=20, minimum=8)
    page = client.get(save(client, post(client, **{field(level.location, gauze): "30/10"})).url)
    [address] = [action for action in _actions(page) if "/undo/" in action]
    client.force_login(make.logistics())

    answer = client.post(address, {"request_id": make.rid()}, follow=True)

    assert "nothing to take back" in text_of(answer)
    level.refresh_from_db()
    assert level.par == 30


@pytest.mark.parametrize(("role", "status"), [("officer", 403), ("driver", 403), ("auditor", 403), ("chief", 200)])
def test_only_those_who_set_par_levels_come_here(client, north, gauze, role, status):
    client.force_login(make.person(role))
    assert client.get(reverse(GRID)).status_code == status


def test_the_questions_do_not_grow_with_the_grid(client, logistics, north, gauze):
    make.par(north, gauze, par=20, minimum=8)
    few = questions(client, reverse(GRID))
    for number in range(6):
        station = make.station(supplied_by=north.supplied_by)
        for count in range(6):
            make.par(station, make.item(name=f"Item {number} {count}"), par=5)
    assert questions(client, reverse(GRID)) == few <= 8


@pytest.mark.parametrize("query", ["page=x", "items=0", "items=99999999999", "shelf=van", "kind=x", "q=%00", "saved=x"])
def test_odd_addresses_show_a_grid(client, logistics, north, gauze, query):
    assert client.get(f"{reverse(GRID)}?{query}").status_code == 200


def _actions(page):
    return [found.replace("&amp;", "&") for found in re.findall(r'action="([^"]+)"', page.content.decode())]


@pytest.mark.browser
@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_a_block_is_pasted_taken_back_and_pasted_again(new_page, gauze):
    north, south = (make.station(code=code, name=code) for code in ("N1", "N2"))
    tape = make.item(name="Tape")
    make.par(north, gauze, par=20, minimum=8)
    page = sign_in(new_page(), make.logistics(), at="/par-levels/grid/")
    cell = page.get_by_label(f"Gauze at {north}")
    paste = """field => {
      const data = new DataTransfer();
      data.setData("text/plain", "30/10\\t12/6\\r\\n5/5\\t7/7\\r\\n");
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }"""

    cell.focus()
    cell.evaluate(paste)
    page.get_by_role("button", name="Look at 4 changes").wait_for()
    page.keyboard.press("Control+z")
    assert cell.input_value() == "20/8"
    cell.focus()
    cell.evaluate(paste)
    page.get_by_role("button", name="Look at 4 changes").click()
    page.get_by_role("button", name="Save 4 changes").click()
    page.get_by_text("Your last changes are saved").wait_for()

    rows = ParLevel.objects.select_related("location__station", "item").order_by(
        "location__station__code", "item__name"
    )
    assert [(row.location.station, row.item, row.par) for row in rows] == [
        *((north, gauze, 30), (north, tape, 5), (south, gauze, 12), (south, tape, 7)),
    ]
