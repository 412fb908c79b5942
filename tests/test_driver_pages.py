"""The driver's day on a phone: the next stop, one step at a time, and the proof of delivery."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.actions import runs as actions
from orders.actions.schedule import plan_run
from orders.models import DeliveryRun, Shipment, Stop
from tests import make
from tests.flow import Division
from tests.pages import form_in, has_form, lengthen, questions, text_of

pytestmark = pytest.mark.django_db
MINE = "driver_run"


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def driver(client, division):
    client.force_login(division.driver)
    return client


def plan(division, stations=2, **fields):
    item = make.item(name="Gloves", issue_pack=10)
    make.stock(division.warehouse, item, on_hand=1000)
    divisions = [division, *(Division(warehouse=division.warehouse, at=division.at) for _ in range(stations - 1))]
    for one in divisions:
        one.packed({item.pk: 10})
    return plan_run(
        depot=division.warehouse,
        van=division.van,
        leaves_at=division.at + timedelta(hours=1),
        stations=[one.station for one in divisions],
        **fields,
        **division.by(division.logistics),
    )


@pytest.fixture
def run(division):
    """A run on the road, with two stops."""
    made = plan(division, driver=division.driver)
    return actions.dispatch_run(run=made, version=made.version, **division.by(division.logistics))


def url(verb, stop):
    return reverse(verb, args=[stop.pk])


def press(client, verb, stop, **typed):
    page = client.get(reverse(MINE))
    return client.post(url(verb, stop), form_in(page, url(verb, stop), **typed), follow=True)


def test_without_a_run_the_page_says_who_gives_one(driver, division):
    open_run = plan(division, 1)

    page = driver.get(reverse(MINE))

    assert "No run for you yet" in text_of(page)
    assert reverse("run", args=[open_run.pk]) in page.content.decode()


def test_before_it_leaves_the_driver_loads(driver, division):
    run = plan(division, driver=division.driver)
    address = reverse("load_run", args=[run.pk])

    page = driver.post(address, form_in(driver.get(reverse(MINE)), address), follow=True)

    assert DeliveryRun.objects.get().state == DeliveryRun.State.LOADING
    assert "Logistics sends the van" in text_of(page)


def test_the_next_stop_is_large_with_its_way_and_what_to_hand_over(driver, run):
    stop = run.stops.first()

    response = driver.get(reverse(MINE))

    page = text_of(response)
    assert page.index(stop.station.name) < page.index(run.stops.last().station.name)
    assert f"geo:{stop.station.latitude:.6f},{stop.station.longitude:.6f}" in response.text
    assert "1 tote" in page
    assert "1 box · 10" in page
    assert has_form(response, url("arrive_at_stop", stop))
    assert not has_form(response, url("deliver_stop", stop))


def test_the_whole_run_step_by_step(driver, division, run):
    first, second = run.stops.all()

    press(driver, "arrive_at_stop", first)
    page = press(driver, "deliver_stop", first, handed_to="Lt. Park")
    assert f"Delivered to {first.station}: Lt. Park took it." in text_of(page)
    press(driver, "miss_stop", second, reason="Crew out on a call")
    address = reverse("complete_run", args=[run.pk])
    driver.post(address, form_in(driver.get(reverse(MINE)), address))

    first.refresh_from_db()
    second.refresh_from_db()
    run.refresh_from_db()
    assert (first.state, first.handed_to) == (Stop.State.DELIVERED, "Lt. Park")
    assert (second.state, second.missed_reason) == (Stop.State.MISSED, "Crew out on a call")
    assert run.state == DeliveryRun.State.COMPLETED
    assert Shipment.objects.get(destination=first.station).state == "delivered"
    assert Shipment.objects.get(destination=second.station).state == "packed"


@pytest.mark.parametrize(("verb", "field"), [("deliver_stop", "handed_to"), ("miss_stop", "reason")])
@pytest.mark.parametrize("typed", ["", "   ", "x" * 300])
def test_a_delivery_has_a_proof_and_a_miss_a_reason(driver, run, verb, field, typed):
    stop = run.stops.first()
    press(driver, "arrive_at_stop", stop)

    response = press(driver, verb, stop, **{field: typed})

    assert response.status_code == 422
    stop.refresh_from_db()
    assert stop.state == Stop.State.ARRIVED


def test_handing_over_twice_is_done_once(driver, run):
    stop = run.stops.first()
    press(driver, "arrive_at_stop", stop)
    form = form_in(driver.get(reverse(MINE)), url("deliver_stop", stop), handed_to="Lee")

    for _ in range(2):
        assert driver.post(url("deliver_stop", stop), form).status_code == 302


def test_a_stop_that_was_done_meanwhile_is_refused_with_what_was_typed(driver, division, run):
    stop = run.stops.first()
    press(driver, "arrive_at_stop", stop)
    form = form_in(driver.get(reverse(MINE)), url("deliver_stop", stop), handed_to="Lee")
    actions.miss_stop(stop=stop, reason="Nobody there", **division.by(division.logistics))

    response = driver.post(url("deliver_stop", stop), form)

    assert response.status_code == 422
    assert "nothing is left to hand over" in text_of(response)


def test_the_proof_is_on_the_stops_page(driver, division, run):
    stop = run.stops.first()
    actions.deliver_stop(stop=stop, handed_to="Lt. Park", **division.by(division.driver))

    assert "Lt. Park" in text_of(driver.get(url("stop", stop)))


def test_a_late_stop_is_marked(driver, run):
    run.stops.update(window_end=run.leaves_at - timedelta(hours=3))

    assert "Late" in text_of(driver.get(reverse(MINE)))


def test_another_drivers_run_is_hidden(client, division, run):
    client.force_login(make.driver())
    stop = run.stops.first()

    assert str(run) not in text_of(client.get(reverse(MINE)))
    assert client.get(reverse("run", args=[run.pk])).status_code == 404
    assert client.get(url("stop", stop)).status_code == 404
    for verb in ("arrive_at_stop", "deliver_stop", "miss_stop"):
        assert client.post(url(verb, stop), {"request_id": make.rid()}).status_code == 404
    assert client.post(reverse("complete_run", args=[run.pk]), {"request_id": make.rid()}).status_code == 404


def test_a_run_without_a_driver_can_be_seen_and_not_touched(client, division):
    run = plan(division, 1)
    client.force_login(make.driver())

    assert client.get(reverse("run", args=[run.pk])).status_code == 200
    data = {"request_id": make.rid(), "version": run.version}
    assert client.post(reverse("load_run", args=[run.pk]), data).status_code == 403


@pytest.mark.parametrize("role", ["officer", "chief", "auditor"])
def test_others_do_not_drive(client, run, role):
    client.force_login(make.person(role))

    assert client.get(reverse(MINE)).status_code == 403
    for verb in ("arrive_at_stop", "deliver_stop", "miss_stop"):
        assert client.post(url(verb, run.stops.first()), {"request_id": make.rid()}).status_code == 403


def test_the_drivers_page_asks_the_same_number_of_questions_however_long_the_run_is(driver, run):
    lengthen(run, 1)
    few = questions(driver, reverse(MINE)), questions(driver, url("stop", run.stops.first()))
    lengthen(run, 27)

    assert (questions(driver, reverse(MINE)), questions(driver, url("stop", run.stops.first()))) == few
