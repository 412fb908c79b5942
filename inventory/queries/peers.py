"""What the whole division uses of each item, and how long it keeps, by sort of place: what a place is held against."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from inventory.queries.calls import Place
from inventory.queries.usage import DEMAND
from inventory.queries.use_history import DIALECT, STANDS, Window, texts, weight

Key = tuple[int, int]  # sort of place, item


@dataclass(frozen=True, slots=True)
class Peers:
    """One item at all places of a sort that keep it, as sums that can be added and taken apart.

    ``used``, ``squares``: Σ w·u and Σ w·u² over their days; ``days``: Σ w over the days since each opened; ``calls``:
    Σ w × the calls a day of each. Over places, how they differ: ``used_used`` = Σ U², ``used_calls`` = Σ U·C and
    ``calls_calls`` = Σ C², with U a place's used and C its calls.
    """

    days: float = 0.0
    calls: float = 0.0
    calls_calls: float = 0.0
    used: float = 0.0
    squares: float = 0.0
    used_used: float = 0.0
    used_calls: float = 0.0


# The sort of each place is written out, as the database does not know it; whole numbers and floats of our own.
_PLACES = "busy (location_id, sort, weight, calls) AS (VALUES {rows})"
_USE = """
    WITH {places}, by_day AS (
        SELECT movement.source_id AS location_id, lot.item_id, {day} AS day, SUM(movement.quantity) AS used
          FROM (SELECT movement.*, {moment} AS at FROM inventory_stockmovement AS movement
                 WHERE movement.reason IN ({demand}) AND movement.moved_at >= %(since)s
                   AND movement.moved_at < %(until)s AND {stands}) AS movement
          JOIN inventory_lot AS lot ON lot.id = movement.lot_id
         GROUP BY movement.source_id, lot.item_id, {day}
    ), by_place AS (
        SELECT location_id, item_id, SUM(used * {weight}) AS used, SUM(used * used * {weight}) AS squares
          FROM by_day GROUP BY location_id, item_id
    )
    SELECT busy.sort, by_place.item_id, SUM(used), SUM(squares), SUM(used * used),
           SUM(used * busy.calls * busy.weight)
      FROM by_place
      JOIN busy ON busy.location_id = by_place.location_id
      JOIN inventory_parlevel AS par ON par.location_id = by_place.location_id AND par.item_id = by_place.item_id
     GROUP BY busy.sort, by_place.item_id
"""
_KEPT = """
    WITH {places}
    SELECT busy.sort, par.item_id, SUM(busy.weight), SUM(busy.calls * busy.weight),
           SUM(busy.calls * busy.weight * busy.calls * busy.weight)
      FROM inventory_parlevel AS par JOIN busy ON busy.location_id = par.location_id
     GROUP BY busy.sort, par.item_id
"""
# Lots as they come: how many days each unit had left when it reached a place of this sort; what comes without a date
# does not expire. What lies there now stands in where nothing came.
_LIVES = """
    WITH {places}
    SELECT busy.sort, lot.item_id, SUM(CASE WHEN lot.expires_on IS NULL THEN movement.quantity ELSE 0 END),
           SUM(CASE WHEN lot.expires_on IS NULL THEN 0 ELSE movement.quantity END),
           SUM(CASE WHEN lot.expires_on IS NULL THEN 0 ELSE movement.quantity * ({good} - {moment}) END)
      FROM inventory_stockmovement AS movement
      JOIN busy ON busy.location_id = movement.destination_id
      JOIN inventory_lot AS lot ON lot.id = movement.lot_id
     WHERE movement.reason IN ('received', 'delivered', 'restocked') AND movement.moved_at >= %(since)s
       AND movement.moved_at < %(until)s AND {stands}
     GROUP BY busy.sort, lot.item_id
"""
_LIVES_NOW = """
    SELECT -1, lot.item_id, SUM(CASE WHEN lot.expires_on IS NULL THEN level.on_hand ELSE 0 END),
           SUM(CASE WHEN lot.expires_on IS NULL THEN 0 ELSE level.on_hand END),
           SUM(CASE WHEN lot.expires_on IS NULL THEN 0 ELSE level.on_hand * ({good} - {history}) END)
      FROM inventory_stocklevel AS level JOIN inventory_lot AS lot ON lot.id = level.lot_id
     WHERE level.on_hand > 0 AND (lot.expires_on IS NULL OR lot.expires_on >= %(today)s)
     GROUP BY lot.item_id
"""


def peers(window: Window, places: Iterable[Place]) -> dict[Key, Peers]:
    """What each item's like use and for how many calls, by sort of place and item. Two queries."""
    listed = _listed(places)
    use = {(sort, item): sums for sort, item, *sums in _rows(_USE, window, listed)}
    return {
        (sort, item): Peers(*map(float, [*kept, *use.get((sort, item), ())]))
        for sort, item, *kept in _rows(_KEPT, window, listed)
    }


def lives(window: Window, places: Iterable[Place]) -> dict[Key, float | None]:
    """The usable days that units of an item have left when they come to places of a sort: the mean over what came.

    None: they mostly come without a date, and do not expire. Under the sort -1: of what is on hand anywhere now, for
    items of which nothing came. Two queries.
    """
    rows = [*_rows(_LIVES_NOW, window, ""), *_rows(_LIVES, window, _listed(places))]
    return {
        (sort, item): max(1.0, float(days) / float(dated)) if dated > undated else None
        for sort, item, undated, dated, days in rows
    }


def life_of(known: Mapping[Key, float | None], key: Key) -> float | None:
    """The life of an item at a sort of place; None where it does not expire, or nothing is known of it."""
    return known[key] if key in known else known.get((-1, key[1]))


def _listed(places: Iterable[Place]) -> str:
    rows = [
        f"({one.location_id}, {int(one.sort)}, {one.open_weight!r}, {one.calls_per_day!r})"
        for one in sorted(places, key=lambda one: one.location_id)
    ]
    return _PLACES.format(rows=", ".join(rows) or "(0, 0, 0.0, 0.0)")


def _rows(statement: str, window: Window, places: str) -> list[tuple[Any, ...]]:
    dialect, history = DIALECT[connection.vendor], f"{window.days}.0"
    text = statement.format(
        places=places,
        day=dialect["day"],
        moment=dialect["moment"],
        good=dialect["days_good"].format(history=history),
        demand=texts(DEMAND),
        stands=STANDS,
        history=history,
        weight=weight("(day + 0.5)", window),
    )
    with connection.cursor() as cursor:
        cursor.execute(text, window.parameters())
        return list(cursor.fetchall())
