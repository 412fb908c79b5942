"""The planner in a real browser: a stop is dragged with the mouse, moved by keys, and by a finger on a phone."""

from datetime import datetime, time

import pytest
from django.utils import timezone

from orders.models import Stop
from stations.models import Station, Unit
from tests import make, planned_day
from tests.flow import Division
from tests.planned_day import order_of, tomorrow
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
TOUCH = 44


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def two(division):
    """Two vans that work from nine: one has three stops that close at a quarter to ten, the other a stop far away."""
    first, second = planned_day.runs(division, 3, 1, day=tomorrow(), hour=9)
    Unit.objects.filter(pk=division.van.pk).update(is_in_service=False)
    for run, code in [(first, "VAN-1"), (second, "VAN-2")]:
        Unit.objects.filter(pk=run.van.pk).update(code=code, shift_start=time(9), shift_end=time(18))
        run.van.code = code
    Stop.objects.filter(run=first).update(window_end=timezone.make_aware(datetime.combine(tomorrow(), time(9, 45))))
    Station.objects.filter(pk=division.warehouse.pk).update(latitude=47.6, longitude=-122.3)
    Station.objects.filter(pk=order_of(second)[0]).update(name="Far Point", latitude=48.0, longitude=-122.3)
    for number, pk in enumerate(order_of(first), start=1):
        Station.objects.filter(pk=pk).update(name=f"Near {number}", latitude=47.6 + number / 1000, longitude=-122.3)
    return first, second


@pytest.fixture
def open_planner(new_page, division, two):
    def opened(**size):
        address = f"/planner/?day={tomorrow()}&depot={division.warehouse.code}"
        return sign_in(new_page(**size), division.logistics, at=address)

    return opened


def card(page, name):
    return page.locator(".stop-card", has_text=name)


def figure(page, name):
    """The number of the day, and what is said beside it."""
    return page.locator(".planner-figures > div", has_text=name).inner_text()


def grip(page, name):
    """Where the handle of a card is taken hold of."""
    box = card(page, name).locator(".stop-grip").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def just_before(page, name):
    box = card(page, name).bounding_box()
    return box["x"] + 4, box["y"] + 6


def test_a_stop_is_dragged_to_another_van_and_cost_and_lateness_are_seen_before_it_is_kept(open_planner, two):
    page, (first, second) = open_planner(height=1000), two
    far, near = order_of(second), order_of(first)
    assert "0 min" in figure(page, "Late")
    cost = figure(page, "Cost")

    page.mouse.move(*grip(page, "Far Point"))
    page.mouse.down()
    page.mouse.move(*just_before(page, "Near 1"), steps=12)
    page.locator("[data-panel=preview]", has_text="stop 1 of 4").wait_for()
    assert "min late" in page.locator(".planner-panel").inner_text()
    assert order_of(second) == far
    page.mouse.up()

    page.get_by_text("This is what the day would be").wait_for()
    assert "was $" in figure(page, "Cost")
    assert "was 0 min" in figure(page, "Late")
    assert "A1" in card(page, "Far Point").inner_text()
    assert "late" in card(page, "Near 1").inner_text()
    assert order_of(second) == far, "nothing is written before it is kept"

    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert order_of(first) == [*far, *near]
    assert "was 0 min" in figure(page, "Late")
    assert page.locator("#planner-sentence").inner_text().count("late") == 1

    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Far Point is on the run of VAN-2 now").wait_for()
    assert order_of(first) == near
    assert figure(page, "Cost").split()[1] == cost.split()[1]


def test_a_drag_that_is_let_go_of_put_back_or_refused_changes_nothing(open_planner, two):
    page, (first, second) = open_planner(height=1000), two
    before = order_of(first), order_of(second)

    page.mouse.move(*grip(page, "Near 2"))
    page.mouse.down()
    page.mouse.move(*just_before(page, "Far Point"), steps=8)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert page.locator(".drag-ghost").count() == 0

    page.mouse.move(*grip(page, "Near 2"))
    page.mouse.down()
    page.mouse.move(*just_before(page, "Far Point"), steps=8)
    page.mouse.up()
    page.get_by_role("link", name="Put it back").click()
    page.locator("#planner:not(.is-preview)").wait_for()
    assert "0 min" in figure(page, "Late")

    page.get_by_role("button", name="Lock the run of VAN-1").click()
    page.get_by_role("button", name="Unlock the run of VAN-1").wait_for()
    page.mouse.move(*grip(page, "Far Point"))
    page.mouse.down()
    page.mouse.move(*just_before(page, "Near 1"), steps=8)
    page.mouse.up()
    page.get_by_text("The run of VAN-1 is locked").wait_for()
    assert (order_of(first), order_of(second)) == before


def test_keys_do_all_that_the_mouse_does(open_planner, two):
    page, (first, second) = open_planner(), two
    near, far = order_of(first), order_of(second)
    card(page, "Near 2").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("stop 3 of 3").wait_for()
    page.keyboard.press("ArrowDown")
    page.get_by_role("heading", name=f"Near 2: stop 2 of 2 on {second.van}").wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("heading", name=f"Near 2: stop 1 of 2 on {second.van}").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Undo").wait_for()
    assert (order_of(first), order_of(second)) == ([near[0], near[2]], [near[1], *far])
    assert "Near 2" in page.evaluate("document.activeElement.innerText")

    page.keyboard.press("ArrowUp")
    page.get_by_text("This is what the day would be").wait_for()
    page.keyboard.press("Escape")
    page.locator("#planner:not(.is-preview)").wait_for()
    assert order_of(second) == [near[1], *far]

    card(page, "Near 2").press("Enter")
    page.get_by_label("Move Near 2 to").select_option("waiting")
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("Near 2 waits for a run again").wait_for()
    assert order_of(second) == far


def test_a_finger_drags_a_stop_on_a_phone(open_planner, two):
    page, (first, second) = open_planner(width=360, height=740), two
    near, far = order_of(first), order_of(second)
    for one in page.locator("main button:visible, a.stop-card, .stop-grip, .lane h2 a, .bottom-bar > a").all():
        assert one.bounding_box()["height"] >= TOUCH - 0.5, one.inner_text()
    finger = page.context.new_cdp_session(page)

    def touch(kind, x=None, y=None):
        points = [] if x is None else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    page.evaluate("document.querySelector('.lane').scrollIntoView({behavior: 'instant'})")
    start, goal = grip(page, "Near 3"), just_before(page, "Near 1")
    touch("touchStart", *start)
    for step in range(1, 11):
        touch("touchMove", *(a + (b - a) * step / 10 for a, b in zip(start, goal, strict=True)))
    touch("touchEnd")

    page.get_by_text("stop 1 of 3").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="Keep it").tap()
    page.get_by_role("button", name="Undo").wait_for()
    assert (order_of(first), order_of(second)) == ([near[2], near[0], near[1]], far)


def test_who_only_looks_finds_a_stop_on_the_map_and_in_its_lane_by_keys(new_page, division, two):
    address = f"/planner/?day={tomorrow()}&depot={division.warehouse.code}"
    page = sign_in(new_page(dark=True), make.chief(), at=address)
    pin = page.get_by_role("link", name="B1 Far Point")
    pin.focus()
    assert page.locator(".lane.is-lit", has_text="Far Point").count() == 1
    assert page.locator("[data-move], .stop-grip").count() == 0
