"""What the planner does, other systems do: lock a run, move a delivery and take it back, plan a day again."""

import json

import pytest
from django.utils import timezone
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

from orders import tasks
from orders.models import DeliveryRun
from stations.models import Command, Station
from tests import make, planned_day
from tests.api import Api, problem
from tests.flow import Division
from tests.planned_day import order_of, tomorrow
from tests.shell import Shell

pytestmark = pytest.mark.django_db
State = DeliveryRun.State
MOVE, PLANNINGS = "/planner/move/", "/planner/plannings/"


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def logistics(division):
    return Api(division.logistics, "runs:write")


@pytest.fixture
def two(division):
    """Runs of three stops and of one, tomorrow."""
    return planned_day.runs(division, 3, 1, day=tomorrow())


def done(response, status=200):
    assert response.status_code == status, response.json()
    return response.json()


def day(division):
    return {"depot": division.warehouse.code, "day": tomorrow().isoformat()}


def code(pk):
    return Station.objects.get(pk=pk).code


def field_of(response):
    return [error["field"] for error in problem(response, 422, "invalid")["errors"]]


# --- Locks ------------------------------------------------------------------------------------------------------------


def test_a_locked_run_stays_as_it_is_until_it_is_unlocked(division, logistics, two):
    first, second = two
    locked = done(logistics.post(f"/runs/{first.pk}/lock/", if_match=first.version))
    assert (locked["is_locked"], locked["version"]) == (True, first.version + 1)
    moved = day(division) | {"station": code(order_of(first)[0]), "from_run": first.pk, "run": second.pk}
    assert "locked" in problem(logistics.post(MOVE, moved), 422, "refused")["detail"]
    problem(logistics.post(f"/runs/{first.pk}/lock/"), 422, "refused")
    problem(logistics.post(f"/runs/{first.pk}/unlock/", if_match=first.version), 412, "stale_edit")
    assert not done(logistics.post(f"/runs/{first.pk}/unlock/", if_match=locked["version"]))["is_locked"]
    done(logistics.post(MOVE, moved))


def test_only_logistics_plans(division, two):
    first, second = two
    moved = day(division) | {"station": code(order_of(first)[0]), "from_run": first.pk, "run": second.pk}
    for person in (division.officer, division.driver, division.chief, division.auditor):
        api = Api(person)
        problem(api.post(MOVE, moved), 403, "permission_denied")
        problem(api.post(PLANNINGS, day(division)), 403, "permission_denied")
        problem(api.get(f"{PLANNINGS}{make.rid()}/"), 403, "permission_denied")
        assert api.post(f"/runs/{first.pk}/lock/").status_code in (403, 404)
    problem(Api(division.logistics, "runs:read").post(MOVE, moved), 403, "scope_missing")
    assert not DeliveryRun.objects.filter(is_locked=True).exists()
    assert not Command.objects.filter(verb__in=["move_stop", "replan_day", "lock_run"]).exists()


# --- Moves ------------------------------------------------------------------------------------------------------------


def test_a_delivery_goes_to_another_run_once_and_back_by_what_the_answer_says(division, logistics, two):
    first, second = two
    before = order_of(first), order_of(second)
    moved = day(division) | {"station": code(before[0][1]), "from_run": first.pk, "run": second.pk, "position": 1}
    seen = [{"id": run.pk, "version": run.version} for run in two]
    answer, again = (done(logistics.post(MOVE, moved | {"seen": seen}, key="once")) for _ in range(2))
    assert answer == again
    assert answer["run"]["id"] == second.pk
    assert order_of(second) == [before[0][1], *before[1]]
    assert Command.objects.filter(verb="move_stop").count() == 1

    assert done(logistics.post(MOVE, answer["undo"]))["run"]["id"] == first.pk
    assert (order_of(first), order_of(second)) == before
    problem(logistics.post(MOVE, moved | {"seen": seen}), 409, "stale_edit")


@pytest.mark.parametrize("last", [True, False], ids=["a run's last stop", "to what waits"])
def test_what_empties_a_run_or_leaves_it_is_taken_back_too(division, logistics, two, last):
    first, second = two
    [station] = order_of(second)
    aim = {"run": first.pk} if last else {}
    answer = done(logistics.post(MOVE, day(division) | {"station": code(station), "from_run": second.pk} | aim))
    assert DeliveryRun.objects.get(pk=second.pk).state == State.CANCELLED
    assert answer["undo"]["van"] == second.van.code

    again = done(logistics.post(MOVE, answer["undo"]))
    run = DeliveryRun.objects.exclude(pk=first.pk).get(state=State.PLANNED)
    assert (again["run"]["id"], run.van, order_of(run)) == (run.pk, second.van, [station])


def test_what_waits_begins_a_run_and_waits_again(division, logistics, two):
    [station] = planned_day.waiting(division)
    van = make.van(division.warehouse)
    answer = done(logistics.post(MOVE, day(division) | {"station": station.code, "van": van.code}))
    assert [stop["station"] for stop in answer["run"]["stops"]] == [station.code]
    assert answer["undo"]["from_run"] == answer["run"]["id"]
    assert done(logistics.post(MOVE, answer["undo"]))["run"]["state"] == "cancelled"


def test_what_there_is_not_is_named_by_its_field(division, logistics, two):
    first, second = two
    good = day(division) | {"station": code(order_of(first)[0]), "from_run": first.pk}
    for name, wrong in (("depot", division.station.code), ("station", "NONE"), ("van", "NONE")):
        assert field_of(logistics.post(MOVE, good | {name: wrong})) == [name]
    both = good | {"run": second.pk, "van": second.van.code}
    assert field_of(logistics.post(MOVE, both)) == ["van"]
    twice = good | {"seen": [{"id": first.pk, "version": 1}] * 2}
    assert field_of(logistics.post(MOVE, twice)) == ["seen.0.id", "seen.1.id"]
    problem(logistics.post(MOVE, good | {"run": second.pk, "position": 9}), 422, "refused")
    problem(logistics.post(MOVE, good | {"from_run": second.pk, "run": first.pk}), 422, "refused")
    assert order_of(first)[0] == Station.objects.get(code=good["station"]).pk


# --- The day planned again --------------------------------------------------------------------------------------------


def test_a_day_is_planned_again_in_the_background_and_what_moved_is_asked_for(division, logistics, two, monkeypatch):
    sent = {}
    monkeypatch.setattr(tasks.replan_day, "apply_async", lambda **given: sent.update(given))
    started = done(logistics.post(PLANNINGS, day(division), key="once"), 201)
    address = f"{PLANNINGS}{started['id']}/"
    assert done(logistics.get(address)) == started
    assert (started["state"], started["moves"]) == ("waiting", [])

    found = json.dumps(tasks.replan_day(**sent["kwargs"]))
    facts = {"task_id": sent["task_id"], "task_name": tasks.replan_day.name}
    TaskResult.objects.create(status="SUCCESS", result=found, **facts)
    planned = done(logistics.get(address))
    assert (planned["state"], planned["refusal"]) == ("done", "")
    assert planned["moves"]
    assert DeliveryRun.objects.exclude(state=State.CANCELLED).count() == 1, "one van is enough for four"
    sent.clear()
    assert done(logistics.post(PLANNINGS, day(division), key="once"), 201) == started
    assert not sent


@pytest.mark.parametrize(
    ("status", "result", "state", "refusal"),
    [
        ("STARTED", None, "running", ""),
        ("FAILURE", None, "failed", ""),
        ("SUCCESS", {"refused": "Somebody was first."}, "refused", "Somebody was first."),
    ],
)
def test_a_planning_says_how_far_it_is(logistics, status, result, state, refusal):
    task_id = str(make.rid())
    facts = {"task_name": tasks.replan_day.name, "result": json.dumps(result)}
    TaskResult.objects.create(task_id=task_id, status=status, **facts)
    found = done(logistics.get(f"{PLANNINGS}{task_id}/"))
    assert (found["state"], found["refusal"], found["moves"]) == (state, refusal, [])


def test_other_work_is_no_planning_and_a_worker_that_is_away_is_told(division, logistics, monkeypatch):
    other = str(make.rid())
    TaskResult.objects.create(task_id=other, task_name="orders.tasks.sweep_par_levels", status="SUCCESS", result="{}")
    problem(logistics.get(f"{PLANNINGS}{other}/"), 404, "not_found")
    problem(logistics.get(f"{PLANNINGS}7/"), 404, "not_found")
    assert field_of(logistics.post(PLANNINGS, day(division) | {"depot": division.station.code})) == ["depot"]

    def unreachable(**given):
        raise OperationalError

    monkeypatch.setattr(tasks.replan_day, "apply_async", unreachable)
    refused = problem(logistics.post(PLANNINGS, day(division)), 422, "refused")
    assert "worker cannot be reached" in refused["detail"]


# --- The same from a shell --------------------------------------------------------------------------------------------


def test_a_shell_locks_moves_and_plans(division, two):
    first, second = two
    shell = Shell(division.logistics)
    place = ("--depot", division.warehouse.code, "--day", tomorrow())
    move = ("planner", "move", code(order_of(first)[0]), *place, "--from-run", first.pk)
    assert shell("run", "lock", first.pk)["is_locked"]
    assert "locked" in shell.refused(*move, "--run", second.pk)["detail"]
    assert not shell("run", "unlock", first.pk)["is_locked"]
    assert "either" in shell.refused(*move, "--run", second.pk, "--van", second.van.code)["detail"]
    assert "no van" in shell.refused(*move, "--van", "NONE")["detail"]
    assert shell(*move, "--run", second.pk, "--position", 1)["id"] == second.pk
    plan = ("planner", "plan", division.warehouse.code, "--day", tomorrow())
    assert Shell(division.officer).refused(*plan)["code"] == "permission_denied"
    assert shell.refused("planner", "plan", division.station.code, "--day", tomorrow())["code"] == "refused"
    assert shell(*plan)["moves"]
