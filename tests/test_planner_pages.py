"""The planner's page: what it says, who may do what, what a move would change, and that looking writes nothing."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

from orders import tasks
from orders.models import DeliveryRun, Stop
from orders.views.planner_page import WAITING_SHOWN
from stations.models import Command, Station
from tests import make, planned_day
from tests.flow import Division
from tests.pages import form_in, forms_in, has_form, questions, text_of
from tests.planned_day import order_of, tomorrow

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


@pytest.fixture
def two(division):
    return planned_day.runs(division, 3, 1, day=tomorrow())


def address(division, **more):
    query = {"depot": division.warehouse.code, "day": tomorrow().isoformat(), **more}
    return f"{reverse('planner')}?{urlencode(query)}"


def keeps(division):
    return f"{reverse('move_delivery')}?{address(division).partition('?')[2]}"


def preview(division, client, station, source, to, **more):
    source = source.pk if source else 0
    return client.get(address(division, move=f"{station}-{source}", to=to, **more))


def keep(division, client, *asked):
    shown = preview(division, client, *asked)
    return client.post(keeps(division), form_in(shown, keeps(division)), headers=HTMX)


# --- What it says -----------------------------------------------------------------------------------------------------


def test_it_says_how_the_day_stands(logistics, division, two):
    planned_day.waiting(division, 2)

    page = text_of(logistics.get(address(division)))

    assert "2 runs, 4 stops, none late, 2 deliveries wait" in page
    for run in two:
        assert run.van.code in page
        for stop in run.stops.all():
            assert stop.station.name in page
    assert "Came in since the last planning." in page


def test_it_opens_on_the_next_day_with_a_run(logistics, division, two):
    page = logistics.get(reverse("planner"))
    assert page.context["day"] == tomorrow()
    assert page.context["depot"] == division.warehouse


def test_other_days_and_depots_are_a_tap_away(logistics, division, two):
    other = Division()
    page = logistics.get(address(division)).content.decode()
    assert f"depot={other.warehouse.code}&amp;day={tomorrow()}" in page
    assert f"day={tomorrow() + timedelta(days=1)}" in page
    assert logistics.get(address(other)).context["plan"].runs == ()


@pytest.mark.parametrize("query", ["day=soon", "day=2026-02-31", "depot=nowhere", "move=x", "move=1-1&to=there&seen=1"])
def test_an_address_that_makes_no_sense_is_a_page_all_the_same(logistics, division, two, query):
    assert logistics.get(f"{reverse('planner')}?{query}").status_code in (200, 422)


def test_without_a_van_it_says_so(logistics, division):
    division.van.__class__.objects.update(is_in_service=False)
    assert "No depot has a van" in text_of(logistics.get(reverse("planner")))


# --- A move -----------------------------------------------------------------------------------------------------------


def test_a_move_is_shown_with_what_it_changes_and_nothing_is_written(logistics, division, two):
    first, second = two
    station = order_of(first)[0]
    stops = list(Stop.objects.values())

    response = preview(division, logistics, station, first, f"run-{second.pk}@1")

    page = text_of(response)
    assert "This is what the day would be. Nothing is kept yet." in page
    assert f"stop 1 of 2 on {second.van}" in page
    for word in ("Cost", "Way", "Late", "Load"):
        assert word in page
    assert "→" in page
    assert list(Stop.objects.values()) == stops


def test_a_kept_move_is_written_once_and_can_be_undone(logistics, division, two):
    first, second = two
    before = order_of(first), order_of(second)

    response = keep(division, logistics, before[0][1], first, f"run-{second.pk}@1")

    assert order_of(second) == [before[0][1], *before[1]]
    page = text_of(response)
    assert f"is on the run of {second.van} now" in page
    assert "before the last change" in page
    commands = Command.objects.filter(verb="move_stop").count()

    undo = forms_in(response, keeps(division))[-1]
    for _ in range(2):
        again = logistics.post(keeps(division), undo, headers=HTMX)
        assert again.status_code == 200
    assert (order_of(first), order_of(second)) == before
    assert Command.objects.filter(verb="move_stop").count() == commands + 1


@pytest.mark.parametrize("last", [True, False], ids=["a run's last stop", "to what waits"])
def test_what_empties_a_run_or_leaves_it_can_be_undone_too(logistics, division, two, last):
    first, second = two
    station = order_of(second)[0]
    response = keep(division, logistics, station, second, f"run-{first.pk}" if last else "waiting")
    assert DeliveryRun.objects.get(pk=second.pk).state == DeliveryRun.State.CANCELLED

    logistics.post(keeps(division), forms_in(response, keeps(division))[-1], headers=HTMX)

    run = DeliveryRun.objects.exclude(pk=first.pk).get(state=DeliveryRun.State.PLANNED)
    assert (run.van, order_of(run)) == (second.van, [station])


def test_a_plan_changed_meanwhile_is_said_and_shown_as_it_is_now(logistics, division, two):
    first, second = two
    a, b, _ = order_of(first)
    form = form_in(preview(division, logistics, a, first, f"run-{second.pk}@1"), keeps(division))
    keep(division, logistics, b, first, f"run-{second.pk}@1")

    response = logistics.post(keeps(division), form, headers=HTMX)

    assert response.status_code == 422
    page = text_of(response)
    assert "changed while you had it open" in page
    assert f"{division.logistics}: moved a stop" in page
    assert order_of(second)[0] == b
    assert a in order_of(first)


def test_a_drag_on_a_page_that_is_old_is_told_before_anything_is_kept(logistics, division, two):
    first, second = two
    response = preview(
        division, logistics, order_of(first)[0], first, f"run-{second.pk}@1", seen=f"{first.pk}.{first.version - 1}"
    )
    assert response.status_code == 422
    assert "changed while you had it open" in text_of(response)
    assert not has_form(response, keeps(division))


def test_a_refusal_says_why_and_offers_nothing_to_keep(logistics, division, two):
    first, second = two
    planned = reverse("lock_run", args=[second.pk])
    logistics.post(planned, form_in(logistics.get(address(division)), planned))

    response = preview(division, logistics, order_of(first)[0], first, f"run-{second.pk}@1")

    assert response.status_code == 422
    assert f"The run of {second.van} is locked: its stops stay as they are. Unlock it first." in text_of(response)
    assert not has_form(response, keeps(division))


def test_every_place_can_be_chosen_from_a_list_without_a_mouse_or_script(logistics, division, two):
    first, second = two
    station = order_of(first)[0]
    choose = logistics.get(address(division, move=f"{station}-{first.pk}"))
    assert form_in(choose, reverse("planner"))["move"] == [f"{station}-{first.pk}"]
    assert f'value="run-{second.pk}@2"' in choose.content.decode()

    shown = preview(division, logistics, station, first, f"run-{second.pk}@2")
    response = logistics.post(keeps(division), form_in(shown, keeps(division)))

    assert response.url == address(division)
    assert order_of(second)[1] == station


def test_a_broken_form_changes_nothing(logistics, division, two):
    response = logistics.post(keeps(division), {"move": "1-1", "to": "nowhere"}, headers=HTMX)
    assert response.status_code == 422
    assert "incomplete" in text_of(response)


def test_a_run_is_locked_and_unlocked_where_it_stands(logistics, division, two):
    for verb, locked in [("lock_run", True), ("unlock_run", False)]:
        url = reverse(verb, args=[two[0].pk])
        response = logistics.post(url, form_in(logistics.get(address(division)), url), headers=HTMX)
        assert ("Unlock" in text_of(response)) == locked
        assert DeliveryRun.objects.get(pk=two[0].pk).is_locked == locked


def replans(division):
    return f"{reverse('replan_day')}?{address(division).partition('?')[2]}"


def done_at_once(monkeypatch):
    """The worker has done it by the time the page asks."""

    def work(*, task_id, kwargs):
        found = json.dumps(tasks.replan_day(**kwargs))
        TaskResult.objects.create(task_id=task_id, task_name=tasks.replan_day.name, status="SUCCESS", result=found)

    monkeypatch.setattr(tasks.replan_day, "apply_async", work)


def test_the_day_is_planned_again_in_the_background_and_what_moved_is_said(logistics, division, two, monkeypatch):
    done_at_once(monkeypatch)
    form = form_in(logistics.get(address(division)), replans(division))

    started = logistics.post(replans(division), form, headers=HTMX)
    assert "Looking for better runs" in text_of(started)
    asks = address(division, planning=form["request_id"][0])
    assert f"{asks}&part=panel".replace("&", "&amp;") in started.content.decode()
    polled = logistics.get(f"{asks}&part=panel", headers=HTMX).content.decode()
    assert 'hx-trigger="load" hx-target="#planner"' in polled, "it has ended: the page brings itself up to date"

    page = text_of(logistics.get(asks))
    assert "Planned again:" in page
    assert "Compared with before the last change: planned again" in page
    assert DeliveryRun.objects.exclude(state=DeliveryRun.State.CANCELLED).count() == 1, "one van is enough for four"
    assert logistics.post(replans(division), form).url == asks, "pressed twice, or without script"
    assert Command.objects.filter(verb="replan_day").count() == 1


def test_a_planning_that_failed_or_could_not_start_is_told(logistics, division, two, monkeypatch):
    task_id = make.rid()
    TaskResult.objects.create(task_id=str(task_id), task_name=tasks.replan_day.name, status="FAILURE")
    assert "Planning ended with an error" in text_of(logistics.get(address(division, planning=task_id)))

    def unreachable(**given):
        raise OperationalError

    monkeypatch.setattr(tasks.replan_day, "apply_async", unreachable)
    form = form_in(logistics.get(address(division)), replans(division))
    response = logistics.post(replans(division), form, headers=HTMX)
    assert response.status_code == 422
    assert "worker cannot be reached" in text_of(response)


# --- Who and how much -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "status"), [("chief", 200), ("auditor", 200), ("officer", 403), ("driver", 403)])
def test_who_may_look_and_that_only_logistics_may_move(client, division, two, role, status):
    client.force_login(make.person(role))
    first, second = two
    response = client.get(address(division))
    assert response.status_code == status
    assert "data-move" not in response.content.decode()
    assert not has_form(response, reverse("lock_run", args=[first.pk]))
    asked = preview(division, client, order_of(first)[0], first, f"run-{second.pk}@1")
    assert not has_form(asked, keeps(division))
    form = {"request_id": make.rid(), "move": f"{order_of(first)[0]}-{first.pk}", "to": f"run-{second.pk}@1"}
    assert client.post(keeps(division), form).status_code == 403
    for url in (reverse("lock_run", args=[first.pk]), reverse("unlock_run", args=[first.pk]), reverse("replan_day")):
        assert client.post(url, {"request_id": make.rid()}).status_code == 403


def test_the_page_and_the_preview_ask_the_same_number_of_questions_however_much_is_planned(logistics, division, two):
    first, second = two
    planned_day.waiting(division)
    move = {"move": f"{order_of(first)[0]}-{first.pk}", "to": f"run-{second.pk}@1"}
    few = questions(logistics, address(division)), questions(logistics, address(division, **move))
    planned_day.runs(division, 4, 5, 6, day=tomorrow())
    planned_day.waiting(division, 7)
    assert (questions(logistics, address(division)), questions(logistics, address(division, **move))) == few


# --- Many that wait ---------------------------------------------------------------------------------------------------


def test_of_many_that_wait_the_most_urgent_are_listed_and_the_rest_is_a_tap_away(logistics, division, two):
    stations = planned_day.waiting(division, WAITING_SHOWN + 2)
    last = max(stations, key=lambda one: one.name)
    last.shipments_in.update(priority=2)

    page = logistics.get(address(division))

    assert f"{WAITING_SHOWN + 2} deliveries wait" in text_of(page)
    listed = [one.delivery.station_id for one in page.context["board"].waiting]
    assert (len(listed), listed[0]) == (WAITING_SHOWN, last.pk)
    assert f"Show all {WAITING_SHOWN + 2}" in text_of(page)
    whole = logistics.get(address(division, waiting="all"))
    assert len(whole.context["board"].waiting) == WAITING_SHOWN + 2
    assert "Show all" not in text_of(whole)


def test_what_a_move_takes_off_is_shown_among_many_that_wait(logistics, division, two):
    planned_day.waiting(division, WAITING_SHOWN + 2)
    station = order_of(two[0])[0]
    page = preview(division, logistics, station, two[0], "waiting")
    assert station in [one.delivery.station_id for one in page.context["board"].waiting]
    assert f"{WAITING_SHOWN + 3} deliveries wait" in text_of(page)


def test_what_waits_unlisted_can_still_be_moved(logistics, division, two):
    stations = planned_day.waiting(division, WAITING_SHOWN + 2)
    last = max(stations, key=lambda one: one.name)
    run = two[0]
    assert last.pk not in [one.delivery.station_id for one in logistics.get(address(division)).context["board"].waiting]

    page = preview(division, logistics, last.pk, None, f"run-{run.pk}@1")

    assert page.status_code == 200
    assert last.pk in next(one for one in page.context["plan"].runs if one.pk == run.pk).stations
    assert f"{WAITING_SHOWN + 1} deliveries wait" in text_of(page)


def test_a_delivery_that_is_on_the_map_alone_is_told_from_a_station_that_gets_nothing(logistics, division, two):
    planned_day.waiting(division, WAITING_SHOWN + 2)
    page = logistics.get(address(division))
    unread = {place.station_id for place in page.context["plan"].unread}
    codes = set(Station.objects.filter(pk__in=unread).values_list("code", flat=True))
    assert len(codes) == 2
    assert not codes & {code for _, code in page.context["board"].others}
