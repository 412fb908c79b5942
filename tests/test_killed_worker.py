"""``kill -9`` in the middle of each task: run again, it comes to the same end, and nothing is done twice."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone
from django_celery_results.models import TaskResult

from dashboard.models import DailySnapshot
from dashboard.tasks import snapshot_metrics
from inventory.models import ParProposal, ParReview
from inventory.tasks import propose_par_levels
from orders import tasks
from orders.actions import approval, drafts
from orders.models import DeliveryRun, OrderLine, ResupplyOrder, Shipment, ShipmentLine, Shortfall
from orders.queries.verify import all_differences
from stations.models import Station
from tests import make
from tests.conftest import wait_until

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]


@contextmanager
def held(table: str) -> Iterator[None]:
    """Nobody else can touch the table, on SQLite the whole database: a task comes up to it and stands still."""
    other: Any
    if connection.vendor == "postgresql":
        settings = connection.settings_dict
        other = psycopg2.connect(
            dbname=settings["NAME"],
            user=settings["USER"] or None,
            password=settings["PASSWORD"] or None,
            host=settings["HOST"] or None,
            port=settings["PORT"] or None,
        )
        statement = f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
    else:
        other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
        statement = "BEGIN IMMEDIATE"
    try:
        other.cursor().execute(statement)
        yield
    finally:
        other.rollback()
        other.close()


def stands_still(worker: Any, task_id: str) -> bool:
    """Whether the worker has the task and waits for what we hold."""
    if f"{task_id}" not in worker.log.read_text():
        return False
    if connection.vendor == "sqlite":
        time.sleep(0.5)
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


class Work:
    """Something due for every task, at several stations."""

    def __init__(self) -> None:
        self.at = timezone.now()
        self.warehouse = make.warehouse()
        make.van(self.warehouse)
        # Only the day after tomorrow, so that the end is the same at whatever hour this runs.
        only = 1 << (timezone.localdate(self.at) + timedelta(days=2)).weekday()
        self.stations = [make.station(supplied_by=self.warehouse, delivery_days=only) for _ in range(4)]
        self.items = [make.item() for _ in range(5)]
        for station in self.stations:
            for item in self.items:
                make.par(station, item, par=10)

    def stock(self) -> None:
        for item in self.items:
            make.stock(self.warehouse, item, on_hand=1_000)

    def approve(self) -> None:
        for station in self.stations:
            officer, logistics = make.officer(station), make.logistics()
            order = drafts.create_order(
                station=station,
                quantities={item.pk: 10 for item in self.items},
                by=officer,
                at=self.at,
                request_id=make.rid(),
            )
            order = drafts.submit_order(
                order=order, version=order.version, by=officer, at=self.at, request_id=make.rid()
            )
            approval.approve_order(order=order, version=order.version, by=logistics, at=self.at, request_id=make.rid())


def due_for_the_sweep(work: Work) -> None:
    pass


def due_for_allocation(work: Work) -> None:
    work.approve()
    work.stock()


def due_for_the_schedule(work: Work) -> None:
    work.stock()
    work.approve()


def swept() -> dict[str, object]:
    return {
        "short": Shortfall.objects.count(),
        "drafts": ResupplyOrder.objects.filter(is_automatic=True).count(),
        "asked": sorted(OrderLine.objects.values_list("asked", flat=True)),
    }


def allocated() -> dict[str, object]:
    return {
        "promised": sorted(ShipmentLine.objects.values_list("quantity", flat=True)),
        "shipments": Shipment.objects.count(),
        "differences": all_differences(),
    }


def scheduled() -> dict[str, object]:
    runs = DeliveryRun.objects.all()
    return {
        "runs": runs.count(),
        "stops": sum(run.stops.count() for run in runs),
        "waiting": Shipment.objects.filter(stop=None).count(),
    }


def verified() -> dict[str, object]:
    return {"differences": all_differences()}


def snapped() -> dict[str, object]:
    return {"rows": DailySnapshot.objects.count(), "stations": Station.objects.count()}


def proposed() -> dict[str, object]:
    return {"stations": ParReview.objects.count(), "proposals": ParProposal.objects.count()}


@pytest.mark.parametrize(
    ("task", "prepare", "table", "state", "expected"),
    [
        (
            tasks.sweep_par_levels,
            due_for_the_sweep,
            "orders_orderline",
            swept,
            {"short": 20, "drafts": 4, "asked": [10] * 20},
        ),
        (
            tasks.allocate_backorders,
            due_for_allocation,
            "orders_shipmentline",
            allocated,
            {"promised": [10] * 20, "shipments": 4, "differences": []},
        ),
        (
            tasks.schedule_deliveries,
            due_for_the_schedule,
            "orders_stop",
            scheduled,
            {"runs": 1, "stops": 4, "waiting": 0},
        ),
        (tasks.verify_ledger, due_for_the_schedule, "orders_shipmentline", verified, {"differences": []}),
        (snapshot_metrics, due_for_the_sweep, "dashboard_dailysnapshot", snapped, {"rows": 6, "stations": 5}),
        (propose_par_levels, due_for_the_sweep, "inventory_parreview", proposed, {"stations": 4, "proposals": 20}),
    ],
    ids=["sweep", "allocation", "schedule", "verification", "snapshot", "proposals"],
)
def test_a_killed_task_runs_again_to_the_same_end(
    celery_worker: Any,
    task: Any,
    prepare: Callable[[Work], None],
    table: str,
    state: Callable[[], dict[str, object]],
    expected: dict[str, object],
) -> None:
    prepare(Work())
    with held(table):
        sent = task.delay()
        wait_until(lambda: stands_still(celery_worker, sent.id), "the task to stand still", log=celery_worker.log)
        celery_worker.kill()

    celery_worker.start()

    def succeeded() -> bool:
        return TaskResult.objects.filter(task_id=sent.id, status="SUCCESS").exists()

    wait_until(succeeded, "the task to run again", seconds=60, log=celery_worker.log)
    assert state() == expected
    again = task.delay()
    wait_until(
        lambda: TaskResult.objects.filter(task_id=again.id, status="SUCCESS").exists(),
        "the task to run once more",
        log=celery_worker.log,
    )
    assert state() == expected
