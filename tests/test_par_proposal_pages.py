"""The pages of proposals: who reads, who decides, what is refused, and what each number leads to."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

from inventory.actions.proposals import propose_par_levels
from inventory.models import Item, ParLevel, ParProposal
from inventory.tasks import propose_par_levels as task
from stations.models import Location
from tests import make
from tests.make import AT
from tests.pages import form_in, has_form, questions, text_of
from tests.past import steady

pytestmark = pytest.mark.django_db
DECIDE = reverse("decide_par_proposals")


@pytest.fixture
def station():
    return make.station(name="North")


@pytest.fixture
def row(station):
    """An open proposal: far more than its use asks for."""
    steady(station, par=400, minimum=300, item=make.item(name="Gauze 4x4", criticality="A", unit_cost_cents=500))
    propose_par_levels(at=AT)
    return ParProposal.objects.open().get()


def another(station, **fields):
    """One more open proposal, written as the review would."""
    level = make.par(station, make.item(**fields), 40, 4)
    first = ParProposal.objects.earliest("pk")
    first.pk, first.item, first.location = None, level.item, level.location
    first.was_par, first.was_minimum, first.par, first.minimum, first.short_below = 40, 4, 60, 6, None
    first.state, first.closed_at, first.decided_by = "open", None, None
    first.save(force_insert=True)
    return first


def address(row):
    return row.get_absolute_url()


def sign_in(client, person):
    client.force_login(person)
    return client


READERS = {
    "officer": lambda station: make.officer(station),
    "reader": lambda station: make.officer(station, read_only=True),
    "logistics": lambda station: make.logistics(),
    "chief": lambda station: make.chief(),
    "auditor": lambda station: make.auditor(),
}


@pytest.mark.parametrize("who", READERS)
def test_everybody_of_the_division_reads_and_two_roles_decide(client, station, row, who):
    sign_in(client, READERS[who](station))
    may = who in ("logistics", "chief")

    pages = [client.get(reverse("par_proposals")), client.get(address(row))]

    assert [page.status_code for page in pages] == [200, 200]
    assert all("Gauze 4x4" in text_of(page) for page in pages)
    assert has_form(pages[1], DECIDE) == may
    assert has_form(pages[0], f"{DECIDE}?") == may
    sent = {"request_id": str(uuid.uuid4()), "proposal": row.pk, "act": "accept"}
    assert client.post(DECIDE, sent).status_code == (302 if may else 403)
    started = client.post(reverse("review_par_levels"), {})
    assert started.status_code == (302 if may else 403)
    row.refresh_from_db()
    assert row.state == ("accepted" if may else "open")


def test_outsiders_see_nothing_of_it(client, station, row):
    sign_in(client, make.officer(make.station()))
    assert "Gauze" not in text_of(client.get(reverse("par_proposals")))
    assert client.get(address(row)).status_code == 404
    assert "Which station" in text_of(client.get(reverse("par_proposals"), {"station": station.code}, follow=True))
    sign_in(client, make.driver())
    assert client.get(reverse("par_proposals")).status_code == client.get(address(row)).status_code == 403
    client.logout()
    assert client.get(reverse("par_proposals")).status_code == 302


def test_every_number_leads_to_where_it_comes_from(client, station, row):
    sign_in(client, make.chief())
    page = client.get(address(row))

    words, html = text_of(page), page.content.decode()
    for part in (
        f"400 each {row.par} each",
        "29 each in 364 days",
        "30 of these days",
        "29 in these days",
        "every 7 days",
    ):
        assert part in words
    place = row.location_id
    for link in (
        f"/movements/?item={row.item.sku}&amp;place={place}",
        f"/items/{row.item.sku}/",
        f"/stations/{station.code}/",
        "/policies/",
        f"/par-levels/{station.code}/?place={place}&amp;q={row.item.sku}",
    ):
        assert link in html
    assert html.count("<rect") == 5  # 29 days fall into five weeks
    assert "Week from" in words
    moves = [client.get(f"/movements/?item={row.item.sku}&place={place}&page={page}") for page in (1, 2)]
    assert sum(text_of(page).count("Used on a patient") for page in moves) >= 29
    assert "→" in text_of(client.get(row.item.get_absolute_url()))
    assert "1 proposed change" in text_of(client.get(reverse("station_par_levels", args=[station.code])))
    assert "1 proposed change" in text_of(client.get(reverse("par_levels")))


def test_one_is_accepted_from_its_page_and_a_double_click_does_it_once(client, station, row):
    sign_in(client, make.chief())
    sent = form_in(client.get(address(row)), DECIDE, act="accept")

    answers = [client.post(DECIDE, sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    level = ParLevel.objects.get(item=row.item)
    assert (level.par, level.minimum, level.version) == (row.par, row.minimum, 2)
    assert "Accepted" in text_of(client.get(address(row)))
    assert not has_form(client.get(address(row)), DECIDE)


def test_several_are_declined_together_with_a_reason(client, station, row):
    other = another(station)
    sign_in(client, make.logistics())
    page = client.get(reverse("par_proposals"), {"criticality": ""})
    sent = form_in(page, f"{DECIDE}?criticality=", act="decline", proposal=[row.pk, other.pk])

    refused = client.post(DECIDE, sent)
    assert refused.status_code == 422
    assert "Say why this is declined." in text_of(refused)
    assert client.post(DECIDE, sent | {"reason": "A festival each May"}).status_code == 302

    declined = client.get(reverse("par_proposals"), {"state": "declined"})
    assert text_of(declined).count("A festival each May") == 2
    assert not ParProposal.objects.open().exists()


def test_a_refusal_keeps_the_page_and_names_who_was_faster(client, station, row):
    chief = make.chief()
    sign_in(client, make.logistics())
    sent = form_in(client.get(address(row)), DECIDE, act="accept")
    sign_in(client, chief).post(DECIDE, sent | {"act": "decline", "reason": "No", "request_id": str(uuid.uuid4())})

    sign_in(client, make.logistics())
    late = client.post(DECIDE, sent)

    assert late.status_code == 422
    assert f"{chief} declined it" in text_of(late)
    assert ParLevel.objects.get(item=row.item).version == 1


def test_all_that_a_filter_shows_are_accepted_at_once_but_never_unseen_ones(client, station, row):
    for _ in range(2):
        another(station, criticality="B")
    sign_in(client, make.chief())
    filters = "?criticality=B"
    sent = form_in(client.get(reverse("par_proposals") + filters), DECIDE + filters, act="accept", everything="1")
    another(station, criticality="B")

    assert "The list has changed" in text_of(client.post(DECIDE + filters, sent))
    assert ParProposal.objects.open().count() == 4
    sent = form_in(client.get(reverse("par_proposals") + filters), DECIDE + filters, act="accept", everything="1")
    assert [client.post(DECIDE + filters, sent).status_code for _ in range(2)] == [302, 302]
    assert list(ParProposal.objects.open()) == [row]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Gauze 4x4", "Tape"}),
        ("criticality=A", {"Gauze 4x4"}),
        ("direction=raise", {"Tape"}),
        ("direction=lower", {"Gauze 4x4"}),
        ("q=tap", {"Tape"}),
        ("state=accepted", set()),
        ("reason=7", set()),
        ("criticality=Z&direction=%00&reason=x&state=zz&page=-1", {"Gauze 4x4", "Tape"}),
    ],
)
def test_filters_live_in_the_address(client, station, row, query, shown):
    another(station, name="Tape", criticality="C")
    sign_in(client, make.auditor())
    page = client.get(f"{reverse('par_proposals')}?{query}")
    assert page.status_code == 200
    assert {name for name in ("Gauze 4x4", "Tape") if name in text_of(page)} == shown


def test_sums_and_counts_are_those_of_the_rows(client, station, row):
    other = another(station, criticality="C")
    sign_in(client, make.auditor())
    words = text_of(client.get(reverse("par_proposals")))
    was = (row.was_stock_cents + other.was_stock_cents + 50) // 100
    now = (row.stock_cents + other.stock_cents + 50) // 100
    assert f"Stock value, on average ${was:,} → ${now:,}" in words
    assert "Raise 1 Lower 1 Life-saving 1 Essential 0 Routine 1" in words
    narrowed = text_of(client.get(reverse("par_proposals"), {"direction": "raise"}))
    assert "Life-saving 0 Essential 0 Routine 1" in narrowed


def test_nonsense_is_refused_and_nothing_breaks(client, station, row):
    sign_in(client, make.logistics())
    good = {"request_id": str(uuid.uuid4()), "act": "accept"}
    for fields in (
        {},
        {"request_id": "x", "act": "accept", "proposal": row.pk},
        good,
        good | {"proposal": "9" * 30},
        good | {"proposal": "999999"},
        good | {"act": "burn", "proposal": row.pk},
        good | {"proposal": "\0"},
        good | {"everything": "1"},
        good | {"everything": "1", "shown": "x", "newest": "9" * 40},
        good | {"page": "one", "proposal": "x"},
    ):
        assert client.post(DECIDE, fields).status_code == 422, fields
    assert client.get(reverse("par_proposal", args=[999999])).status_code == 404
    assert client.get(DECIDE).status_code == 405
    row.refresh_from_db()
    assert row.state == "open"


def test_empty_lists_say_why(client):
    sign_in(client, make.chief())
    assert "Not worked out yet" in text_of(client.get(reverse("par_proposals")))
    make.par(make.station(), make.item(kind=Item.Kind.EQUIPMENT), 1)
    propose_par_levels(at=AT)
    assert "Nothing to decide" in text_of(client.get(reverse("par_proposals")))


def test_queries_do_not_grow_with_rows(client, station, row, django_assert_max_num_queries):
    sign_in(client, make.logistics())
    lists = [reverse("par_proposals"), reverse("par_levels"), address(row), row.item.get_absolute_url()]
    few = [questions(client, page) for page in lists]
    for _ in range(20):
        another(make.station(), issue_pack=10)
    assert [questions(client, page) for page in lists] == few


# --- On demand -------------------------------------------------------------------------------------------------------


def start(client, station=None, **kwargs):
    sent = {"request_id": str(uuid.uuid4())} | ({"station": station.code} if station else {})
    return client.post(reverse("review_par_levels"), sent, **kwargs), sent["request_id"]


def test_it_is_worked_out_on_demand_for_one_station(client, station, monkeypatch):
    sent = []
    monkeypatch.setattr(task, "apply_async", lambda **kwargs: sent.append(kwargs))
    make.station()
    chief = make.chief()
    sign_in(client, chief)

    answer, task_id = start(client, station)

    assert answer.url == reverse("review_progress", args=[task_id])
    assert sent == [{"kwargs": {"stations": [station.pk], "by": chief.pk}, "task_id": task_id}]
    part, _ = start(client, station, headers={"hx-request": "true"})
    assert "waits for a free worker" in part.content.decode()


@pytest.mark.parametrize(
    ("status", "result", "words"),
    [
        ("PROGRESS", '{"levels": 300, "whole": 1200}', "300 of 1200 done"),
        ("STARTED", "null", "Reading the ledger"),
        ("SUCCESS", '{"stations": 2, "levels": 9, "proposals": 1, "left": 3}', "1 proposal to decide. 3 more stations"),
        ("FAILURE", '{"exc_type": "X"}', "ended with an error"),
    ],
)
def test_the_page_that_waits_says_how_far_it_is(client, status, result, words):
    done = TaskResult.objects.create(task_id=str(uuid.uuid4()), task_name=task.name, status=status, result=result)
    sign_in(client, make.logistics())
    page = client.get(reverse("review_progress", args=[done.task_id]))
    assert words in text_of(page)
    assert ("hx-get" in page.content.decode().partition("<main")[2]) == (status in ("PROGRESS", "STARTED"))


def test_a_worker_that_cannot_be_reached_is_told(client, monkeypatch):
    def unreachable(**kwargs):
        raise OperationalError

    monkeypatch.setattr(task, "apply_async", unreachable)
    sign_in(client, make.logistics())
    answer, _ = start(client)
    assert "cannot be reached" in text_of(client.get(answer.url))


def test_another_tasks_progress_is_not_shown_here(client):
    other = TaskResult.objects.create(task_id=str(uuid.uuid4()), task_name="orders.tasks.sweep_par_levels")
    sign_in(client, make.logistics())
    assert client.get(reverse("review_progress", args=[other.task_id])).status_code == 404


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_limits_are_set_beside_the_par_levels(client, station):
    make.par(station, make.item(), 4)
    place = Location.objects.get(station=station)
    target = f"{reverse('par_limits', args=[station.code])}?place={place.pk}"
    sign_in(client, make.chief())
    page = client.get(reverse("station_par_levels", args=[station.code]))
    sent = form_in(page, target, volume="1200.5", budget="9000")

    bad = client.post(target, sent | {"volume": "-1"})
    assert bad.status_code == 422
    assert [client.post(target, sent).status_code for _ in range(2)] == [302, 302]
    assert client.post(target, sent | {"request_id": str(uuid.uuid4()), "budget": "1"}).status_code == 422  # stale

    station.refresh_from_db()
    place.refresh_from_db()
    assert (place.volume_ml, station.stock_budget_cents) == (1_200_500, 900_000)
    assert "1,200.5 litres here, $9,000.00 of stock" in text_of(
        client.get(reverse("station_par_levels", args=[station.code]))
    )
    assert client.post(reverse("par_limits", args=[station.code]), sent).status_code == 404
    for person, status in ((make.officer(station), 403), (make.auditor(), 403), (make.driver(), 403)):
        assert sign_in(client, person).post(target, sent).status_code == status


def test_proposals_say_when_they_were_worked_out(client, station):
    make.par(station, make.item(), 400)
    propose_par_levels(at=timezone.now() - timedelta(days=3))
    sign_in(client, make.officer(station))
    assert "3 days ago" in text_of(client.get(reverse("par_proposals")))


def test_the_log_names_what_was_worked_out_and_decided(client, station, row):
    sign_in(client, make.chief())
    client.post(DECIDE, form_in(client.get(address(row)), DECIDE, act="accept"))

    words = text_of(client.get(reverse("log")))

    assert f"Par levels of {station}" in words
    assert "Par levels looked at: 1" in words
    assert f"Par: 400 → {row.par}" in words
