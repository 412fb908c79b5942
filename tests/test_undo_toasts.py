"""The toast of what was just done takes it back: once, by whoever did it, as long as nothing has come of it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from inventory.actions import counts
from inventory.actions.count_lines import Counted
from inventory.actions.lots import set_lot_status
from inventory.actions.stock import OfLot, Used, discard_stock, reverse_movement, transfer_stock, use_stock
from inventory.actions.undoing import WITHIN, undo_moves
from inventory.models import Lot, StockLevel, StockMovement
from stations.models import Command, Event, SavedView
from stations.signatures import Signature
from tests import make
from tests.make import AT, on_hand, rid
from tests.pages import form_in, has_form, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def north():
    return make.station(name="North")


@pytest.fixture
def room(north):
    return make.room(north)


@pytest.fixture
def officer(north):
    return make.officer(north)


@pytest.fixture
def gauze(north):
    return make.stock(north, make.item(name="Gauze"), on_hand=10)


def undo(done: UUID, by, at=AT, request_id=None):
    return undo_moves(done=done, by=by, at=at, request_id=request_id or rid())


def used(room, level, quantity=4, by=None, **more):
    done = rid()
    use_stock(location=room, lines=[Used(level.lot.item_id, quantity)], by=by, at=AT, request_id=done, **more)
    return done


def address(done):
    return reverse("undo_moves", args=[done])


def done_last():
    return Command.objects.order_by("-pk")[0].request_id


# --- What was done to stock ------------------------------------------------------------------------------------------


def test_all_lines_of_a_command_go_back_once_and_the_log_says_so(room, officer, north):
    items = [make.item(), make.item()]
    for item in items:
        make.stock(north, item, on_hand=5)
    done, again = rid(), rid()
    use_stock(location=room, lines=[Used(item.pk, 2) for item in items], by=officer, at=AT, request_id=done)

    first = undo(done, officer, request_id=again)
    assert undo(done, officer, request_id=again) == first

    assert [on_hand(room, item) for item in items] == [5, 5]
    assert {move.reverses.reason for move in first} == {"used"}
    event = Event.objects.get(verb="undone")
    assert (event.command.by, event.comment) == (officer, "Undone at once by whoever did it.")
    with pytest.raises(DomainError, match="already been undone"):
        undo(done, officer)


def test_only_who_did_it_takes_it_back(room, officer, gauze, north):
    done = used(room, gauze, by=officer)
    for other in (make.officer(north), make.logistics(), make.chief()):
        with pytest.raises(DomainError, match="nothing to take back"):
            undo(done, other)
    assert on_hand(room, gauze.lot.item) == 6


def test_what_was_done_long_ago_stays(room, officer, gauze):
    done = used(room, gauze, by=officer)
    with pytest.raises(DomainError, match="too long ago"):
        undo(done, officer, at=AT + WITHIN + timedelta(seconds=1))
    assert undo(done, officer, at=AT + WITHIN)


def test_one_line_that_was_undone_already_keeps_all_as_it_is(room, officer, north):
    items = [make.item(), make.item()]
    for item in items:
        make.stock(north, item, on_hand=5)
    done = rid()
    first = use_stock(location=room, lines=[Used(item.pk, 2) for item in items], by=officer, at=AT, request_id=done)
    reverse_movement(movement=first, reason="Wrong", by=make.logistics(), at=AT, request_id=rid())
    with pytest.raises(DomainError, match="already been undone"):
        undo(done, officer)
    assert sorted(on_hand(room, item) for item in items) == [3, 5]


def moved(room, level, unit, officer):
    done = rid()
    lines = [OfLot(level.lot_id, 4)]
    transfer_stock(source=room, destination=unit.location, lines=lines, by=officer, at=AT, request_id=done)
    return done


@pytest.mark.parametrize("what", ["used", "promised"])
def test_what_has_moved_on_or_is_promised_does_not_come_back(room, officer, gauze, north, what):
    unit = make.unit(north)
    done = moved(room, gauze, unit, officer)
    if what == "used":
        use_stock(location=unit.location, lines=[Used(gauze.lot.item_id, 1)], by=officer, at=AT, request_id=rid())
    else:
        StockLevel.objects.filter(location=unit.location).update(allocated=1)
    with pytest.raises(DomainError, match="used, promised or moved on since") as refusal:
        undo(done, officer)
    assert "4 asked, 3 available" in refusal.value.problems[0]
    assert on_hand(room, gauze.lot.item) == 6


def test_a_place_that_was_counted_since_keeps_what_was_counted(room, officer, gauze):
    done = used(room, gauze, by=officer)
    count = counts.open_count(location=room, by=officer, at=AT, request_id=rid())
    counts.record_count(count=count, lines=[Counted(gauze.lot_id, 6)], by=officer, at=AT, request_id=rid())
    with pytest.raises(DomainError, match="was counted since"):
        undo(done, officer)
    assert on_hand(room, gauze.lot.item) == 6


def test_a_lot_that_was_held_back_since_stays_where_it_is(room, officer, gauze):
    done = used(room, gauze, by=officer)
    status = Lot.Status.QUARANTINED
    logistics = make.logistics()
    set_lot_status(lot=gauze.lot, status=status, reason="Torn", by=logistics, at=AT, request_id=rid())
    with pytest.raises(DomainError, match="held back or recalled since"):
        undo(done, officer)


def test_what_had_a_witness_is_not_taken_back(room, officer, gauze, north):
    done = rid()
    seen = Signature(make.officer(north), "password")
    lines = [OfLot(gauze.lot_id, 1)]
    discard_stock(location=room, lines=lines, reason="Torn", witness=seen, by=officer, at=AT, request_id=done)
    with pytest.raises(DomainError, match="witness"):
        undo(done, officer)
    assert on_hand(room, gauze.lot.item) == 9


def test_a_scheduled_drug_is_not_taken_back(officer, north):
    safe = make.safe(north)
    fentanyl = make.stock(safe, make.item(kind="medication", schedule="II"), on_hand=3)
    done = used(safe, fentanyl, 1, by=officer)
    with pytest.raises(DomainError, match="scheduled drug"):
        undo(done, officer)
    assert on_hand(safe, fentanyl.lot.item) == 2


# --- By the page -----------------------------------------------------------------------------------------------------


def test_the_toast_after_each_job_takes_it_back(client, room, officer, gauze, north):
    client.force_login(officer)
    unit = make.unit(north)
    make.par(unit.location, gauze.lot.item, par=5)
    item, lot = gauze.lot.item, gauze.lot_id
    jobs = [
        ("use_stock", room.pk, {f"q-{item.pk}": "2"}),
        ("move_stock", room.pk, {f"q-{lot}": "2", "destination": str(unit.location.pk)}),
        ("discard_stock", room.pk, {f"q-{lot}": "2", "why": "damaged"}),
        ("restock_unit", unit.code, {f"q-{item.pk}": "2"}),
    ]
    for name, place, typed in jobs:
        page = reverse(name, args=[place])
        answer = client.post(page, form_in(client.get(page), "", **typed), follow=True)
        assert on_hand(room, item) == 8, name
        toast = form_in(answer, address(done_last()))
        answer = client.post(address(done_last()), toast, follow=True)
        assert "Undone: 1 line is back." in text_of(answer)
        assert on_hand(room, item) == 10, name


def test_a_toast_pressed_twice_is_undone_once_and_a_refusal_is_told(client, room, officer, gauze):
    client.force_login(officer)
    done = rid()
    use_stock(location=room, lines=[Used(gauze.lot.item_id, 1)], by=officer, at=timezone.now(), request_id=done)
    pressed = {"request_id": rid()}
    for _ in range(2):
        assert "is back." in text_of(client.post(address(done), pressed, follow=True))
    assert "already been undone" in text_of(client.post(address(done), {"request_id": rid()}, follow=True))
    assert StockMovement.objects.filter(reverses__isnull=False).count() == 1
    assert client.get(address(done)).status_code == 302


def test_the_toast_of_another_is_not_found(client, room, officer, gauze, north):
    done = used(room, gauze, by=officer)
    for other in (make.officer(north), make.logistics(), make.driver()):
        client.force_login(other)
        assert client.post(address(done), {"request_id": rid()}).status_code == 404
    client.logout()
    assert client.post(address(done), {"request_id": rid()}).status_code == 302
    assert on_hand(room, gauze.lot.item) == 6


def test_what_is_not_undone_is_said_without_the_button(client, officer, north):
    client.force_login(officer)
    safe = make.safe(north)
    fentanyl = make.stock(safe, make.item(kind="medication", schedule="II"), on_hand=3)
    page = reverse("use_stock", args=[safe.pk])
    typed = form_in(client.get(page), "", **{f"q-{fentanyl.lot.item_id}": "1"})
    answer = client.post(page, typed, follow=True)
    assert "taken from" in text_of(answer)
    assert not has_form(answer, address(done_last()))


# --- A saved view ----------------------------------------------------------------------------------------------------


def test_a_removed_view_is_kept_again_once(client):
    me = make.logistics()
    client.force_login(me)
    view = SavedView.objects.create(person=me, page="orders", title="Mine", query="state=draft")
    removes, keeps = reverse("remove_view", args=[view.pk]), reverse("save_view", args=["orders"])
    pressed = {"request_id": rid()}

    menu = client.post(removes, pressed, headers={"HX-Request": "true"})
    assert "The view Mine is removed." in text_of(menu)
    assert b'id="toasts" hx-swap-oob="beforeend"' in menu.content

    toast = {"title": "Mine", "query": "state=draft", "request_id": rid()}
    assert toast.keys() == form_in(menu, keeps).keys() - {"csrfmiddlewaretoken"}
    for _ in range(2):
        client.post(keeps, toast)
    assert [(one.title, one.query) for one in SavedView.objects.filter(person=me)] == [("Mine", "state=draft")]
    answer = client.post(keeps, toast | {"request_id": rid()})
    assert "You have a view called Mine here" in text_of(answer)
