"""The stops of a run that has not left, put in another order: places, arrivals, and the way there and back."""

from collections.abc import Sequence

from django.db.models import F

from core.rows import write_rows
from orders.models import DeliveryRun, Stop
from orders.queries.travel import travel_among
from orders.queries.vans import timing_of

PARKING = 1_000


def put_in_order(run: DeliveryRun, stops: Sequence[Stop]) -> None:
    """Write places and arrivals of all stops of a locked run, in this order, and its ``distance_m`` onto the object."""
    travel = travel_among([run.depot_id, *(stop.station_id for stop in stops)])
    timing = timing_of(run, travel, stops=stops)
    for position, (stop, visit) in enumerate(zip(stops, timing.visits, strict=True), start=1):
        stop.position, stop.planned_at = position, visit.starts_at
    run.distance_m = timing.metres
    # Two stops never share a place: they go aside first.
    run.stops.update(position=F("position") + PARKING)
    write_rows(stops, ["position", "planned_at"])
