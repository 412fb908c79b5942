"""The officer's requests in a browser: the list, the suggested one, a new one, and how far each has come."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from inventory.models import Pack
from orders.actions import drafts
from orders.actions.approval import approve_order
from orders.actions.drafts import create_order, edit_order, submit_order
from orders.actions.granting import LineDecision
from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder
from tests import make

pytestmark = pytest.mark.django_db
State = ResupplyOrder.State


@pytest.fixture
def north():
    return make.station(name="North", code="NORTH")


@pytest.fixture
def officer(north):
    return make.officer(north)


@pytest.fixture
def gloves():
    return make.item(name="Nitrile gloves", sku="GLOVE-M", issue_pack=50)


@pytest.fixture
def draft(north, gloves):
    """The sweep's draft: 100 gloves in two boxes."""
    make.par(north, gloves, par=100)
    sweep_par_levels(at=timezone.now())
    return ResupplyOrder.objects.get()


def hidden(response, name):
    """A hidden field of the first form of a page."""
    return str(re.findall(rf'name="{name}" value="([^"]*)"', response.content.decode())[0])


def form_of(response, **typed):
    fields = {
        name: hidden(response, name)
        for name in ("request_id", "version")
        if f'name="{name}" value' in response.content.decode()
    }
    return {**fields, "priority": "0", **typed}


def drafted(station, item, quantity=50, *, by, sent=False):
    order = create_order(
        station=station, quantities={item.pk: quantity}, by=by, at=timezone.now(), request_id=make.rid()
    )
    if sent:
        order = submit_order(order=order, version=None, by=by, at=timezone.now(), request_id=make.rid())
    return order


def queries(client, address, django_assert_max_num_queries):
    with django_assert_max_num_queries(1_000) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


# --- Suggested -------------------------------------------------------------------------------------------------------


def test_the_suggestion_is_sent_with_one_button(client, north, officer, draft):
    client.force_login(officer)
    page = client.get(reverse("suggested_order", args=["NORTH"]))
    assert b"boxes \xc2\xb7 100" in page.content

    response = client.post(reverse("submit_order", args=[draft.pk]), form_of(page, **line(draft, "2")), follow=True)

    draft.refresh_from_db()
    assert (draft.state, draft.requested_by) == (State.SUBMITTED, officer)
    assert not draft.lines.get().is_edited
    assert b"It waits for logistics" in response.content


def line(order, typed, per=50):
    asked = order.lines.get()
    return {f"q-{asked.item_id}-{per}-{asked.location_id}": typed}


def test_the_reason_of_each_line_is_on_the_page(client, officer, north, draft):
    client.force_login(officer)
    page = client.get(reverse("suggested_order", args=["NORTH"])).content.decode()
    for words in ("Par", "Usable", "Coming", "So needed", "2 boxes · 100"):
        assert words in page


def test_quantities_are_kept_in_base_units_and_as_a_persons(client, officer, north, draft):
    client.force_login(officer)
    page = client.get(draft.get_absolute_url())
    client.post(reverse("edit_order", args=[draft.pk]), form_of(page, **line(draft, "3")))
    kept = draft.lines.get()
    assert (kept.asked, kept.is_edited) == (150, True)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


@pytest.mark.parametrize("typed", ["-1", "1.5", "x", "", "99999999", "9" * 40])
def test_a_bad_quantity_is_refused_and_stays_on_the_page(client, officer, north, draft, typed):
    client.force_login(officer)
    page = client.get(draft.get_absolute_url())
    data = form_of(page, comment="Big event on Friday", **line(draft, typed))
    response = client.post(reverse("submit_order", args=[draft.pk]), data)
    assert response.status_code == 422
    assert b"Nothing was sent yet" in response.content
    assert b"Big event on Friday" in response.content
    assert f'value="{typed}"'.encode() in response.content
    draft.refresh_from_db()
    assert (draft.state, draft.lines.get().asked) == (State.DRAFT, 100)


def test_nothing_on_any_line_is_refused(client, officer, north, draft):
    client.force_login(officer)
    page = client.get(draft.get_absolute_url())
    response = client.post(reverse("submit_order", args=[draft.pk]), form_of(page, **line(draft, "0")))
    assert response.status_code == 422
    assert b"Nothing is asked for" in response.content
    assert draft.lines.get().asked == 100


def test_an_unknown_item_is_refused_and_the_rest_is_kept(client, officer, north, draft):
    client.force_login(officer)
    page = client.get(draft.get_absolute_url())
    data = form_of(page, **line(draft, "4"), **{"q-999999-1": "3"})
    response = client.post(reverse("submit_order", args=[draft.pk]), data)
    assert response.status_code == 422
    assert b"no longer in the catalogue" in response.content
    assert b'value="4"' in response.content


def test_a_pack_that_changed_meanwhile_does_not_change_the_quantity(client, officer, north, draft, gloves):
    client.force_login(officer)
    page = client.get(draft.get_absolute_url())
    Pack.objects.filter(item=gloves).update(quantity=100)
    response = client.post(reverse("submit_order", args=[draft.pk]), form_of(page, **line(draft, "2")))
    assert response.status_code == 422
    assert b"issued in boxes of 100 now" in response.content
    assert draft.lines.get().asked == 100


def test_a_stale_form_is_refused_once_with_what_changed_and_keeps_what_was_typed(client, officer, north, draft, gloves):
    client.force_login(officer)
    page = client.get(draft.get_absolute_url())
    other = make.officer(north)
    edit_order(
        order=draft, version=None, quantities={gloves.pk: 300}, by=other, at=timezone.now(), request_id=make.rid()
    )
    submit = reverse("submit_order", args=[draft.pk])

    refused = client.post(submit, form_of(page, **line(draft, "5")))

    assert refused.status_code == 422
    assert str(other).encode() in refused.content
    assert b'value="5"' in refused.content
    assert draft.lines.get().asked == 300

    client.post(submit, form_of(refused, **line(draft, "5")))
    assert draft.lines.get().asked == 250


def test_a_double_tap_sends_once(client, officer, north, draft):
    client.force_login(officer)
    data = form_of(client.get(draft.get_absolute_url()), **line(draft, "2"))
    first, second = (client.post(reverse("submit_order", args=[draft.pk]), data) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    draft.refresh_from_db()
    assert draft.version == 3  # swept, sent


def test_what_was_sent_already_is_shown_and_not_sent_again(client, officer, north, draft):
    client.force_login(officer)
    page = client.get(draft.get_absolute_url())
    other = make.officer(north)
    submit_order(order=draft, version=None, by=other, at=timezone.now(), request_id=make.rid())
    data = form_of(page, **line(draft, "7")) | {"version": ""}
    response = client.post(reverse("submit_order", args=[draft.pk]), data, follow=True)
    assert b"only a draft can be changed" in response.content
    assert draft.lines.get().asked == 100


@pytest.mark.parametrize("error", ["database is locked", "disk I/O error"])
def test_a_row_that_stays_locked_is_said_to_be_busy_and_nothing_else_is(
    client, officer, north, draft, monkeypatch, error
):
    def wait_in_vain(**_):
        raise OperationalError(error)

    client.force_login(officer)
    client.raise_request_exception = False
    data = form_of(client.get(draft.get_absolute_url()), **line(draft, "2"))
    monkeypatch.setattr(drafts, "submit_order", wait_in_vain)
    response = client.post(reverse("submit_order", args=[draft.pk]), data)
    if error == "database is locked":
        assert (response.status_code, response["Retry-After"]) == (409, "2")
        assert b"try again in a moment" in response.content
    else:
        assert response.status_code == 500


def test_needed_by_in_the_past_is_refused(client, officer, north, draft):
    client.force_login(officer)
    data = form_of(client.get(draft.get_absolute_url()), needed_by="2020-01-01T10:00", **line(draft, "2"))
    response = client.post(reverse("submit_order", args=[draft.pk]), data)
    assert response.status_code == 422
    assert b"has passed" in response.content
    assert b"2020-01-01T10:00" in response.content


def test_needed_by_can_be_taken_back(client, officer, north, draft):
    client.force_login(officer)
    keep = reverse("edit_order", args=[draft.pk])
    soon = timezone.localtime() + timedelta(days=1)
    client.post(keep, form_of(client.get(draft.get_absolute_url()), needed_by=f"{soon:%Y-%m-%dT%H:%M}"))
    draft.refresh_from_db()
    assert draft.needed_by is not None

    client.post(keep, form_of(client.get(draft.get_absolute_url()), needed_by=""))
    draft.refresh_from_db()
    assert draft.needed_by is None


def test_when_nothing_is_short_the_page_says_what_fills_it(client, officer, north):
    client.force_login(officer)
    response = client.get(reverse("suggested_order", args=["NORTH"]))
    assert b"Nothing is suggested" in response.content


def test_signing_in_again_comes_back_to_the_request(client, officer, north, draft):
    client.force_login(officer)
    response = client.get(reverse("submit_order", args=[draft.pk]))
    assert response.url == draft.get_absolute_url()


# --- New -------------------------------------------------------------------------------------------------------------


def test_a_new_request_is_made_and_sent_at_once(client, officer, north, gloves):
    client.force_login(officer)
    page = client.get(reverse("new_order", args=["NORTH"]), {"item": "GLOVE-M"})
    assert b"Nitrile gloves" in page.content

    data = form_of(page, priority="2", comment="Crash on I-5", **{f"q-{gloves.pk}-50": "2"})
    address = reverse("new_order", args=["NORTH"])
    first, second = (client.post(address, data) for _ in range(2))

    order = ResupplyOrder.objects.get()
    assert first.url == second.url == order.get_absolute_url()
    assert (order.state, order.priority, order.comment) == (State.SUBMITTED, 2, "Crash on I-5")
    assert order.lines.get().asked == 100


def test_a_refused_new_request_leaves_no_draft_behind(client, officer, north, gloves):
    client.force_login(officer)
    page = client.get(reverse("new_order", args=["NORTH"]))
    data = form_of(page, needed_by="2020-01-01T10:00", **{f"q-{gloves.pk}-50": "2"})
    response = client.post(reverse("new_order", args=["NORTH"]), data)
    assert response.status_code == 422
    assert b'value="2"' in response.content
    assert not ResupplyOrder.objects.exists()


def test_a_form_that_was_sent_asks_before_it_is_sent_as_another_request(client, officer, north, gloves):
    client.force_login(officer)
    address = reverse("new_order", args=["NORTH"])
    data = form_of(client.get(address), **{f"q-{gloves.pk}-50": "2"})
    client.post(address, data)
    refused = client.post(address, data | {f"q-{gloves.pk}-50": "3"})
    assert b"You have sent this form already" in refused.content
    assert ResupplyOrder.objects.count() == 1

    client.post(address, data | {f"q-{gloves.pk}-50": "3", "request_id": hidden(refused, "request_id")})
    assert ResupplyOrder.objects.count() == 2


def test_a_new_request_can_be_kept_as_a_draft(client, officer, north, gloves):
    client.force_login(officer)
    address = reverse("new_order", args=["NORTH"])
    client.post(address, form_of(client.get(address), keep="yes", **{f"q-{gloves.pk}-50": "2"}))
    assert ResupplyOrder.objects.get().state == State.DRAFT


def test_items_are_found_by_words_of_their_name_and_added_as_a_line(client, officer, north, gloves):
    make.item(name="Nitrile gloves, retired", is_active=False)
    client.force_login(officer)
    address = reverse("order_items", args=["NORTH"])
    found = client.get(address, {"q": "gloves nitr"}).content.decode()
    assert found.count("found-item") == 1
    assert "not on this station" in found
    added = client.get(address, {"item": "GLOVE-M"}).content.decode()
    assert f'name="q-{gloves.pk}-50"' in added
    assert client.get(address, {"item": "NOPE"}).status_code == 404
    assert b"Nothing in the catalogue" in client.get(address, {"q": "zzz"}).content


# --- One request, and the list ---------------------------------------------------------------------------------------


def test_the_order_says_what_is_approved_promised_and_owed(client, officer, north, gloves):
    make.stock(north.supplied_by, gloves, on_hand=50)
    order = drafted(north, gloves, 150, by=officer, sent=True)
    decision = LineDecision(order.lines.get().pk, 100, "Enough for the week")
    approve_order(
        order=order, version=None, decisions=[decision], by=make.logistics(), at=timezone.now(), request_id=make.rid()
    )
    if order.approval_steps.filter(decided_at=None).exists():
        approve_order(order=order, version=None, by=make.chief(), at=timezone.now(), request_id=make.rid())
    client.force_login(officer)
    page = client.get(order.get_absolute_url()).content.decode()
    for words in (
        "3 boxes · 150",
        "Promised",
        "not on a run yet",
        "Backordered",
        "when there is more",
        "Enough for the week",
    ):
        assert words in page


def test_a_request_that_waits_can_be_cancelled_with_a_reason(client, officer, north, gloves):
    order = drafted(north, gloves, by=officer, sent=True)
    client.force_login(officer)
    page = client.get(order.get_absolute_url())
    address = reverse("cancel_order", args=[order.pk])
    refused = client.post(address, form_of(page, reason=" "))
    assert refused.status_code == 422
    order.refresh_from_db()
    assert order.state == State.SUBMITTED

    client.post(address, form_of(page, reason="Found a box"))
    order.refresh_from_db()
    assert order.state == State.CANCELLED


def test_what_is_owed_can_be_closed_short_with_a_reason_by_logistics_alone(client, north, officer, gloves):
    make.par(north, gloves, par=100)
    order = drafted(north, gloves, 100, by=officer, sent=True)
    logistics = make.logistics()
    approve_order(order=order, version=None, by=logistics, at=timezone.now(), request_id=make.rid())
    address = reverse("close_short", args=[order.pk])
    client.force_login(logistics)
    data = form_of(client.get(order.get_absolute_url()), reason="Discontinued")
    assert client.post(address, data | {"reason": ""}).status_code == 422
    client.force_login(officer)
    assert client.post(address, data).status_code == 403
    order.refresh_from_db()
    assert order.state == State.APPROVED

    client.force_login(logistics)
    client.post(address, data)
    order.refresh_from_db()
    assert order.state == State.CLOSED
    assert order.lines.get().cancelled == 100


def test_logistics_can_look_for_stock_for_what_is_owed(client, north, officer, gloves):
    make.par(north, gloves, par=100)
    order = drafted(north, gloves, 100, by=officer, sent=True)
    logistics = make.logistics()
    approve_order(order=order, version=None, by=logistics, at=timezone.now(), request_id=make.rid())
    make.stock(north.supplied_by, gloves, on_hand=100)
    client.force_login(logistics)
    page = client.get(order.get_absolute_url())
    assert b"Look for stock" in page.content
    client.post(reverse("allocate_order", args=[order.pk]), {"request_id": hidden(page, "request_id")})
    assert order.lines.get().allocated == 100


@pytest.mark.parametrize(
    ("state", "shown"), [("", "both"), ("draft", "draft"), ("submitted", "sent"), ("ended", "none"), ("x", "both")]
)
def test_the_list_is_filtered_by_its_address(client, officer, north, gloves, state, shown):
    draft, sent = drafted(north, gloves, by=officer), drafted(north, gloves, by=officer, sent=True)
    client.force_login(officer)
    rows = client.get(reverse("orders"), {"state": state}).content.decode()
    expected = {"both": {draft, sent}, "draft": {draft}, "sent": {sent}, "none": set()}[shown]
    assert {one for one in (draft, sent) if one.number in rows} == expected


def test_the_list_is_searched_by_number_and_station(client, gloves, north):
    order = drafted(north, gloves, by=make.officer(north))
    client.force_login(make.logistics())
    for words in (order.number, str(order.pk), "nort", "NORTH"):
        assert order.number in client.get(reverse("orders"), {"q": words}).content.decode()
    for words in ("South", "R99999999999999999999"):
        assert order.number not in client.get(reverse("orders"), {"q": words}).content.decode()


@pytest.mark.parametrize("role", ["officer", "logistics"])
def test_the_list_asks_as_much_of_the_database_for_30_rows_as_for_3(
    client, north, gloves, officer, role, django_assert_max_num_queries
):
    client.force_login(officer if role == "officer" else make.logistics())
    for _ in range(3):
        drafted(north, gloves, by=officer, sent=True)
    few = queries(client, reverse("orders"), django_assert_max_num_queries)
    for _ in range(27):
        drafted(north, gloves, by=officer, sent=True)
    assert queries(client, reverse("orders"), django_assert_max_num_queries) == few <= 12


@pytest.mark.parametrize("sent", [False, True])
def test_a_request_asks_as_much_of_the_database_for_30_lines_as_for_3(
    client, north, officer, sent, django_assert_max_num_queries
):
    client.force_login(officer)
    seen = []
    for count in (3, 30):
        items = [make.item(issue_pack=10) for _ in range(count)]
        order = create_order(
            station=north,
            quantities={item.pk: 10 for item in items},
            by=officer,
            at=timezone.now(),
            request_id=make.rid(),
        )
        if sent:
            submit_order(order=order, version=None, by=officer, at=timezone.now(), request_id=make.rid())
        seen.append(queries(client, order.get_absolute_url(), django_assert_max_num_queries))
    assert seen[0] == seen[1] <= 14


# --- Who may ---------------------------------------------------------------------------------------------------------


def visitors(north):
    return {
        "outsider": make.officer(),
        "reader": make.officer(north, read_only=True),
        "driver": make.driver(),
        "chief": make.chief(),
        "auditor": make.auditor(),
    }


@pytest.mark.parametrize(
    ("who", "seen", "sent"),
    [("outsider", 404, 404), ("reader", 200, 403), ("driver", 403, 404), ("chief", 200, 403), ("auditor", 200, 403)],
)
@pytest.mark.parametrize("verb", ["submit_order", "edit_order", "cancel_order"])
def test_only_writers_of_the_station_change_a_request(client, north, officer, draft, who, seen, sent, verb):
    client.force_login(officer)
    data = form_of(client.get(draft.get_absolute_url()), reason="No", **line(draft, "9"))
    client.force_login(visitors(north)[who])
    assert client.get(draft.get_absolute_url()).status_code == seen
    assert client.post(reverse(verb, args=[draft.pk]), data).status_code == sent
    draft.refresh_from_db()
    assert (draft.state, draft.lines.get().asked) == (State.DRAFT, 100)


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("reader", 403), ("driver", 404), ("chief", 403)])
@pytest.mark.parametrize("page", ["new_order", "order_items"])
def test_only_writers_of_the_station_begin_a_request(client, north, who, status, page):
    client.force_login(visitors(north)[who])
    assert client.get(reverse(page, args=["NORTH"])).status_code == status


def test_a_reader_sees_the_suggestion_without_its_fields(client, north, draft):
    client.force_login(make.officer(north, read_only=True))
    page = client.get(reverse("suggested_order", args=["NORTH"]), follow=True).content.decode()
    assert draft.number in page
    assert "Send request" not in page


def test_the_list_shows_an_officer_only_their_stations(client, north, gloves, officer):
    order = drafted(north, gloves, by=officer)
    client.force_login(make.officer(make.station()))
    assert order.number not in client.get(reverse("orders")).content.decode()


def test_a_driver_has_no_list_of_requests(client):
    client.force_login(make.driver())
    assert client.get(reverse("orders")).status_code == 403
