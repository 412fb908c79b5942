"""Runs at the desk: planned, ordered, given to a driver, loaded, sent, completed, called off."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.actions import runs as actions
from orders.actions.schedule import plan_run
from orders.models import DeliveryRun, Shipment
from tests import make
from tests.flow import Division
from tests.pages import form_in, has_form, lengthen, questions, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


def packed(division, stations):
    """A packed shipment for each of so many new stations of one warehouse."""
    item = make.item()
    make.stock(division.warehouse, item, on_hand=100)
    divisions = [division, *(Division(warehouse=division.warehouse, at=division.at) for _ in range(stations - 1))]
    for one in divisions:
        one.packed({item.pk: 1})
    return [one.station for one in divisions]


def planned(division, stations=2, **fields):
    return plan_run(
        depot=division.warehouse,
        van=division.van,
        leaves_at=division.at + timedelta(hours=1),
        stations=packed(division, stations),
        **fields,
        **division.by(division.logistics),
    )


def url(verb, run):
    return reverse(verb, args=[run.pk])


def press(client, run, verb, **typed):
    form = form_in(client.get(url("run", run)), url(verb, run), **typed)
    return client.post(url(verb, run), form, follow=True)


# --- Planning ---------------------------------------------------------------------------------------------------------


def plan_address(division):
    return f"{reverse('plan_run')}?depot={division.warehouse.code}"


def plan(client, division, **typed):
    address = plan_address(division)
    leaves = timezone.localtime() + timedelta(days=1)
    when = {"run_on": leaves.date().isoformat(), "leaves": "09:30"}
    return client.post(address, form_in(client.get(address), address, **when, **typed))


def test_a_run_is_planned_to_the_stations_where_something_waits(logistics, division):
    stations = packed(division, 2)

    response = plan(logistics, division, driver=division.driver.pk)

    run = DeliveryRun.objects.get()
    assert response.url == run.get_absolute_url()
    assert (run.van, run.driver) == (division.van, division.driver)
    assert {stop.station for stop in run.stops.all()} == set(stations)
    assert timezone.localtime(run.leaves_at).strftime("%H:%M") == "09:30"


def test_only_the_chosen_stations_are_driven_to(logistics, division):
    stations = packed(division, 2)

    plan(logistics, division, stations=[stations[1].pk])

    assert [stop.station for stop in DeliveryRun.objects.get().stops.all()] == [stations[1]]


def test_a_refused_plan_keeps_what_was_typed(logistics, division):
    stations = packed(division, 2)
    run = plan_run(
        depot=division.warehouse,
        van=division.van,
        leaves_at=timezone.now() + timedelta(days=1),
        stations=stations[:1],
        **division.by(division.logistics),
    )

    response = plan(logistics, division, stations=[stations[1].pk])

    assert response.status_code == 422
    assert f"{division.van} already has a run that day" in text_of(response)
    again = form_in(response, plan_address(division))
    assert again["leaves"] == ["09:30"]
    assert again["stations"] == [str(stations[1].pk)]
    assert DeliveryRun.objects.get() == run


@pytest.mark.parametrize(
    "typed", [{"stations": []}, {"run_on": "soon"}, {"leaves": "25:00"}, {"van": "0"}, {"stations": ["x"]}]
)
def test_a_bad_plan_is_refused_on_the_page(logistics, division, typed):
    packed(division, 1)
    address = plan_address(division)

    response = logistics.post(address, form_in(logistics.get(address), address) | typed)

    assert response.status_code == 422
    assert not DeliveryRun.objects.exists()


def test_without_a_van_or_without_anything_waiting_the_page_says_why(logistics, division):
    assert "Nothing waits for a run" in text_of(logistics.get(plan_address(division)))
    division.van.__class__.objects.update(is_in_service=False)
    assert "No depot has a van" in text_of(logistics.get(reverse("plan_run")))


# --- The page of a run ------------------------------------------------------------------------------------------------


def test_stops_are_shown_in_order_with_times_and_windows(logistics, division):
    run = planned(division)

    page = text_of(logistics.get(url("run", run)))

    names = [stop.station.name for stop in run.stops.all()]
    assert page.index(names[0]) < page.index(names[1])
    assert "window 08:00 – 18:00" in page.replace("–", " – ").replace("  ", " ")


def test_a_stop_that_comes_after_its_window_is_marked_late(logistics, division):
    run = planned(division)
    run.stops.update(window_end=run.leaves_at - timedelta(hours=1))

    assert text_of(logistics.get(url("run", run))).count("Late") == 2
    assert "2 late" in text_of(logistics.get(reverse("runs")))


def test_a_stop_is_moved_and_a_second_tap_moves_it_no_further(logistics, division):
    run = planned(division, 3)
    before = list(run.stops.values_list("station_id", flat=True))
    order = ",".join(map(str, [before[1], before[0], before[2]]))
    form = form_in(logistics.get(url("run", run)), url("move_stop", run), stops=order)

    for _ in range(2):
        logistics.post(url("move_stop", run), form)

    assert list(run.stops.order_by("position").values_list("station_id", flat=True)) == [
        before[1],
        before[0],
        before[2],
    ]


def test_moving_stops_that_another_person_moved_is_refused(logistics, division):
    run = planned(division)
    form = form_in(logistics.get(url("run", run)), url("move_stop", run))
    ids = list(run.stops.values_list("station_id", flat=True))
    actions.reorder_stops(run=run, version=run.version, station_ids=ids[::-1], **division.by(make.logistics()))

    response = logistics.post(url("move_stop", run), form | {"stops": ",".join(map(str, ids))}, follow=True)

    page = text_of(response)
    assert "changed while you had it open" in page
    assert "reordered" in page


@pytest.mark.parametrize("stops", ["", "1", "a,b", "1,,2"])
def test_a_garbled_order_of_stops_changes_nothing(logistics, division, stops):
    run = planned(division)
    before = list(run.stops.values_list("station_id", flat=True))

    press(logistics, run, "move_stop", stops=stops)

    assert list(run.stops.values_list("station_id", flat=True)) == before


def test_a_driver_is_chosen_among_drivers(logistics, division):
    run = planned(division)

    press(logistics, run, "assign_driver", driver=division.driver.pk)
    press(logistics, run, "assign_driver", driver=division.officer.pk)

    run.refresh_from_db()
    assert run.driver == division.driver


def test_the_van_is_loaded_and_sent_and_what_is_not_packed_stays_and_is_named(logistics, division):
    run = planned(division, driver=division.driver)
    behind = Shipment.objects.filter(stop__run=run)[0]
    Shipment.objects.filter(pk=behind.pk).update(state="picking", packed_at=None)
    assert "would stay behind" in text_of(logistics.get(url("run", run)))

    press(logistics, run, "load_run")
    page = text_of(press(logistics, run, "dispatch_run"))

    run.refresh_from_db()
    behind.refresh_from_db()
    assert run.state == DeliveryRun.State.OUT
    assert (behind.stop, behind.state) == (None, "picking")
    assert f"left behind: {behind} for {behind.destination}" in page


def test_a_van_without_a_driver_is_not_sent(logistics, division):
    run = planned(division)
    press(logistics, run, "load_run")

    page = text_of(press(logistics, run, "dispatch_run"))

    assert "Say who drives." in page
    run.refresh_from_db()
    assert run.state == DeliveryRun.State.LOADING


def test_sending_twice_sends_once(logistics, division):
    run = planned(division, driver=division.driver)
    press(logistics, run, "load_run")
    form = form_in(logistics.get(url("run", run)), url("dispatch_run", run))

    for _ in range(2):
        page = logistics.post(url("dispatch_run", run), form, follow=True)
        assert "is on the road" in text_of(page)


def test_a_run_is_completed_when_its_stops_are_done(logistics, division):
    run = planned(division, driver=division.driver)
    actions.dispatch_run(run=run, version=run.version, **division.by(division.logistics))
    assert not has_form(logistics.get(url("run", run)), url("complete_run", run))
    for stop in run.stops.all():
        actions.deliver_stop(stop=stop, handed_to="Lee", **division.by(division.driver))

    press(logistics, run, "complete_run")

    run.refresh_from_db()
    assert run.state == DeliveryRun.State.COMPLETED


def test_a_run_is_called_off_with_a_reason(logistics, division):
    run = planned(division)

    refused = logistics.post(url("cancel_run", run), form_in(logistics.get(url("run", run)), url("cancel_run", run)))
    assert refused.status_code == 422
    press(logistics, run, "cancel_run", reason="The van broke down")

    run.refresh_from_db()
    assert run.state == DeliveryRun.State.CANCELLED
    assert Shipment.objects.filter(stop=None).count() == 2


# --- Who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["move_stop", "assign_driver", "dispatch_run", "cancel_run"])
@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
def test_only_logistics_plans_and_sends(client, division, verb, role):
    run = planned(division, 1)
    client.force_login(make.person(role))

    assert client.post(url(verb, run), {"request_id": make.rid()}).status_code == 403
    assert client.get(reverse("plan_run")).status_code == 403


@pytest.mark.parametrize(("role", "status"), [("chief", 200), ("auditor", 200), ("officer", 403)])
def test_who_may_read_runs(client, division, role, status):
    run = planned(division, 1)
    client.force_login(make.person(role))

    assert client.get(reverse("runs")).status_code == status
    response = client.get(url("run", run))
    assert response.status_code == status
    assert not any(has_form(response, url(verb, run)) for verb in ("load_run", "dispatch_run", "move_stop"))


def test_runs_are_filtered_by_state(logistics, division):
    run = planned(division, 1)

    assert list(logistics.get(reverse("runs"), {"state": "planned"}).context["page"].rows) == [run]
    assert not logistics.get(reverse("runs"), {"state": "out"}).context["page"].rows


def test_the_pages_of_runs_ask_the_same_number_of_questions_however_long_they_are(logistics, division):
    run = planned(division, 1)
    lengthen(run, 2)
    few = questions(logistics, reverse("runs")), questions(logistics, url("run", run))
    lengthen(run, 27)
    DeliveryRun.objects.bulk_create(
        DeliveryRun(depot=run.depot, van=run.van, driver=division.driver, run_on=run.run_on, leaves_at=run.leaves_at)
        for _ in range(27)
    )

    assert (questions(logistics, reverse("runs")), questions(logistics, url("run", run))) == few
