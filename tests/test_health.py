"""/healthz and /readyz tell the truth, to anybody, and nothing more."""

import json
import logging
import logging.config
import sys
from datetime import timedelta

import pytest
import structlog
from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_celery_results.models import TaskResult

from ems_supply.broker import BrokerAddress
from ems_supply.logs import logging_settings
from ems_supply.tasks import heartbeat
from tests.conftest import wait_until


def succeed(task: str, *, ago: timedelta = timedelta(0)) -> None:
    result = TaskResult.objects.create(task_id=f"{task}-{ago}", task_name=task, status="SUCCESS")
    TaskResult.objects.filter(pk=result.pk).update(date_done=timezone.now() - ago)


def succeed_all() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        succeed(entry["task"])


def test_healthz_needs_no_database_no_host_and_no_sign_in(client):
    response = client.get("/healthz", headers={"host": "10.1.2.3:8000"})

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_is_ok_when_every_part_is(client):
    succeed_all()

    response = client.get("/readyz")

    assert response.status_code == 200, response.json()
    assert set(response.json()["parts"]) == {"broker", "database", "migrations", "worker"} | (
        set(settings.CELERY_BEAT_SCHEDULE) - {"heartbeat"}
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_readyz_fails_when_one_task_has_not_succeeded_for_too_long(client, name):
    succeed_all()
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    interval = entry["schedule"].run_every
    TaskResult.objects.filter(task_name=entry["task"]).update(
        date_done=timezone.now() - 2 * interval - timedelta(minutes=3)
    )

    response = client.get("/readyz")

    part = response.json()["parts"]["worker" if name == "heartbeat" else name]
    assert response.status_code == 503
    assert part["status"] == "failed"
    assert "worker and beat" in part["hint"]


@pytest.mark.django_db
def test_a_failed_run_is_no_success(client):
    succeed_all()
    TaskResult.objects.filter(task_name="ems_supply.tasks.heartbeat").update(
        date_done=timezone.now() - timedelta(hours=1)
    )
    TaskResult.objects.create(task_id="broken", task_name="ems_supply.tasks.heartbeat", status="FAILURE")

    assert client.get("/readyz").json()["parts"]["worker"]["status"] == "failed"


@pytest.mark.django_db
def test_readyz_says_that_the_broker_is_away_without_its_address(client, settings, tmp_path):
    settings.BROKER = BrokerAddress.at(tmp_path / "nobody.sock")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"]["broker"]["status"] == "failed"
    assert "nobody.sock" not in response.text


@pytest.mark.django_db
def test_readyz_names_waiting_migrations(client, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("orders", False)])

    parts = client.get("/readyz").json()["parts"]

    assert parts["migrations"] == {"status": "failed", "hint": "1 migrations wait: run manage.py migrate."}
    assert "worker" not in parts


@pytest.mark.django_db
def test_readyz_asks_the_database_a_fixed_number_of_questions(client, django_assert_max_num_queries):
    for number in range(50):
        succeed("ems_supply.tasks.heartbeat", ago=timedelta(seconds=number))

    with django_assert_max_num_queries(8):
        client.get("/readyz")


@pytest.mark.parametrize(
    ("given", "is_kept"), [("abc-12345", True), ("x", False), ("a b\nc" * 5, False), ("é" * 9, False)]
)
def test_a_request_id_is_kept_only_when_it_is_plain(client, given, is_kept):
    answered = client.get("/healthz", headers={"x-request-id": given})["X-Request-ID"]

    assert (answered == given) is is_kept
    assert len(answered) >= 8


def test_a_log_line_is_json_with_the_request_s_id_and_without_anybody_s_variables():
    configured = logging.config.DictConfigurator(logging_settings("INFO"))
    formatter = configured.configure_formatter(configured.config["formatters"]["json"])
    try:
        password = "hunter2"  # noqa: F841 - it must not be found in the log
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("orders", logging.ERROR, "x.py", 1, "failed %s", ("here",), sys.exc_info())
    with structlog.contextvars.bound_contextvars(request_id="abc-12345"):
        line = formatter.format(record)

    said = json.loads(line)
    assert said["event"] == "failed here"
    assert said["request_id"] == "abc-12345"
    assert said["exception"][0]["exc_value"] == "broken"
    assert "hunter2" not in line


@pytest.mark.broker
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_runs_the_heartbeat_under_the_request_id_that_sent_it(celery_worker):
    with structlog.contextvars.bound_contextvars(request_id="request-from-a-page"):
        sent = heartbeat.delay()

    wait_until(lambda: TaskResult.objects.filter(task_id=sent.id, status="SUCCESS").exists(), "the heartbeat")
    assert '"request_id": "request-from-a-page"' in celery_worker.log.read_text()
