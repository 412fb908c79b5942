"""A depot's day with runs of so many stops, for tests of the planner."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from orders.actions.schedule import plan_run
from orders.models import DeliveryRun, Shipment
from stations.models import Station
from tests import make
from tests.flow import Division


def waiting(division: Division, count: int = 1, **fields: object) -> list[Station]:
    """New stations, for each of which an empty shipment waits at the depot."""
    stations = [make.station(supplied_by=division.warehouse, **fields) for _ in range(count)]
    Shipment.objects.bulk_create(
        Shipment(source=division.warehouse, destination=one, created_at=division.at) for one in stations
    )
    return stations


def runs(
    division: Division, *sizes: int, day: date | None = None, hour: int = 12, **fields: object
) -> list[DeliveryRun]:
    """A run of so many stops for each size, each by a van of its own, all leaving at this hour."""
    day = day or timezone.localdate(division.at)
    leaves_at = timezone.make_aware(datetime.combine(day, time(hour)))
    made = []
    for size in sizes:
        run = plan_run(
            depot=division.warehouse,
            van=make.van(division.warehouse),
            leaves_at=leaves_at,
            stations=waiting(division, size, **fields),
            **division.by(division.logistics),
        )
        run.refresh_from_db()
        made.append(run)
    return made


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


def order_of(run: DeliveryRun) -> list[int]:
    """The stations of a run in their order, by id."""
    return list(run.stops.order_by("position").values_list("station", flat=True))
