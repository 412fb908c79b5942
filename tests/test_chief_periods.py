"""A range of days beside the one before, and spending and waste, each opening to its lines."""

import csv
from datetime import UTC, date, timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from dashboard.actions.snapshots import snapshot_metrics
from dashboard.models import DailySnapshot
from dashboard.queries.comparison import comparison
from dashboard.queries.figures import EXPIRED_VALUE, EXPIRING_VALUE, REQUEST_TO_RECEIPT, STOCK_OUTS
from dashboard.queries.periods import Period, presets
from dashboard.queries.spending import OPENED, movements_of, spending, spent, total_of
from dashboard.queries.weeks import Week
from inventory.actions.ledger import reverse_movement
from inventory.models import StockMovement
from tests import make
from tests.pages import questions, text_of
from tests.test_dashboard_figures import fill_with_trouble
from tests.test_weekly_report import move

pytestmark = pytest.mark.django_db
Reason = StockMovement.Reason
DAY = timedelta(days=1)
LAST = Period(date(2026, 10, 27), date(2026, 11, 2))


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Monday, Nov 2, 2026, 10:00 in the division."""
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


@pytest.fixture
def chief(client):
    client.force_login(make.chief())
    return client


@pytest.fixture
def moved():
    """Something of every kind in the last week and in the one before, at $2.50 a unit."""
    place = make.station(name="North")
    item = make.item(unit_cost_cents=250)
    good = make.stock(place, item, on_hand=1000, number="good")
    old = make.stock(place, item, on_hand=1000, number="old", expires_on=make.TODAY - 30 * DAY)
    for quantity, days in ((4, 2), (1, 9)):
        at = make.AT - days * DAY
        for reason in (Reason.RECEIVED, Reason.USED, Reason.WASTED, Reason.DISCARDED, Reason.LOST):
            move(good, quantity, reason, at)
        move(old, 3 * quantity, Reason.DISCARDED, at)
    return good


# --- Days -------------------------------------------------------------------------------------------------------------


def test_a_period_is_whole_days_and_the_one_before_is_as_long():
    period = Period.named("2026-10-27", "2026-11-02", make.TODAY)

    assert period == LAST == Period.named("2026-10-27", "", make.TODAY)
    assert (period.before, period.days) == (Period(date(2026, 10, 20), date(2026, 10, 26)), 7)
    assert str(period) == "Oct 27 – Nov 2, 2026"
    ends_at, begins_at = (moment.astimezone(UTC) for moment in (period.ends_at, period.begins_at))
    assert ends_at - begins_at == timedelta(days=7, hours=1)  # clocks go back in it
    assert Period.named("", "", make.TODAY) is None
    assert [one.days for _, one in presets(make.TODAY)] == [28, 84, 2, 306]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-11-02", "2026-11-01", "before the first"),
        ("2026-11-01", "2026-11-03", "has not come yet"),
        ("yesterday", "", "Write days as"),
        ("2026-02-30", "2026-03-01", "Write days as"),
        ("0001-01-01", "2026-11-01", "nothing was kept before"),
        ("2020-01-01", "2026-11-01", "two years"),
        ("", "2026-11-01", "first day, too"),
        ("9999-12-31", "9999-12-31", "has not come yet"),
        ("\0", "", "Write days as"),
    ],
)
def test_what_is_no_period_is_refused_kindly(chief, moved, first, last, said):
    with pytest.raises(DomainError, match=said):
        Period.named(first, last, make.TODAY)

    screen = chief.get("/", {"from": first, "to": last})
    assert (screen.status_code, said in text_of(screen)) == (422, True)
    assert "stations ready" in text_of(screen)
    lines = chief.get(reverse("spending_lines", args=["waste"]), {"from": first, "to": last}, follow=True)
    assert (lines.status_code, said in text_of(lines)) == (200, True)


# --- Figures ----------------------------------------------------------------------------------------------------------


def kept(day, **numbers):
    usual = {"stations": 10, "stations_ready": 9, "lines_asked": 0, "lines_filled": 0, "par_lines": 100}
    rest = {"backorders_overdue": 0, "expiring_cents": 0, "expired_cents": 0, "places": 0, "places_counted": 0}
    numbers = {**usual, "par_lines_out": 0, **rest, **numbers}
    return DailySnapshot.objects.create(day=day, taken_at=make.AT, **numbers)


def test_each_figure_says_both_means_and_the_difference():
    kept(date(2026, 10, 26), par_lines_out=4, expired_cents=10_000, receipt_minutes=60)
    kept(date(2026, 10, 20), par_lines_out=2, expired_cents=30_000, expiring_cents=500)
    kept(date(2026, 10, 27), par_lines_out=1, receipt_minutes=90, expiring_cents=500)
    kept(date(2026, 10, 19), par_lines_out=99)  # outside of both

    found = comparison(LAST)

    assert (found.days, found.days_before) == (1, 2)
    outs, waits, value, expiring = (
        found.of(one) for one in (STOCK_OUTS, REQUEST_TO_RECEIPT, EXPIRED_VALUE, EXPIRING_VALUE)
    )
    assert (outs.now_text, outs.then_text, outs.difference) == ("1.0 %", "3.0 %", "−2.0 points")
    assert outs.is_better
    assert (waits.now_text, waits.then_text, waits.difference, waits.is_better) == ("2 h", "1 h", "+1 h", False)
    assert (value.now_text, value.then_text, value.difference, value.is_better) == ("$0", "$200", "−$200", True)
    assert (expiring.difference, expiring.is_better) == ("+$3", False)


def test_days_without_a_snapshot_leave_nothing_to_compare(chief, moved):
    snapshot_metrics(at=make.AT)

    text = text_of(chief.get("/", {"from": "2026-11-01"}))

    assert "nothing to compare" in text
    assert "Nov 1 – Nov 2, 2026 beside Oct 30 – Oct 31, 2026" in text
    assert "1 and 0 of 2" in text


# --- Money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OPENED)
def test_an_amount_is_its_lines_added_up(chief, moved, kind):
    name, kinds = OPENED[kind]
    now, then = spent(LAST)
    usual = {"received": 10, "used": 10, "wasted": 10, "discarded": 10, "lost": 10, "expired": 30, "waste": 60}
    for part, period, times in ((now, LAST, 100), (then, LAST.before, 25)):
        cents = sum(part[one] for one in kinds)
        assert cents == usual[kind] * times
        assert total_of(movements_of(kinds, period))[0] == cents
    assert sum(spending(Week.of(make.TODAY)).of(kinds, week) for week in spending(Week.of(make.TODAY)).weeks) == (
        usual[kind] * 125
    )

    page = chief.get(reverse("spending_lines", args=[kind]), {"from": "2026-10-27"})

    assert f"{name}: ${usual[kind]}.00" in text_of(page)
    assert sum(one.cents for one in page.context["page"].rows) == usual[kind] * 100


def test_what_was_undone_is_on_no_list(chief, moved):
    movement = StockMovement.objects.filter(reason=Reason.WASTED).latest("moved_at")
    by = make.logistics()
    reverse_movement(movement=movement, reason="typed twice", by=by, at=make.AT, request_id=make.rid())

    assert spent(LAST)[0]["Wasted"] == 0
    assert "$0.00" in text_of(chief.get(reverse("spending_lines", args=["wasted"]), {"from": "2026-10-27"}))


def test_the_lines_go_into_a_file_with_their_value(chief, moved):
    answer = chief.get(reverse("spending_lines", args=["waste"]), {"from": "2026-10-27", "format": "csv"})

    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert sum(float(row["Value"]) for row in rows) == 60
    assert {row["Unit cost"] for row in rows} == {"2.5"}
    sheet = chief.get(reverse("spending_lines", args=["waste"]), {"format": "xlsx"})
    assert sheet["Content-Type"].endswith("sheet")


def test_the_screen_compares_the_money_and_leads_to_its_lines(chief, moved):
    text = text_of(chief.get("/", {"from": "2026-10-27", "to": "2026-11-02"}))
    assert "Waste, all together $60.00 $15.00 +$45.00" in text

    screen = chief.get("/").content.decode()
    assert f"{reverse('spending_lines', args=['expired'])}?from=2026-10-26&amp;to=2026-11-01" in screen
    assert "Received from suppliers by week" in screen


def test_who_may_read_the_lines_and_the_list_of_what_fails(client, moved):
    for person, status in ((make.auditor, 200), (make.logistics, 200), (make.officer, 403), (make.driver, 403)):
        client.force_login(person())
        assert client.get(reverse("spending_lines", args=["waste"])).status_code == status
        assert client.get(reverse("fails_next")).status_code == status
    client.force_login(make.chief())
    assert client.get(reverse("spending_lines", args=["luck"])).status_code == 404


def test_a_period_asks_as_much_of_many_stations_as_of_one(chief, moved):
    addresses = ["/?from=2026-10-27", "/spending/waste/", "/fails-next/"]
    few = {address: questions(chief, address) for address in addresses}
    for _ in range(8):
        fill_with_trouble(make.station())
        move(moved, 1, Reason.WASTED, make.AT - DAY)
    snapshot_metrics(at=make.AT)

    many = {address: questions(chief, address) for address in addresses}

    assert few["/spending/waste/"] == many["/spending/waste/"] <= 8
    assert many["/?from=2026-10-27"] <= 20
    assert many["/fails-next/"] <= 8
