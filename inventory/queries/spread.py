"""How uneven the use of an item is from day to day: its variance over its mean."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from inventory.queries.usage import DEMAND, USE_PERIOD

# What is assumed before anything is known, and how many units of use it counts as.
USUAL_SPREAD = 1.5
_PRIOR_UNITS = 5

# Days are counted back from the moment that is asked for, so that none of them is only half over.
_STATEMENT = """
    SELECT day.location_id, day.item_id, SUM(day.used), SUM(day.used * day.used)
      FROM (SELECT movement.source_id AS location_id, lot.item_id, SUM(movement.quantity) AS used
              FROM inventory_stockmovement AS movement
              JOIN inventory_lot AS lot ON lot.id = movement.lot_id
             WHERE movement.source_id IN ({locations}) AND lot.item_id IN ({items})
               AND movement.reason IN ({reasons}) AND movement.moved_at > %s AND movement.moved_at <= %s
             GROUP BY movement.source_id, lot.item_id, {days_ago}) AS day
     GROUP BY day.location_id, day.item_id
"""
_DAYS_AGO = {
    "postgresql": "FLOOR(EXTRACT(EPOCH FROM (CAST(%s AS timestamptz) - movement.moved_at)) / 86400)",
    "sqlite": "CAST(julianday(%s) - julianday(movement.moved_at) AS integer)",
}


def daily_spread(*, at: datetime, locations: Collection[int], items: Collection[int]) -> dict[int, float]:
    """Variance ÷ mean of the use per day by item id, over the last four weeks: pooled over these places, so that a few
    quiet ones do not decide, and drawn to ``USUAL_SPREAD`` where little was used. 1 at least. One query."""
    return use_and_spread(at=at, locations=locations, items=items)[1]


def use_and_spread(
    *, at: datetime, locations: Collection[int], items: Collection[int]
) -> tuple[dict[tuple[int, int], float], dict[int, float]]:
    """The same as ``daily_use`` and as ``daily_spread`` say, of the same movements. One query for both."""
    days = USE_PERIOD.days
    use: dict[tuple[int, int], float] = {}
    used: defaultdict[int, int] = defaultdict(int)
    variance: defaultdict[int, float] = defaultdict(float)
    for location, item, total, squares in _sums(at, locations, items):
        units = int(total)
        use[location, item] = units / days
        used[item] += units
        variance[item] += (float(squares) - units**2 / days) * days / (days - 1)
    return use, {
        item: max(1.0, (variance[item] + USUAL_SPREAD * _PRIOR_UNITS) / (units + _PRIOR_UNITS))
        for item, units in used.items()
    }


def _sums(at: datetime, locations: Collection[int], items: Collection[int]) -> Sequence[tuple[int, int, Any, Any]]:
    """Location, item, units used and the sum of the squares of the units of each day."""
    if not locations or not items:
        return []
    start, end = (str(connection.ops.adapt_datetimefield_value(moment)) for moment in (at - USE_PERIOD, at))
    statement = _STATEMENT.format(
        locations=", ".join(["%s"] * len(locations)),
        items=", ".join(["%s"] * len(items)),
        reasons=", ".join(f"'{reason}'" for reason in DEMAND),
        days_ago=_DAYS_AGO[connection.vendor],
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*locations, *items, start, end, end])
        found: list[tuple[int, int, Any, Any]] = cursor.fetchall()
    return found
