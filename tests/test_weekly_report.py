"""The chief's weekly report on paper: the screen as it is, or as it was kept, and the week's money."""

from datetime import UTC, date, timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from dashboard.actions.snapshots import snapshot_metrics
from dashboard.models import DailySnapshot
from dashboard.queries.figures import DEFINITIONS, figures
from dashboard.queries.measures import measures
from dashboard.queries.readiness import station_readiness
from dashboard.queries.report import MOST_STATIONS, week_report
from dashboard.queries.spending import DISCARDED, EXPIRED, LOSSES, LOST, RECEIVED, USED, WASTED, spending
from dashboard.queries.weeks import Week
from inventory.actions.ledger import Move, post_movements, reverse_movement
from inventory.models import StockMovement
from stations.models import Command, Location, Station
from tests import make
from tests.pages import questions, text_of
from tests.paper import codes_on, paper_of, pdf_of, text_of_pdf
from tests.test_dashboard_figures import fill_with_trouble

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
THIS = Week(date(2026, 11, 2))
Reason = StockMovement.Reason
ENDS = {
    Reason.USED: Location.Kind.CONSUMED,
    Reason.WASTED: Location.Kind.WASTED,
    Reason.DISCARDED: Location.Kind.DISCARDED,
    Reason.LOST: Location.Kind.VARIANCE,
}


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Monday, Nov 2, 2026, 10:00 in the division."""
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


@pytest.fixture
def chief(client):
    client.force_login(make.chief())
    return client


@pytest.fixture
def north():
    station = make.station(name="North Łódź")
    fill_with_trouble(station)
    return station


def report(client, **asked):
    return pdf_of(client.get(reverse("report"), asked))


def move(level, quantity, reason, at):
    """Take so many of it off its shelf at this time; or, of what is received, put them there."""
    command = Command.objects.begin("test", by=None, at=at)
    other = Location.objects.virtual(ENDS.get(reason, Location.Kind.SUPPLIER))
    source, destination = level.location_id, other.pk
    if reason == Reason.RECEIVED:
        source, destination = destination, source
    return post_movements(command, [Move(level.lot_id, source, destination, quantity, reason)], by=None, at=at)[0]


# --- Weeks ------------------------------------------------------------------------------------------------------------


def test_a_week_is_named_as_iso_does_and_lasts_from_monday_to_sunday_in_the_divisions_time():
    week = Week.named("2026-w53", date(2027, 2, 1))

    assert (str(week), week.monday, week.sunday) == ("2026-W53", date(2026, 12, 28), date(2027, 1, 3))
    assert week == Week.of(date(2027, 1, 2))
    assert timezone.localtime(week.begins_at).isoformat() == "2026-12-28T00:00:00-05:00"
    assert str(week.back(-1)) == "2027-W01"
    back = Week(date(2026, 10, 26))  # in which clocks go back
    assert back.ends_at.astimezone(UTC) - back.begins_at.astimezone(UTC) == timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-W54", "Write a week as 2026-W45"),
        ("2026-W00", "Write a week as"),
        ("0001-W01", "Write a week as"),
        ("last week", "Write a week as"),
        ("２０２６-W01", "Write a week as"),
        ("2026-W46", "has not begun yet"),
        ("9999-W52", "has not begun yet"),
    ],
)
def test_what_is_no_week_is_refused_on_the_page_of_the_weeks(chief, name, said):
    with pytest.raises(DomainError, match=said):
        Week.named(name, THIS.monday)
    response = chief.get(reverse("report"), {"week": name}, follow=True)
    assert response.redirect_chain[0][0] == reverse("reports")
    assert said in text_of(response)


# --- What it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("week", ["", "2026-W45", "2026-W44"])
def test_this_and_the_last_week_say_what_the_screen_says(chief, north, week):
    for weeks in range(4):
        snapshot_metrics(at=make.AT - weeks * 7 * DAY)
    screen = chief.get(reverse("home")).context["now"]

    pdf = report(chief, week=week)

    text = text_of_pdf(pdf)
    assert screen.sentence.replace("ź", "z") in text
    for figure in screen.figures:
        assert f"{figure.definition.title} {figure.reading.text}" in text
        assert not figure.definition.target_text or f"target: {figure.definition.target_text}" in text
    assert "What fails next" in text
    assert "North Łódz Short" in text
    assert "as of Mon, Nov 2, 2026, 10:00" in text
    name = week or "2026-W45"
    assert f"Weekly report {name}" in text
    [(_, address)] = codes_on(pdf.pages[0])
    assert urlsplit(address).path == reverse("report")
    assert urlsplit(address).query == f"week={name}"


def test_what_fails_next_names_item_station_and_what_comes(chief, north):
    item = make.item(name="Naloxone", criticality="A")
    make.par(north, item, par=40, minimum=5)
    move(make.stock(north, item, on_hand=40), 30, Reason.USED, make.AT - 5 * DAY)
    found = week_report(THIS, at=make.AT).fails_next
    text = text_of_pdf(report(chief))

    assert found
    assert f"Naloxone {item.sku} North Łódz 10 of 40 1.1 Wed, Nov 11 Not below its minimum yet" in text


def test_an_earlier_week_says_what_was_kept_of_it(chief, north):
    then = make.AT - 22 * DAY
    week = Week.of(timezone.localdate(then))
    snapshot_metrics(at=then - DAY)
    snapshot_metrics(at=then)
    found = week_report(week, at=make.AT)
    everything = Station.objects.all()
    live = figures(measures(at=then, readiness=station_readiness(at=then, stations=everything)))

    assert [figure.reading.text for figure in found.figures] == [figure.reading.text for figure in live]
    assert found.as_of == then
    text = text_of_pdf(report(chief, week=str(week)))
    assert "0 of 1 stations were ready." in text
    assert "North Łódz Not ready" in text
    assert "What fails next" not in text


def test_a_week_of_which_nothing_was_kept_says_so(chief, north):
    text = text_of_pdf(report(chief, week="2019-W01"))

    assert "No figures were kept." in text
    assert "$0.00" in text


def test_an_empty_division_has_a_report(chief):
    assert "No stations yet" in text_of_pdf(report(chief))


def test_of_a_large_division_the_worst_stations_are_named_and_the_rest_counted(chief, north):
    for _ in range(MOST_STATIONS + 1):
        make.station(supplied_by=north.supplied_by)

    text = text_of_pdf(report(chief))

    assert "North Łódz Short" in text
    assert "And 3 more: 0 not ready, 3 ready." in text


# --- Money ------------------------------------------------------------------------------------------------------------


def test_the_weeks_money_is_that_of_its_movements(chief):
    item = make.item(unit_cost_cents=250)
    level = make.stock(make.station(), item, on_hand=500, expires_on=make.TODAY + 5 * DAY)
    for quantity, reason, at in [
        (40, Reason.RECEIVED, make.AT),
        (10, Reason.USED, THIS.begins_at),
        (3, Reason.WASTED, make.AT),
        (5, Reason.DISCARDED, make.AT),
        (7, Reason.DISCARDED, make.AT + 6 * DAY),
        (2, Reason.LOST, make.AT),
        (1, Reason.USED, THIS.begins_at - timedelta(seconds=1)),
    ]:
        move(level, quantity, reason, at)

    found = spending(THIS)

    assert {kind: found.of([kind], THIS) // 250 for kind in (RECEIVED, USED, *LOSSES)} == {
        RECEIVED: 40, USED: 10, WASTED: 3, EXPIRED: 7, DISCARDED: 5, LOST: 2,
    }  # fmt: skip
    assert found.of([USED], THIS.back(1)) == 250
    assert found.mean([USED]) == round(11 * 250 / 12)
    text = text_of_pdf(report(chief))
    assert "Received from suppliers $100.00 $0.00 $8.33" in text
    assert "Waste, all together $42.50 $0.00 $3.54" in text


def test_what_was_undone_was_not_spent():
    level = make.stock(make.station(), make.item(unit_cost_cents=100), on_hand=50)
    wrong = move(level, 9, Reason.WASTED, make.AT)
    reverse_movement(movement=wrong, reason="typo", by=make.logistics(), at=make.AT, request_id=make.rid())

    assert spending(THIS).of(LOSSES, THIS) == 0


# --- The file and its page --------------------------------------------------------------------------------------------


def test_the_file_is_named_after_the_week_and_printed_on_the_divisions_paper(chief, settings):
    response = chief.get(reverse("report"), {"week": "2026-W40"})

    assert response["Content-Disposition"] == 'inline; filename="weekly-report-2026-W40.pdf"'
    assert paper_of(pdf_of(response)) == "Letter"
    assert paper_of(report(chief, paper="A4")) == "A4"


@pytest.mark.parametrize(
    ("role", "status"), [("chief", 200), ("auditor", 200), ("logistics", 403), ("officer", 403), ("driver", 403)]
)
def test_only_who_reads_the_whole_division_reads_its_report(client, role, status):
    assert client.get(reverse("report")).status_code == 302
    client.force_login(make.person(role))

    assert client.get(reverse("report")).status_code == status
    assert client.get(reverse("reports")).status_code == status


def test_the_chiefs_screen_and_the_page_of_the_weeks_lead_to_it(chief):
    assert f'href="{reverse("report")}"' in chief.get(reverse("home")).text
    page = chief.get(reverse("reports")).text
    assert f'href="{reverse("report")}?week=2026-W45"' in page
    assert f'href="{reverse("report")}?week=2026-W34"' in page
    assert "2026-W33" not in page


@pytest.mark.parametrize("asked", ["", "?week=2026-W42"])
def test_a_report_asks_a_fixed_number_of_questions(chief, north, asked):
    for weeks in range(5):
        snapshot_metrics(at=make.AT - weeks * 7 * DAY)
    address = f"{reverse('report')}{asked}"
    few = questions(chief, address)
    for _ in range(5):
        station = make.station(supplied_by=north.supplied_by)
        fill_with_trouble(station)
    for weeks in range(5):
        snapshot_metrics(at=make.AT - weeks * 7 * DAY)

    assert DailySnapshot.objects.count() > 30
    assert questions(chief, address) == few


def test_every_figure_of_the_screen_has_its_box(chief, north):
    text = text_of_pdf(report(chief))

    assert all(str(definition.title) in text for definition in DEFINITIONS)
