"""How fast places use items: the one definition of daily use, in SQL, for every list, figure and proposal."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from inventory.models import StockMovement

# Four weeks: every weekday counts alike, and one bad day still shows.
USE_PERIOD = timedelta(days=28)

# What takes stock off a shelf for good, as far as that shelf is concerned. A transfer to another station is none: it
# was proposed because the shelf did not need it.
_Reason = StockMovement.Reason
DEMAND = (_Reason.USED.value, _Reason.WASTED.value, _Reason.RESTOCKED.value, _Reason.DISPATCHED.value)

Parameter = str | int

_STATEMENT = """
    SELECT movement.source_id AS location_id, lot.item_id, SUM(movement.quantity) AS used
      FROM inventory_stockmovement AS movement
      JOIN inventory_lot AS lot ON lot.id = movement.lot_id
     WHERE movement.reason IN ({reasons}) AND movement.moved_at > %s AND movement.moved_at <= %s {scope}
     GROUP BY movement.source_id, lot.item_id
"""


def use_sql(
    at: datetime, *, locations: Collection[int] | None = None, items: Collection[int] | None = None
) -> tuple[str, list[Parameter]]:
    """The statement that gives (location_id, item_id, used) for the ``USE_PERIOD`` that ends at ``at``, in base units,
    for these location and item ids or all; and its parameters. Pairs without use have no row. ``used`` ÷
    ``USE_PERIOD.days`` is the mean daily use."""
    reasons = ", ".join(f"'{reason}'" for reason in DEMAND)
    moments = [str(connection.ops.adapt_datetimefield_value(moment)) for moment in (at - USE_PERIOD, at)]
    scopes = [("movement.source_id", locations), ("lot.item_id", items)]
    scope = " ".join(f"AND {column} IN ({_places(ids)})" for column, ids in scopes if ids is not None)
    chosen = [pk for _, ids in scopes for pk in ids or ()]
    return _STATEMENT.format(reasons=reasons, scope=scope), [*moments, *chosen]


def daily_use(
    *, at: datetime, locations: Collection[int] | None = None, items: Collection[int] | None = None
) -> dict[tuple[int, int], float]:
    """Mean base units a day by (location id, item id), over the last four weeks: what was used on patients, wasted, put
    into units or sent to other stations. Pairs without use are left out. One query."""
    statement, parameters = use_sql(at, locations=locations, items=items)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {(location, item): int(used) / USE_PERIOD.days for location, item, used in cursor.fetchall()}


def _places(ids: Collection[int]) -> str:
    """As many marks as there are ids; of none, what no row has."""
    return ", ".join(["%s"] * len(ids)) or "NULL"
