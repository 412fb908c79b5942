"""Short stock on pages: who would get what and why, promising it so, and an approver's own choice."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import Item
from orders.actions.approval import approve_order
from orders.models import ResupplyOrder
from orders.templatetags.cover import cover, rate
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.pages import form_in, has_form, questions, text_of

pytestmark = pytest.mark.django_db
PAGE = "/shortages/"


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def naloxone(division):
    return make.item(name="Naloxone", criticality=Item.Criticality.LIFE_SAVING)


def rival(division, item, *, has=0, name=""):
    """Another station of the same warehouse, with a par of 20."""
    one = Division(warehouse=division.warehouse, at=division.at)
    if name:
        one.station.name = name
        one.station.save()
    make.par(one.station, item, par=20)
    if has:
        make.stock(one.station, item, on_hand=has, number="HERE")
    return one


@pytest.fixture
def short(division, naloxone):
    """Station 7 is out and owed 12, Station 8 has some and waits for 12; 10 have come in."""
    empty, stocked = rival(division, naloxone, name="Station 7"), rival(division, naloxone, has=9, name="Station 8")
    owed = empty.approved({naloxone.pk: 12})
    waiting = stocked.submitted({naloxone.pk: 12})
    make.stock(division.warehouse, naloxone, on_hand=10)
    return owed, waiting


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


def share_address(division, item):
    return reverse("share_stock", args=[division.warehouse.code, item.sku])


def test_the_page_says_who_gets_what_and_why(logistics, division, naloxone, short):
    page = text_of(logistics.get(PAGE))

    assert "1 item of which not everybody can have what they asked for" in page
    assert "2 stations need 24, 10 are here: Station 7 is out of a life-saving item and comes first." in page
    assert "Promise 10 as proposed" in page
    assert "0 days → 4.5 days" in page
    assert "by its par" in page


def test_pressing_promises_it_and_says_so(logistics, division, naloxone, short):
    address = share_address(division, naloxone)
    form = form_in(logistics.get(PAGE), address)

    page = logistics.post(address, form, follow=True)
    logistics.post(address, form)

    owed, _ = short
    assert owed.lines.get().allocated == 10
    assert "Naloxone is promised as proposed." in text_of(page)
    assert not has_form(page, address)
    [event] = Event.objects.filter(verb="shared stock")
    assert (event.subject_id, event.details["promised"]) == (naloxone.pk, 10)


def test_what_has_changed_is_said_and_shown_anew(logistics, division, naloxone, short):
    address = share_address(division, naloxone)
    form = form_in(logistics.get(PAGE), address)
    make.stock(division.warehouse, naloxone, on_hand=2, number="NEW")

    page = logistics.post(address, form, follow=True)

    assert "has changed since you opened this page" in text_of(page)
    assert short[0].lines.get().allocated == 0
    logistics.post(address, form_in(page, address))
    assert short[0].lines.get().allocated == 11


@pytest.mark.parametrize("broken", [{"seen": ""}, {"request_id": "x"}, {"seen": "y" * 65}])
def test_a_broken_form_changes_nothing(logistics, division, naloxone, short, broken):
    address = share_address(division, naloxone)

    page = logistics.post(address, form_in(logistics.get(PAGE), address) | broken, follow=True)

    assert "nothing was changed" in text_of(page)
    assert short[0].lines.get().allocated == 0


@pytest.mark.parametrize(("code", "sku"), [("NONE", "IT0001"), ("WH", "NONE")])
def test_what_is_not_there_is_not_found(logistics, division, naloxone, code, sku):
    code, sku = code.replace("WH", division.warehouse.code), sku.replace("IT0001", naloxone.sku)

    assert logistics.post(reverse("share_stock", args=[code, sku]), {"request_id": make.rid()}).status_code == 404
    assert logistics.get(reverse("share_stock", args=[division.warehouse.code, naloxone.sku])).url == PAGE


@pytest.mark.parametrize(("role", "status"), [("officer", 403), ("driver", 403), ("chief", 200), ("auditor", 200)])
def test_who_may_read_and_who_may_promise(client, division, naloxone, short, role, status):
    client.force_login(make.person(role))

    response = client.get(PAGE)

    assert response.status_code == status
    if status == 200:
        assert "2 stations need 24" in text_of(response)
        assert not has_form(response, share_address(division, naloxone))
    posted = client.post(share_address(division, naloxone), {"request_id": make.rid(), "seen": "x"})
    assert posted.status_code == 403


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "0 days"), (2.46, "2.5 days"), (12.4, "12 days"), (99, "99 days"), (250, "over 99 days")],
)
def test_cover_reads_as_days(days, words):
    assert cover(days) == words


@pytest.mark.parametrize(
    ("per_day", "words"),
    [(12.3, "12 a day"), (0.68, "0.7 a day"), (0.2, "1 in 5 days"), (1 / 28, "1 in 28 days"), (0.0, "hardly any")],
)
def test_a_rate_reads_as_use(per_day, words):
    assert rate(per_day) == words


def test_nothing_short_says_what_fills_the_page(logistics):
    page = text_of(logistics.get(PAGE))

    assert "Everything that is asked for is there" in page
    assert "Nothing is short" in page


def test_the_page_of_one_item_and_of_none(logistics, division, naloxone, short):
    other = make.item(name="Gauze")
    rival(division, other).submitted({other.pk: 5})

    assert "Gauze" not in text_of(logistics.get(PAGE, {"item": naloxone.sku}))
    assert "Gauze" in text_of(logistics.get(PAGE, {"item": "no such\0"}))


def test_it_asks_the_same_number_of_questions_however_much_is_short(logistics, division):
    def grow(count):
        items = [make.item() for _ in range(count)]
        for item in items:
            make.stock(division.warehouse, item, on_hand=10)
        for _ in range(count):
            rival(division, make.item()).submitted({item.pk: 30 for item in items})

    grow(2)
    few = questions(logistics, PAGE)
    grow(5)
    assert questions(logistics, PAGE) == few


def test_the_queue_counts_what_is_short_and_leads_there(logistics, division, naloxone, short):
    rival(division, naloxone).submitted({naloxone.pk: 8})

    page = logistics.get(reverse("queue"))

    assert page.context["strip"].to_share == 1
    uncovered = [card.uncovered for card in page.context["to_approve"].cards]
    assert uncovered == [1, 1], "ten are free, which is enough for eight, but not for everybody"
    assert f'href="{PAGE}"' in page.content.decode()


# --- On the approve page ----------------------------------------------------------------------------------------------


def approve_page(order):
    return reverse("approve_order", args=[order.pk])


def test_the_approver_sees_the_share_its_reason_and_what_each_is_left_with(logistics, division, naloxone, short):
    _, waiting = short

    page = text_of(logistics.get(approve_page(waiting)))

    assert "2 stations need 24, 10 are here: Station 7 is out" in page
    assert "None now is the fair share here." in page
    assert "12 would be owed" in page
    assert "0 days → 4.5 days" in page
    assert "4.0 days" in page


def test_taking_the_proposal_is_just_approving(logistics, division, naloxone, short):
    _, waiting = short
    address = approve_page(waiting)

    page = logistics.post(address, form_in(logistics.get(address), address), follow=True)

    line = waiting.lines.get()
    assert (line.approved, line.allocated) == (12, 0)
    assert "1 line cannot be filled now and stays owed." in text_of(page)


def test_another_quantity_needs_a_reason_and_goes_into_the_log(logistics, division, naloxone, short):
    _, waiting = short
    address, line = approve_page(waiting), waiting.lines.get()
    typed = {f"promise-{line.pk}": "4"}

    refused = logistics.post(address, form_in(logistics.get(address), address, **typed))
    assert refused.status_code == 422
    assert "say why 4 and not 0" in text_of(refused)
    form = form_in(refused, address, **{f"promise_reason-{line.pk}": "Two overdoses there today"})
    assert form[f"promise-{line.pk}"] == ["4"]
    logistics.post(address, form)

    line.refresh_from_db()
    assert line.allocated == 4
    assert Event.objects.get(verb="shared otherwise").comment.endswith("Two overdoses there today")


@pytest.mark.parametrize("typed", ["-1", "many", "9" * 30])
def test_a_quantity_that_is_none_is_refused_on_the_page(logistics, short, typed):
    _, waiting = short
    address, field = approve_page(waiting), f"promise-{waiting.lines.get().pk}"

    response = logistics.post(address, form_in(logistics.get(address), address, **{field: typed}))

    assert response.status_code == 422
    assert form_in(response, address)[field] == [typed]
    waiting.refresh_from_db()
    assert waiting.state == ResupplyOrder.State.SUBMITTED


def test_who_is_not_the_last_to_approve_sees_the_share_and_does_not_choose(logistics, division):
    drug = make.item(kind=Item.Kind.MEDICATION, schedule="II")
    order = division.submitted({drug.pk: 5})
    field = f"promise-{order.lines.get().pk}"

    page = logistics.get(approve_page(order))
    assert "1 station needs 5, nothing is here." in text_of(page)
    assert field not in form_in(page, approve_page(order))
    order = approve_order(order=order, version=order.version, **division.by(division.logistics))
    logistics.force_login(division.chief)

    assert field in form_in(logistics.get(approve_page(order)), approve_page(order))


def test_the_approve_page_asks_the_same_number_of_questions_however_much_is_short(logistics, division):
    def page_of(count):
        items = [make.item() for _ in range(count)]
        for item in items:
            make.stock(division.warehouse, item, on_hand=10)
        rival(division, make.item()).submitted({item.pk: 30 for item in items})
        return approve_page(rival(division, make.item()).submitted({item.pk: 30 for item in items}))

    assert questions(logistics, page_of(3)) == questions(logistics, page_of(12))


# --- At the station ---------------------------------------------------------------------------------------------------


def test_the_station_reads_why_it_is_owed_and_nothing_about_others(client, division, naloxone, short):
    _, waiting = short
    approve_order(order=waiting, version=waiting.version, **division.by(division.logistics))
    client.force_login(make.officer(waiting.station))

    page = text_of(client.get(waiting.get_absolute_url()))

    why = f"{division.warehouse} is short of it: 2 stations together asked for 24, 10 are here."
    assert page.count(why) == 2, "beside the line, and once where it says what happened"
    assert "The rest comes when there is more." in page
    assert not re.search(r"Station 7\b", page)


def test_a_line_that_is_filled_later_has_no_reason_any_more(client, division, naloxone, short):
    _, waiting = short
    order = approve_order(order=waiting, version=waiting.version, **division.by(division.logistics))
    make.stock(division.warehouse, naloxone, on_hand=50, number="NEW", expires_on=timezone.localdate() + timedelta(400))
    client.force_login(division.logistics)

    client.post(reverse("allocate_order", args=[order.pk]), {"request_id": make.rid()})

    rows = client.get(order.get_absolute_url()).context["rows"]
    assert [(row.line.owed, row.held_back) for row in rows] == [(0, "")]
