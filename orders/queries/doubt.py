"""Which items may be short at their sources: those that want more than what lasts the longest.

In a large division the worker keeps the answer (``dashboard.queries.kept``), and a page adds all that was touched
since: what it then says of each item is always of now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models import F, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.utils import timezone

from inventory.models import StockMovement
from inventory.queries.horizons import Horizons
from inventory.queries.kept import KEPT
from orders.models import OrderLine
from orders.queries.cover import Key, free_levels
from stations.models import Event

CACHE = "orders-doubt"
# Longer than any transaction takes: what is numbered below the last row of so long ago was seen by whoever looked.
SETTLED = timedelta(minutes=10)
# Past so many, comparing all is quicker than looking at each.
MANY = 2_000


@dataclass(frozen=True)
class Doubt:
    """As of a day and the longest horizon: the keys in doubt, and the last event and movement surely seen."""

    last_day: date
    keys: Sequence[Key]
    event: int
    movement: int


def in_doubt(horizons: Horizons) -> list[Key]:
    """Sources and items that want more than what lasts until the farthest horizon: all others cover everybody."""
    kept: Doubt | None = cache.get(CACHE)
    last_day = horizons.farthest
    if kept is None or kept.last_day != last_day:
        return _compared(last_day)
    touched = _touched_since(kept)
    return list({*kept.keys, *touched}) if len(touched) < MANY else _compared(last_day)


def read_doubt(*, at: datetime) -> Doubt:
    """What is to be kept; four queries over all claims and their sources' stock."""
    last_day, settled = Horizons(timezone.localdate(at)).farthest, at - SETTLED
    event = Event.objects.filter(command__at__lt=settled).order_by("-pk").values_list("pk", flat=True).first()
    moved = StockMovement.objects.filter(moved_at__lt=settled).order_by("-pk").values_list("pk", flat=True).first()
    return Doubt(last_day, _compared(last_day), event or 0, moved or 0)


def keep_doubt(doubt: Doubt) -> None:
    cache.set(CACHE, doubt, KEPT.total_seconds())


def forget_doubt() -> None:
    cache.delete(CACHE)


def _touched_since(kept: Doubt) -> list[Key]:
    """Where a claim may have grown or stock may have gone since: of orders, shipments and lots that something happened
    to, and what left a shelf. One query."""

    def happened_to(kind: str) -> QuerySet[Event, int]:
        return Event.objects.filter(pk__gt=kept.event, subject_kind=kind).values_list("subject_id", flat=True)

    lines = OrderLine.objects.claims().order_by().values_list("order__source_id", "item_id")
    asked = lines.filter(order__in=happened_to("resupplyorder"))
    sent = lines.filter(shipment_lines__shipment__in=happened_to("shipment"))
    held = lines.filter(item__lots__in=happened_to("lot"))
    left = StockMovement.objects.filter(pk__gt=kept.movement, source__station__isnull=False)
    gone = left.order_by().values_list("source__station_id", "lot__item_id")
    return list(asked.union(sent, held, gone)[:MANY])


def _compared(last_day: date) -> list[Key]:
    """The database compares what is wanted with what there is, as in a large division they are tens of thousands.

    What there is at stations that nobody wants anything of stays out: it is looked at only where something is wanted.
    """
    claims = OrderLine.objects.claims().order_by()
    wanted = claims.values("order__source_id", "item_id").annotate(total=Sum("wants"))
    sources = RawSQL("SELECT order__source_id FROM wanted", ())  # a name of this statement
    here = free_levels(last_day).filter(location__station__in=sources)
    lasting = here.order_by().values("location__station_id", "lot__item_id")
    (wants, given), (free, limits) = (
        rows.query.sql_with_params() for rows in (wanted, lasting.annotate(free=Sum(F("on_hand") - F("allocated"))))
    )
    statement = f"""
        WITH wanted AS ({wants})
        SELECT source_id, item_id FROM (
            SELECT order__source_id AS source_id, item_id, total FROM wanted
            UNION ALL SELECT location__station_id, lot__item_id, -free FROM ({free}) AS free
        ) AS line GROUP BY source_id, item_id HAVING SUM(total) > 0"""  # noqa: S608  # made by Django
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, *limits])
        return [(source, item) for source, item in cursor.fetchall()]
