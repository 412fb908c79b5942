"""Every figure equals the lines it opens into: of the division, of a station, and together."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.actions.snapshots import snapshot_metrics
from dashboard.models import DailySnapshot
from dashboard.queries.figure_lines import LINES, Scope, readiness_of
from dashboard.queries.figures import DEFINITIONS, Figure, figures
from dashboard.queries.measures import Measures, measures, measures_by_station, together
from dashboard.queries.trend import NUMBERS, snapshots, trends
from inventory.access import visible_levels
from inventory.models import CycleCount, KindPolicy
from inventory.queries.expiring import dated_levels, worth_by_station
from stations.models import Station
from tests import make
from tests.test_dashboard_orders import DAY, line, order, ship

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).resolve().parent.parent / "docs" / "figures.md"


@dataclass
class Division:
    north: Station
    south: Station

    def stations(self) -> list[Station | None]:
        return [None, self.north, self.south]


@pytest.fixture
def division() -> Division:
    """Two stations, each with something of everything that the figures count; the second with twice as much of it."""
    north = make.station()
    south = make.station(supplied_by=north.supplied_by)
    for times, station in [(1, north), (2, south)]:
        for _ in range(times):
            fill_with_trouble(station)
    return Division(north, south)


def fill_with_trouble(station: Station) -> None:
    sent = make.AT - 3 * DAY
    for quantity in (10, 4):
        ship(line(order(station, sent=sent)), quantity, left=make.AT - DAY)
    line(order(station, sent=make.AT - 9 * DAY))
    closed = line(order(station, sent=make.AT - 9 * DAY, state="closed", closed_at=make.AT - DAY))
    ship(closed, 10, left=make.AT - 6 * DAY, received=make.AT - 5 * DAY)
    room, unit = make.room(station), make.unit(station)
    for criticality, on_hand in [("A", 10), ("A", 1), ("B", 10), ("C", 10)]:
        item = make.item(criticality=criticality, unit_cost_cents=250)
        make.par(station, item, 10, 5)
        make.par(unit.location, item, 2, 1)
        make.stock(room, item, number="fresh", on_hand=on_hand)
    dated = make.item(unit_cost_cents=250)
    make.stock(room, dated, number="soon", on_hand=3, expires_on=make.TODAY + timedelta(days=20))
    make.stock(unit.location, dated, number="old", on_hand=2, expires_on=make.TODAY - DAY)
    CycleCount.objects.create(
        location=unit.location, opened_by=make.logistics(), state="posted", opened_at=make.AT, posted_at=make.AT - DAY
    )


def measured(station: Station | None) -> Measures:
    return measures(at=make.AT, readiness=readiness_of(make.AT, station), station=station)


def opened(slug: str, station: Station | None, *, everything: bool) -> list[Any]:
    return list(LINES[slug].read(Scope(make.AT, station, everything=everything)))


def figure(slug: str, station: Station | None = None) -> Figure:
    return next(one for one in figures(measured(station)) if one.definition.slug == slug)


@pytest.mark.parametrize(
    ("slug", "share"),
    [
        ("ready-stations", lambda found: found.ready),
        ("line-fill", lambda found: found.fill),
        ("stock-outs", lambda found: found.stock_outs),
        ("count-freshness", lambda found: found.counted),
    ],
)
def test_a_share_is_its_lines_counted(division, slug, share):
    is_good_counted = slug != "stock-outs"
    for station in division.stations():
        missed, whole = (len(opened(slug, station, everything=everything)) for everything in (False, True))
        hits = whole - missed if is_good_counted else missed

        assert (share(measured(station)).hits, share(measured(station)).whole) == (hits, whole)
        assert whole > 0
        assert figure(slug, station).reading.number == pytest.approx(100 * hits / whole)


@pytest.mark.parametrize(("slug", "part"), [("expiring-value", "expiring"), ("expired-value", "expired")])
def test_a_value_is_its_lines_added_up(division, slug, part):
    for station in division.stations():
        cents = sum(level.on_hand * level.lot.item.unit_cost_cents for level in opened(slug, station, everything=False))

        assert getattr(measured(station).worth, part) == cents > 0
        assert figure(slug, station).reading.number == cents


def test_the_list_of_what_expires_adds_up_to_the_same_values(division):
    rows = worth_by_station(dated_levels(visible_levels(make.chief()), today=make.TODAY), today=make.TODAY)

    value = measured(None).worth
    assert sum(row.expiring_cents for row in rows) == value.expiring
    assert sum(row.expired_cents for row in rows) == value.expired


def test_overdue_backorders_are_their_lines_counted(division):
    counts = [len(opened("overdue-backorders", station, everything=False)) for station in division.stations()]

    assert counts == [measured(station).overdue for station in division.stations()] == [3, 1, 2]


def test_request_to_receipt_is_the_middle_one_of_its_lines(division):
    for station in division.stations():
        waited = sorted(one.waited for one in opened("request-to-receipt", station, everything=False))

        assert measured(station).waits.median == waited[(len(waited) - 1) // 2] == 4 * DAY
        assert figure("request-to-receipt", station).reading.number == 96


def test_the_stations_together_are_the_division(division):
    by_station = measures_by_station(at=make.AT)

    assert together(list(by_station.values())) == measured(None)
    assert by_station[division.south] == measured(division.south)


def test_the_days_that_the_division_sets_for_a_kind_decide_what_is_expiring(division):
    before = measured(None).worth

    KindPolicy.objects.create(kind="consumable", expiring_days=10)

    assert before.expiring > measured(None).worth.expiring == 0
    assert measured(None).worth.expired == before.expired


def test_every_figure_is_documented_in_the_words_of_its_page():
    text = DOCS.read_text()
    for definition in DEFINITIONS:
        assert f"### {definition.title}\n{definition.meaning}\n" in text
        assert f"Target: {definition.target_text}" in text or definition.target is None
    assert set(LINES) == set(NUMBERS) == {definition.slug for definition in DEFINITIONS}


def test_a_division_without_anything_has_no_figure_to_judge():
    assert [one.is_met for one in figures(measured(None))] == [None, None, None, None, True, None, True, None]


def test_a_percentage_is_never_rounded_to_its_target():
    from dashboard.queries.readings import percent
    from dashboard.queries.shares import Share

    assert percent(Share(9799, 10_000), "lines").text == "97.9 %"
    assert percent(Share(10, 10), "lines").text == "100 %"
    assert percent(Share(124, 12_188), "par levels", is_more_better=False).text == "1.1 %"
    assert percent(Share(1, 100), "par levels", is_more_better=False).text == "1 %"


def test_a_snapshot_keeps_the_figures_of_the_day(division):
    written = snapshot_metrics(at=make.AT)

    found = measured(None)
    kept = DailySnapshot.objects.get(station=None)
    assert written == DailySnapshot.objects.count() == Station.objects.count() + 1
    assert (kept.lines_filled, kept.lines_asked) == (found.fill.hits, found.fill.whole)
    assert (kept.par_lines_out, kept.par_lines) == (found.stock_outs.hits, found.stock_outs.whole)
    assert (kept.expiring_cents, kept.receipt_minutes) == (found.worth.expiring, 4 * 24 * 60)
    south = DailySnapshot.objects.get(station=division.south)
    assert south.backorders_overdue == 2


def test_a_second_snapshot_of_the_day_replaces_the_first(division):
    snapshot_metrics(at=make.AT)
    line(order(division.north, sent=make.AT - 9 * DAY))

    snapshot_metrics(at=make.AT + timedelta(hours=2))

    assert DailySnapshot.objects.count() == Station.objects.count() + 1
    assert DailySnapshot.objects.get(station=None).backorders_overdue == 4
    assert DailySnapshot.objects.get(station=division.north).backorders_overdue == 2


def test_a_trend_has_one_point_a_week(division):
    for days in range(0, 100, 5):
        snapshot_metrics(at=make.AT - days * DAY)

    taken = snapshots(make.TODAY)

    assert len(taken) == 12
    assert taken[-1].day == make.TODAY
    assert taken == sorted(taken, key=lambda one: one.day)
    assert trends(taken[:1]) == []
    assert {len(trend.points) for trend in trends(taken)} == {12}


@pytest.mark.parametrize("more", [0, 20])
def test_all_measures_take_a_fixed_number_of_questions(division, more, django_assert_num_queries):
    for _ in range(more):
        fill_with_trouble(make.station(supplied_by=division.north.supplied_by))

    with django_assert_num_queries(5):
        measured(None)
    with django_assert_num_queries(9):
        measures_by_station(at=make.AT)
