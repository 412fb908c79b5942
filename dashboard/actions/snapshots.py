"""Keep what the figures were on a day, so that a trend can be drawn."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from dashboard.models import DailySnapshot
from dashboard.queries.measures import Measures, measures_by_station, together
from stations.models import Station

KEY = ("station", "day")
FACTS = (
    "taken_at",
    "stations",
    "stations_ready",
    "lines_asked",
    "lines_filled",
    "par_lines",
    "par_lines_out",
    "receipt_minutes",
    "backorders_overdue",
    "expiring_cents",
    "expired_cents",
    "places",
    "places_counted",
)


@transaction.atomic
def snapshot_metrics(*, at: datetime) -> int:
    """Write the day's row of every station and of the division, over an earlier one of the same day; how many rows.

    Copies what the database already says and changes nothing of the trade, so it is nobody's command and may run twice.
    Today's rows stand for today only: a day that was missed stays a gap.
    """
    found = measures_by_station(at=at)
    rows = [_snapshot(part, at, station) for station, part in found.items()]
    DailySnapshot.objects.bulk_create(rows, update_conflicts=True, unique_fields=KEY, update_fields=FACTS)
    whole = _snapshot(together(list(found.values())), at, None)
    # A partial constraint cannot be named by bulk_create: the division's own row goes by itself.
    DailySnapshot.objects.update_or_create(
        station=None, day=whole.day, defaults={name: getattr(whole, name) for name in FACTS}
    )
    return len(rows) + 1


def _snapshot(found: Measures, at: datetime, station: Station | None) -> DailySnapshot:
    median = found.waits.median
    return DailySnapshot(
        day=timezone.localdate(at),
        station=station,
        taken_at=at,
        stations=found.ready.whole,
        stations_ready=found.ready.hits,
        lines_asked=found.fill.whole,
        lines_filled=found.fill.hits,
        par_lines=found.stock_outs.whole,
        par_lines_out=found.stock_outs.hits,
        receipt_minutes=None if median is None else round(median.total_seconds() / 60),
        backorders_overdue=found.overdue,
        expiring_cents=found.worth.expiring,
        expired_cents=found.worth.expired,
        places=found.counted.whole,
        places_counted=found.counted.hits,
    )
