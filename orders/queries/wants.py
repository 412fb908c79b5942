"""Who could use more of an item: places that lack what their source cannot send, and places that use it up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from inventory.models import StockLevel
from inventory.queries.usage import USE_PERIOD, use_sql
from orders.queries.par_lines import ParLine, par_lines_sql
from stations.models import Location

_STATEMENT = """
    WITH line AS ({par_lines}), demand AS ({use}), owed AS (
        SELECT line.location_id, line.item_id,
               SUM(CASE WHEN resupply.state <> 'submitted'
                        THEN line.approved - line.allocated - line.shipped - line.cancelled ELSE 0 END) AS owed,
               SUM(CASE WHEN resupply.state = 'submitted' THEN line.approved ELSE 0 END) AS moving
          FROM orders_resupplyorder AS resupply
          JOIN orders_orderline AS line ON line.order_id = resupply.id
         WHERE resupply.state IN ('approved', 'in_fulfilment')
            OR (resupply.state = 'submitted' AND resupply.kind = 'transfer')
         GROUP BY line.location_id, line.item_id
    )
    SELECT {names}, COALESCE(owed.owed, 0) AS owed, COALESCE(owed.moving, 0) AS moving,
           COALESCE(demand.used, 0) AS used
      FROM line
      LEFT JOIN demand ON demand.location_id = line.location_id AND demand.item_id = line.item_id
      LEFT JOIN owed ON owed.location_id = line.location_id AND owed.item_id = line.item_id
     WHERE line.location_kind IN ('supply_room', 'safe') AND line.par > 0 AND line.item_id IN ({items})
       AND (line.need > 0 OR line.awaiting > 0 OR owed.owed > 0
            OR (demand.used > 0 AND line.item_id IN ({expiring})))
     ORDER BY line.location_id, line.item_id
"""


@dataclass(frozen=True, slots=True)
class Wanting(ParLine):
    """A par level of a shelf with what its orders still owe it, what transfers bring that wait for the chief, and what
    it used in four weeks, in base units."""

    owed: int
    moving: int
    used: int

    @property
    def lacks(self) -> int:
        """What it needs and nobody has promised yet: its need, or what it asked for, and what is owed to it."""
        return max(0, max(self.need, self.awaiting - self.moving) - self.moving) + self.owed

    @property
    def daily(self) -> float:
        return self.used / USE_PERIOD.days


def wanting(
    *, at: datetime, items: Collection[int], expiring: Collection[int], stations: Collection[int] | None = None
) -> list[Wanting]:
    """Shelves that lack any of these items, and those that use the ``expiring`` ones. One query."""
    if not items:
        return []
    par_lines, parameters = par_lines_sql(timezone.localdate(at), None if stations is None else sorted(stations))
    use, moments = use_sql(at)
    statement = _STATEMENT.format(
        par_lines=par_lines,
        use=use,
        names=", ".join(f"line.{field.name}" for field in fields(ParLine)),
        items=_ids(items),
        expiring=_ids(expiring),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *moments])
        return [Wanting(*row[:-3], *map(int, row[-3:])) for row in cursor.fetchall()]


def _ids(pks: Collection[int]) -> str:
    """Whole numbers of ours, written out: there may be more than a statement takes parameters for."""
    return ", ".join(str(int(pk)) for pk in sorted(pks)) or "NULL"


class Covered:
    """What sources can send themselves of what is wanted: the emptiest place is sent first, as far as it goes."""

    def __init__(self, sources: Iterable[int], items: Collection[int], today: date) -> None:
        rows = (
            StockLevel.objects.usable_until(today)
            .filter(location__station__in=set(sources), location__kind__in=Location.SHELVES)
            .filter(lot__item__in=items, on_hand__gt=F("allocated"))
            .values_list("location__station_id", "lot__item_id", "lot__expires_on")
            .annotate(free=Sum(F("on_hand") - F("allocated")))
            .order_by("location__station_id", "lot__item_id", F("lot__expires_on").asc(nulls_last=True))
        )
        self.free: Mapping[tuple[int, int], dict[date | None, int]] = defaultdict(dict)
        for station, item, expires_on, quantity in rows:
            self.free[station, item][expires_on] = quantity

    def left_open(self, source: int, item: int, quantity: int, until: date) -> int:
        """How much of this quantity the source cannot send, of lots that last until this day. What it can is gone."""
        free = self.free.get((source, item), {})
        for expires_on in free:
            if expires_on is None or expires_on >= until:
                given = min(quantity, free[expires_on])
                free[expires_on] -= given
                quantity -= given
        return quantity
