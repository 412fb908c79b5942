"""A run that takes several shipments which nobody has picked yet, for tests of one walk for all of them."""

from datetime import timedelta

from orders.actions import schedule
from orders.models import DeliveryRun, ResupplyOrder, Shipment
from tests import make
from tests.flow import Division


def run_for(division: Division, *asked: dict[int, int], urgent: int | None = None) -> DeliveryRun:
    """One run with a stop for each of these wishes, each of a station of its own; the ``urgent`` one is stat."""
    stations = [make.station(supplied_by=division.warehouse) for _ in asked]
    for number, (station, quantities) in enumerate(zip(stations, asked, strict=True)):
        division.station, division.officer = station, make.officer(station)
        is_stat = number == urgent
        division.approved(quantities, priority=ResupplyOrder.Priority.STAT if is_stat else 0)
    return schedule.plan_run(
        depot=division.warehouse,
        van=division.van,
        leaves_at=division.at + timedelta(hours=2),
        stations=stations,
        **division.by(division.logistics),
    )


def shipments_of(run: DeliveryRun) -> list[Shipment]:
    """In the order of the stops."""
    return list(Shipment.objects.filter(stop__run=run).select_related("destination").order_by("stop__position", "pk"))
