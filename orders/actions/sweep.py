"""The sweep: what is short everywhere, with its reasons, and one automatic draft per station that asks for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, F
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.rows import check_keys_at_once
from inventory.models import ParLevel
from orders.actions.locks import lock_orders
from orders.models import OrderLine, ResupplyOrder, Shortfall
from orders.queries.par_lines import par_lines_sql
from stations.models import Command, Event, Location, Station, User

BATCH = 100
# A draft is locked as long as its batch is worked out: a few seconds for so many par levels.
BATCH_PAR_LEVELS = 50_000

# One row per par level that is short. `since` stays what it was when the row was short already.
_WRITE_SHORTFALLS = """
    INSERT INTO orders_shortfall
           (location_id, item_id, par, minimum, usable, expiring, inbound, awaiting, need, since, swept_at)
    SELECT location_id, item_id, par, minimum, usable, expiring, inbound, awaiting, need, %s, %s
      FROM ({par_lines}) AS swept WHERE need > 0 ORDER BY location_id, item_id
        ON CONFLICT (location_id, item_id) DO UPDATE
       SET par = excluded.par, minimum = excluded.minimum, usable = excluded.usable, expiring = excluded.expiring,
           inbound = excluded.inbound, awaiting = excluded.awaiting, need = excluded.need, swept_at = excluded.swept_at
"""

# What a person chose stays; the suggestion and its reasons are always those of the last sweep.
_WRITE_LINES = """
    INSERT INTO orders_orderline AS line
           (order_id, location_id, item_id, asked, suggested, par, minimum, usable, expiring, inbound,
            is_edited, approval_reason, allocated, shipped, received, damaged, missing, cancelled)
    SELECT draft.id, short.location_id, short.item_id, short.need - short.awaiting, short.need - short.awaiting,
           short.par, short.minimum, short.usable, short.expiring, short.inbound, FALSE, '', 0, 0, 0, 0, 0, 0
      FROM orders_shortfall AS short
      JOIN stations_location AS location ON location.id = short.location_id
      JOIN orders_resupplyorder AS draft ON draft.station_id = location.station_id
     WHERE draft.id IN ({drafts}) AND location.kind IN ({shelves}) AND short.need > short.awaiting
     ORDER BY draft.id, short.location_id, short.item_id
        ON CONFLICT (order_id, location_id, item_id) DO UPDATE
       SET asked = CASE WHEN line.is_edited THEN line.asked ELSE excluded.asked END,
           suggested = excluded.suggested, par = excluded.par, minimum = excluded.minimum, usable = excluded.usable,
           expiring = excluded.expiring, inbound = excluded.inbound
     WHERE line.suggested IS DISTINCT FROM excluded.suggested OR line.par IS DISTINCT FROM excluded.par
        OR line.minimum IS DISTINCT FROM excluded.minimum OR line.usable IS DISTINCT FROM excluded.usable
        OR line.expiring IS DISTINCT FROM excluded.expiring OR line.inbound IS DISTINCT FROM excluded.inbound
    RETURNING order_id
"""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found and did: par levels that are short, automatic drafts that it changed, stations swept."""

    stations: int
    shortfalls: int
    drafts: int


def sweep_par_levels(*, at: datetime, stations: Sequence[Station] | None = None, by: User | None = None) -> Sweep:
    """Find every par level that is short now, for these stations or all, and bring the automatic drafts up to date.

    A station's own shelves are drafted for, in one draft; its units are restocked from those shelves. What a person
    chose in a draft stays. What already waits for approval is not asked for twice. Works in batches of stations, each
    its own transaction: safe to run twice, beside itself, and to die half-way.
    """
    wanted = Station.objects.order_by("pk").values_list("pk", flat=True)
    pks = list(wanted) if stations is None else sorted(station.pk for station in stations)
    found = [_sweep_batch(batch, at=at, by=by) for batch in _batches(pks)]
    return Sweep(len(pks), sum(short for short, _ in found), sum(drafts for _, drafts in found))


def _batches(pks: Sequence[int]) -> Iterator[list[int]]:
    """These stations in their order, so many at a time as keep the batch within its bounds; one at least."""
    owner = Coalesce("location__station", "location__unit__station")
    weights: dict[int, int] = dict(ParLevel.objects.order_by().values_list(owner).annotate(Count("pk")))
    batch: list[int] = []
    weight = 0
    for pk in pks:
        if batch and (len(batch) == BATCH or weight + weights.get(pk, 0) > BATCH_PAR_LEVELS):
            yield batch
            batch, weight = [], 0
        batch.append(pk)
        weight += weights.get(pk, 0)
    if batch:
        yield batch


@transaction.atomic
def _sweep_batch(pks: Sequence[int], *, at: datetime, by: User | None) -> tuple[int, int]:
    check_keys_at_once()
    list(Station.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk"))
    # From here on no draft of these stations can be sent, so that nothing is both awaited and drafted.
    drafts = ResupplyOrder.objects.automatic_drafts().filter(station__in=pks)
    lock_orders(drafts.values_list("pk", flat=True))
    shortfalls = _write_shortfalls(pks, at)
    _begin_drafts(pks, at)
    locked = [order.pk for order in lock_orders(drafts.values_list("pk", flat=True))]
    changed = _write_lines(locked)
    ResupplyOrder.objects.filter(pk__in=changed).update(version=F("version") + 1)
    if changed:
        command = Command.objects.begin("sweep_par_levels", by=by, at=at)
        orders = ResupplyOrder.objects.in_bulk(changed)
        Event.objects.bulk_create(command.event("worked out", orders[pk]) for pk in sorted(changed))
    return shortfalls, len(changed)


def _write_shortfalls(pks: Sequence[int], at: datetime) -> int:
    par_lines, parameters = par_lines_sql(timezone.localdate(at), pks)
    with connection.cursor() as cursor:
        # The marks come as Django would write them, in each database's own type.
        mark = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(_WRITE_SHORTFALLS.format(par_lines=par_lines), [mark, mark, *parameters])
        found = int(cursor.rowcount)
    Shortfall.objects.filter(location__in=Location.objects.of(pks)).exclude(swept_at=at).delete()
    return found


def _begin_drafts(pks: Sequence[int], at: datetime) -> None:
    """A draft for each of these stations that has none, is supplied by another, and has something to ask for."""
    short = Shortfall.objects.filter(location__kind__in=Location.SHELVES, need__gt=F("awaiting"))
    stations = Station.objects.filter(pk__in=pks, supplied_by__isnull=False).filter(
        pk__in=short.values("location__station")
    )
    without = stations.exclude(pk__in=ResupplyOrder.objects.automatic_drafts().values("station"))
    ResupplyOrder.objects.bulk_create(
        [
            ResupplyOrder(station=station, source=station.supplied_by, is_automatic=True, created_at=at)
            for station in without.select_related("supplied_by").order_by("pk")
            if station.supplied_by
        ],
        ignore_conflicts=True,
    )


def _write_lines(drafts: Sequence[int]) -> set[int]:
    """Bring the lines of these locked drafts up to the shortfalls; the ids of the drafts that changed."""
    if not drafts:
        return set()
    lines = OrderLine.objects.filter(order__in=drafts).exclude(
        pk__in=OrderLine.objects.filter(order__in=drafts, **_STILL_SHORT).values("pk")
    )
    gone = lines.filter(is_edited=False)
    changed = set(gone.values_list("order_id", flat=True))
    if changed:
        gone.delete()
    lines.filter(is_edited=True).exclude(suggested=0).update(suggested=0)
    statement = _WRITE_LINES.format(
        drafts=", ".join(str(int(pk)) for pk in drafts),
        shelves=", ".join(f"'{kind.value}'" for kind in Location.SHELVES),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        changed.update(row[0] for row in cursor.fetchall())
    return changed


_STILL_SHORT = {
    "location__shortfalls__item": F("item"),
    "location__shortfalls__need__gt": F("location__shortfalls__awaiting"),
}
