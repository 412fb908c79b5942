"""The homes, stations, units, figures, log and ledger: who sees what, and in how many questions."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult

from core.pagination import PAGE_SIZE
from dashboard.actions.snapshots import snapshot_metrics
from dashboard.queries import kept_lines
from dashboard.queries.event_log import entries
from dashboard.queries.figures import BY_SLUG
from dashboard.tasks import work_out_division
from inventory.models import Item
from orders.models import OrderLine, ResupplyOrder
from stations.models import Command, Station
from tests import make
from tests.pages import text_of
from tests.test_dashboard_figures import fill_with_trouble
from tests.test_dashboard_orders import line, order

pytestmark = pytest.mark.django_db
PAGES = ["home", "stations", "log", "ledger"]
FIGURES = list(BY_SLUG)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Pages are read at the moment for which the test's division was made."""
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


@pytest.fixture
def north() -> Station:
    station = make.station(name="North")
    fill_with_trouble(station)
    return station


def draft(station: Station, lines: int = 3) -> ResupplyOrder:
    assert station.supplied_by is not None
    made = ResupplyOrder.objects.create(
        station=station, source=station.supplied_by, is_automatic=True, created_at=make.AT
    )
    for _ in range(lines):
        line(made, approved=None, approval_reason="")
    OrderLine.objects.create(order=made, item=make.item(), location=make.room(station), asked=0)
    return made


def page(client, user, name: str, *args: object, **query: str):
    client.force_login(user)
    return client.get(reverse(name, args=args), query)


def test_home_sends_logistics_to_the_queue_and_a_driver_to_the_run(client):
    assert page(client, make.logistics(), "home").url == reverse("queue")
    assert page(client, make.driver(), "home").url == reverse("driver_run")


def test_an_officer_of_one_station_sees_it_at_once(client, north):
    draft(north)

    response = page(client, make.officer(north), "home")

    assert response.status_code == 200
    assert "North" in response.text
    assert "Suggested request: 3 items" in response.text
    assert reverse("suggested_order", args=[north.code]) in response.text
    assert reverse("open_count", args=[make.room(north).pk]) in response.text
    assert reverse("use_stock", args=[make.room(north).pk]) in response.text


def test_an_officer_of_several_stations_chooses_and_of_none_is_told(client, north):
    south = make.station(name="South")

    assert north.get_absolute_url() in page(client, make.officer(north, south), "home").text
    assert "You belong to no station yet" in page(client, make.officer(), "home").text


def test_who_only_looks_gets_no_buttons(client, north):
    draft(north)

    for user in (make.chief(), make.auditor(), make.officer(north, read_only=True)):
        text = page(client, user, "station", north.code).text
        assert reverse("suggested_order", args=[north.code]) not in text
        assert reverse("use_stock", args=[make.room(north).pk]) not in text


def test_a_station_and_a_unit_stay_hidden_from_other_stations(client, north):
    unit = north.units.first()
    outsider = make.officer(make.station())

    assert page(client, outsider, "station", north.code).status_code == 404
    assert page(client, outsider, "unit", unit.code).status_code == 404
    assert page(client, make.driver(), "station", north.code).status_code == 403


def test_a_unit_shows_what_it_lacks_and_what_has_expired(client, north):
    unit = north.units.first()

    text = page(client, make.officer(north), "unit", unit.code).text

    assert "4 out and 0 short of 4 par levels" in text
    assert "1 expired lot still on board" in text
    assert reverse("restock_unit", args=[unit.code]) in text


def test_the_list_of_stations_is_that_of_the_reader_and_filters_by_state(client, north):
    ready = make.station(name="Ready one", supplied_by=north.supplied_by)

    everything = page(client, make.chief(), "stations").text
    assert "North" in everything
    assert "Ready one" in everything
    assert "0 of 1" not in everything
    assert "Ready one" not in page(client, make.chief(), "stations", state="short").text
    assert "Ready one" not in page(client, make.officer(north), "stations").text
    assert ready.name in page(client, make.chief(), "stations", state="nonsense").text


def test_the_chief_reads_the_day_in_a_sentence_and_every_figure(client, north):
    snapshot_metrics(at=make.AT)
    snapshot_metrics(at=make.AT - timedelta(days=8))

    text = page(client, make.chief(), "home").text

    assert "0 of 1 stations ready; North is short of" in text
    for definition in BY_SLUG.values():
        assert str(definition.title) in text
        assert reverse("figure", args=[definition.slug]) in text
    assert 'data-trend="line-fill"' in text


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_opens(client, north, figure):
    queries: list[dict[str, str]] = [
        {},
        {"show": "all"},
        {"station": north.code},
        {"page": "2"},
        {"page": "x", "show": "?"},
    ]
    chief = make.chief()

    for query in queries:
        response = page(client, chief, "figure", figure, **query)
        assert response.status_code == 200
        assert str(BY_SLUG[figure].meaning) in response.text


def test_figures_the_log_and_the_ledger_are_not_for_officers(client, north):
    officer = make.officer(north)

    assert page(client, officer, "figure", "line-fill").status_code == 403
    assert page(client, officer, "log").status_code == 403
    assert page(client, officer, "ledger").status_code == 403
    assert page(client, make.chief(), "figure", "luck").status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_nobody_sees_anything_without_signing_in(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def logged(verb: str, subject, *, by=None, at=make.AT, **details: object):
    command = Command.objects.create(request_id=uuid4(), verb=verb, fingerprint="", by=by, at=at)
    return command.log(verb, subject, comment=f"why {verb}", **details)


def test_the_log_filters_by_person_verb_subject_and_day(client, north):
    person, asked = make.logistics(), order(north, sent=make.AT)
    logged("approved", asked, by=person, lines=3)
    logged("reviewed", north, at=make.AT - timedelta(days=9))
    auditor = make.auditor()

    def found(**query: str) -> tuple[bool, bool]:
        text = page(client, auditor, "log", **query).text
        return "why approved" in text, "why reviewed" in text

    assert found() == (True, True)
    assert found(person=str(person.pk)) == (True, False)
    assert found(person="system") == (False, True)
    assert found(verb="Appr") == (True, False)
    assert found(subject="station", subject_id=str(north.pk)) == (False, True)
    assert found(first_day="2026-11-01") == (True, False)
    assert found(last_day="2026-10-30") == (False, True)
    assert asked.get_absolute_url() in page(client, auditor, "log").text


def test_a_filter_that_makes_no_sense_is_named(client):
    text = page(client, make.auditor(), "log", first_day="2026-11-02", last_day="2026-11-01", person="99999").text

    assert "This day is before the first one." in text
    assert "Select a valid choice" in text


def verified(differences: int) -> None:
    result = json.dumps({"differences": differences})
    TaskResult.objects.create(
        task_id=str(uuid4()), task_name="orders.tasks.verify_ledger", status="SUCCESS", result=result
    )


def test_the_auditor_sees_whether_the_ledger_adds_up(client, north):
    auditor = make.auditor()
    assert "has not been added up yet" in page(client, auditor, "home").text

    verified(0)
    assert "Adds up" in page(client, auditor, "home").text
    assert "Adds up" in page(client, auditor, "ledger").text


def test_differences_are_listed_as_they_are_now(client, north):
    line(order(north, sent=make.AT), allocated=5)
    verified(1)

    text = page(client, make.auditor(), "ledger").text

    assert "1 difference found" in text
    assert "allocated" in text


def test_adding_up_runs_once_per_press_and_shows_its_progress(client):
    client.force_login(make.auditor())
    task_id = uuid4()

    progress = reverse("verify_progress", args=[task_id])

    for _ in range(2):
        assert client.post(reverse("verify_ledger"), {"request_id": str(task_id)}).url == progress

    assert "Leaving this page does not stop it" in client.get(progress).text
    TaskResult.objects.filter(task_id=str(task_id)).delete()
    TaskResult.objects.create(
        task_id=str(task_id), task_name="orders.tasks.verify_ledger", status="SUCCESS", result='{"differences": 0}'
    )
    assert "Adds up" in client.get(progress).text


def test_only_the_check_of_the_ledger_can_be_watched_there(client):
    result = TaskResult.objects.create(
        task_id=str(uuid4()), task_name="orders.tasks.sweep_par_levels", status="SUCCESS"
    )

    assert page(client, make.auditor(), "verify_progress", result.task_id).status_code == 404


def questions(client, user, name: str, *args: object, **query: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    page(client, user, name, *args, **query)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(name, args=args), query).status_code == 200
    return len(asked)


def grow(station: Station, times: int) -> None:
    for _ in range(times):
        another = make.station(supplied_by=station.supplied_by)
        fill_with_trouble(another)
        draft(another)
        logged("reviewed", another)
        logged("asked", order(another, sent=make.AT))


def test_a_page_of_the_chief_asks_as_much_of_many_stations_as_of_3(client, north):
    chief = make.chief()
    pages = [("home", ""), ("stations", ""), ("log", ""), ("ledger", ""), *(("figure", slug) for slug in FIGURES)]

    def asked() -> dict[tuple[str, str], int]:
        return {(name, slug): questions(client, chief, name, *filter(None, [slug]), show="all") for name, slug in pages}

    grow(north, 2)
    of_few = asked()
    grow(north, 15)

    assert asked() == of_few
    assert max(of_few.values()) <= 12


def test_a_page_of_a_station_asks_as_much_of_many_things_as_of_few(client, north):
    officer = make.officer(north)
    draft(north)
    few = questions(client, officer, "home")
    unit_asks = questions(client, officer, "unit", north.units.first().code)
    for _ in range(10):
        fill_with_trouble(north)

    assert questions(client, officer, "home") == few <= 12
    assert questions(client, officer, "unit", north.units.first().code) == unit_asks
    assert questions(client, make.officer(*Station.objects.all()), "home") <= 8


@pytest.fixture
def south() -> Station:
    return make.station(name="South")


def test_a_large_division_is_worked_out_by_the_worker_and_says_when(client, south, settings):
    settings.EMS_LIVE_PAR_LEVELS = 0
    client.force_login(make.chief())
    gloves = make.item(criticality="A")
    make.par(south, gloves, par=10)

    assert work_out_division() == {"kept": True}
    make.stock(south, gloves, on_hand=10)

    for path in ("/", "/stations/", "/figures/ready-stations/"):
        page = client.get(path).content.decode().lower()
        assert "as of" in page
        assert "0 of 1" in page
    work_out_division()
    assert "0 of 1" not in client.get("/stations/").content.decode()


def test_a_division_that_is_small_again_is_worked_out_for_each_visit(client, south, settings):
    client.force_login(make.chief())
    gloves = make.item(criticality="A")
    make.par(south, gloves, par=10)
    settings.EMS_LIVE_PAR_LEVELS = 0
    work_out_division()
    settings.EMS_LIVE_PAR_LEVELS = 1

    assert work_out_division() == {"kept": False}
    make.stock(south, gloves, on_hand=10)

    page = text_of(client.get("/stations/"))
    assert "1 of 1 stations ready" in page
    assert "as of" not in page


def test_an_officer_sees_their_station_as_it_is_now(client, south, settings):
    settings.EMS_LIVE_PAR_LEVELS = 0
    gloves = make.item(criticality="A")
    make.par(south, gloves, par=10)
    work_out_division()
    make.stock(south, gloves, on_hand=10)
    client.force_login(make.officer(south))

    assert "1 of 1 stations ready" in client.get("/stations/").content.decode()


def test_the_lines_of_a_kept_figure_are_those_of_its_moment_and_agree_with_it(client, south, settings):
    settings.EMS_LIVE_PAR_LEVELS = 0
    client.force_login(make.chief())
    for _ in range(2):
        make.par(south, make.item(criticality="A"), par=10)
    late = make.item(unit_cost_cents=250)
    make.stock(make.room(south), late, number="old", on_hand=2, expires_on=timezone.localdate() - timedelta(days=1))
    work_out_division()
    kept = client.get("/figures/stock-outs/").context
    make.stock(south, Item.objects.filter(criticality="A")[0], on_hand=10)
    make.stock(make.room(south), late, number="older", on_hand=9, expires_on=timezone.localdate() - timedelta(days=2))

    page = client.get("/figures/stock-outs/").context
    assert page["figure"].reading.made_of == kept["figure"].reading.made_of
    assert len(page["page"].rows) == len(kept["page"].rows) == 2
    assert [level.on_hand for level in client.get("/figures/expired-value/").context["page"].rows] == [2]
    assert len(client.get(f"/figures/stock-outs/?station={south.code}").context["page"].rows) == 1


def test_pages_behind_those_that_are_kept_are_read_as_they_are_now(client, south, settings, monkeypatch):
    settings.EMS_LIVE_PAR_LEVELS = 0
    monkeypatch.setattr(kept_lines, "PAGES", 1)
    client.force_login(make.chief())
    for _ in range(PAGE_SIZE + 1):
        make.par(south, make.item(), par=10)
    work_out_division()

    first, second = (client.get(f"/figures/stock-outs/?page={number}").context["page"] for number in (1, 2))
    assert (len(first.rows), first.has_next, len(second.rows), second.has_next) == (PAGE_SIZE, True, 1, False)


def test_sums_over_all_stock_are_kept_for_those_who_see_all_and_say_when(client, south, settings):
    settings.EMS_LIVE_PAR_LEVELS = 0
    gloves = make.item(unit_cost_cents=100)
    make.par(south, gloves, par=10)
    yesterday = timezone.localdate() - timedelta(days=1)
    make.stock(make.room(south), gloves, number="old", on_hand=7, expires_on=yesterday)
    work_out_division()
    make.stock(make.room(south), gloves, number="older", on_hand=30, expires_on=yesterday)

    client.force_login(make.logistics())
    items, expiring = client.get("/items/"), client.get("/expiring/")
    assert [on_hand for _, on_hand in items.context["rows"]] == [7]
    assert expiring.context["expired_cents"] == 700
    assert all("as of" in text_of(page) for page in (items, expiring))
    client.force_login(make.officer(south))
    items, expiring = client.get("/items/"), client.get("/expiring/")
    assert [on_hand for _, on_hand in items.context["rows"]] == [37]
    assert expiring.context["expired_cents"] == 3700
    assert not any("as of" in text_of(page) for page in (items, expiring))


def test_the_log_calls_people_by_name_and_shows_no_bare_number():
    person = make.logistics()
    about_person = logged("entered", person, by=make.chief())
    about_file = about_person.command.log("loaded people", about_person.command, file="people.csv")

    said = [entry.subject for entry in entries([about_person, about_file])]

    assert said == [str(person), "File"]
