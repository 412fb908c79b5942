"""What a figure should be: the chief sets it, and every place that judges a figure follows."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from dashboard.actions.snapshots import snapshot_metrics
from dashboard.actions.targets import set_target
from dashboard.models import FigureTarget
from dashboard.queries.figures import BY_SLUG, DEFINITIONS
from dashboard.queries.report import week_report
from dashboard.queries.targets import target_of, tenths_of
from dashboard.queries.weeks import Week
from dashboard.tasks import work_out_division
from stations.models import Event
from tests import make
from tests.pages import form_in, has_form, text_of
from tests.test_dashboard_figures import fill_with_trouble

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: make.AT)


@pytest.fixture
def chief(client):
    client.force_login(make.chief())
    fill_with_trouble(make.station(name="North"))
    return client


def send(client, slug, **typed):
    action = reverse("set_target", args=[slug])
    return client.post(action, form_in(client.get(reverse("figure", args=[slug])), action, **typed), follow=True)


def trend_of(screen, slug):
    return next(one for one in screen.context["now"].trends if one.definition.slug == slug)


def figure_of(response, slug):
    return next(one for one in response.context["now"].figures if one.definition.slug == slug)


def test_the_usual_targets_read_as_they_are_documented():
    for definition in DEFINITIONS:
        assert target_of(definition, tenths_of(definition, definition.usual)) == definition.usual


@pytest.mark.parametrize(
    ("slug", "typed", "text", "number"),
    [
        ("line-fill", "92.5", "92.5 % or more", 92.5),
        ("ready-stations", "90", "90 % or more", 90),
        ("stock-outs", "0", "0 % or less", 0),
        ("request-to-receipt", "3.5", "3.5 days or less", 84),
        ("overdue-backorders", "12", "12 lines or less", 12),
        ("expiring-value", "90000", "$90,000 or less", 9_000_000),
        ("expired-value", "0", "none", 0),
        ("line-fill", "", "", None),
    ],
)
def test_a_chief_sets_a_target_in_the_unit_of_the_figure(chief, slug, typed, text, number):
    response = send(chief, slug, target=typed)

    target = response.context["figure"].target
    assert (target.text, target.number) == (text, number)
    assert (text or "No target") in text_of(response) or not text
    assert figure_of(chief.get("/"), slug).target == target


def test_the_line_the_tile_and_the_report_follow_at_once(chief):
    for weeks in range(4):
        snapshot_metrics(at=make.AT - weeks * 7 * DAY)
    before = figure_of(chief.get("/"), "line-fill")
    assert (before.is_met, before.reading.number is not None) == (False, True)

    send(chief, "line-fill", target="0")

    screen = chief.get("/")
    assert figure_of(screen, "line-fill").is_met
    assert trend_of(screen, "line-fill").target == 0
    send(chief, "expired-value", target="250")
    assert trend_of(chief.get("/"), "expired-value").target == 250
    for week in (Week.of(make.TODAY), Week.of(make.TODAY).back(3)):
        report = week_report(week, at=make.AT)
        assert {one.definition.slug: one.target.text for one in report.figures}["line-fill"] == "0 % or more"


def test_a_kept_division_is_judged_by_the_target_of_now(chief, settings):
    settings.EMS_LIVE_PAR_LEVELS = 0
    assert work_out_division() == {"kept": True}

    send(chief, "line-fill", target="0")

    screen = chief.get("/")
    assert screen.context["is_kept"]
    assert figure_of(screen, "line-fill").is_met
    assert screen.context["now"].spending.week == Week.of(make.TODAY)


@pytest.mark.parametrize(("typed", "said"), [("-1", "greater than"), ("101", "0 to 100 percent"), ("many", "number")])
def test_what_is_no_target_is_refused_with_what_was_typed(chief, typed, said):
    response = send(chief, "line-fill", target=typed)

    assert response.status_code == 422
    assert said in text_of(response)
    assert form_in(response, reverse("set_target", args=["line-fill"]))["target"] == [typed]
    assert not FigureTarget.objects.filter(figure="line-fill").exclude(tenths=980).exists()


def test_what_another_chief_has_set_since_is_not_overwritten(chief):
    action = reverse("set_target", args=["stock-outs"])
    mine = form_in(chief.get(reverse("figure", args=["stock-outs"])), action, target="2")
    send(chief, "stock-outs", target="3")

    refused = chief.post(action, mine)

    assert "set this target since: 3 % or less" in text_of(refused)
    assert FigureTarget.objects.get().tenths == 30
    assert chief.post(action, form_in(refused, action, target="2")).status_code == 302
    assert FigureTarget.objects.get().tenths == 20


def test_twice_sent_it_is_set_and_logged_once():
    chief, request_id = make.chief(), make.rid()
    facts: dict[str, Any] = {
        "figure": "line-fill",
        "tenths": 950,
        "seen": 980,
        "by": chief,
        "at": make.AT,
        "request_id": request_id,
    }

    assert set_target(**facts) == set_target(**facts)

    [event] = Event.objects.all()
    assert (event.verb, event.details["target"]) == ("set", ["98 % or more", "95 % or more"])
    with pytest.raises(DomainError):
        set_target(**facts | {"tenths": 900})


@pytest.mark.parametrize("person", [make.logistics, make.auditor, make.officer])
def test_only_chiefs_set_targets(client, person):
    client.force_login(person())
    action = reverse("set_target", args=["line-fill"])

    assert client.post(action, {"target": "1", "request_id": make.rid()}).status_code == 403
    if person is not make.officer:
        assert not has_form(client.get(reverse("figure", args=["line-fill"])), action)


def test_every_target_is_of_a_figure(chief):
    assert chief.post(reverse("set_target", args=["luck"]), {"target": "1"}).status_code == 404
    assert chief.get(reverse("set_target", args=["line-fill"])).url == reverse("figure", args=["line-fill"])
    assert set(BY_SLUG) == {definition.slug for definition in DEFINITIONS}
