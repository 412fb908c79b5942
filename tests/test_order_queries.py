"""An order of twenty lines asks the database as often as one of three."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.actions import approval, drafts, picking, receipts, runs, schedule
from orders.models import Shipment
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db


class Counted:
    """Runs the steps of an order's way and keeps how many queries each took."""

    def __init__(self) -> None:
        self.queries: dict[str, int] = {}

    def __call__(self, step: Callable[..., Any], **facts: Any) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = step(**facts)
        self.queries[step.__name__] = len(captured)
        return answer


def the_whole_way(lines: int) -> dict[str, int]:
    division, counted = Division(), Counted()
    items = [make.item() for _ in range(lines)]
    for item in items:
        make.par(division.station, item, par=10)
        make.stock(division.warehouse, item, on_hand=30, number="A")
        make.stock(division.warehouse, item, on_hand=30, number="B")
    asked = {item.pk: 40 for item in items}
    officer, logistics, driver = division.officer, division.logistics, division.driver
    order = counted(drafts.create_order, station=division.station, quantities=asked, **division.by(officer))
    order = counted(drafts.submit_order, order=order, version=order.version, **division.by(officer))
    counted(approval.approve_order, order=order, version=order.version, **division.by(logistics))
    shipment = counted(picking.start_picking, shipment=division.to_pick(), **division.by(logistics))
    picked = {line.pk: line.quantity - 1 for line in shipment.lines.all()}
    shipment = counted(
        picking.confirm_picks,
        shipment=shipment,
        version=shipment.version,
        picked=picked,
        reason="One fell.",
        **division.by(logistics),
    )
    counted(picking.pack_shipment, shipment=shipment, version=shipment.version, totes=1, **division.by(logistics))
    [run] = counted(schedule.schedule_deliveries, at=division.at)
    run.refresh_from_db()
    counted(runs.dispatch_run, run=run, version=run.version, driver=driver, **division.by(logistics))
    counted(runs.deliver_stop, stop=run.stops.get(), handed_to="Lee", **division.by(driver))
    shipment = Shipment.objects.get(pk=shipment.pk)
    counted(receipts.receive_shipment, shipment=shipment, version=None, **division.by(officer))
    counted(runs.complete_run, run=run, **division.by(driver))
    return counted.queries


def test_queries_do_not_grow_with_the_lines_of_an_order():
    few, many = the_whole_way(3), the_whole_way(20)

    assert many == few
    assert max(few.values()) <= 40
