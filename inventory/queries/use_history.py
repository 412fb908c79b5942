"""What was used where over a year, from the ledger: the sums that par levels are worked out from.

One statement per chunk of stations, on both databases. Days are counted back from the last midnight, 24 hours each:
where the clocks change, an hour of the night falls to the neighbouring day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.utils import timezone

from inventory.policy.estimates import HALF_LIFE_DAYS
from inventory.queries.usage import DEMAND

_WHOLE = 7  # the first columns of a row are whole numbers
HISTORY_DAYS = 364  # whole weeks, so that every weekday counts alike

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

# A movement that stands: neither undone nor the undoing of another.
STANDS = """movement.reverses_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM inventory_stockmovement AS undone WHERE undone.reverses_id = movement.id)"""

_STATEMENT = """
    WITH place AS (
        SELECT location.id AS location_id
          FROM stations_location AS location
          LEFT JOIN stations_unit AS unit ON unit.id = location.unit_id
         WHERE COALESCE(location.station_id, unit.station_id) IN ({stations}) AND location.kind <> 'van'
    ), moved AS (
        SELECT movement.source_id AS location_id, lot.item_id, movement.lot_id, {moment} AS at,
               -movement.quantity AS change,
               CASE WHEN movement.reason IN ({demand}) THEN movement.quantity ELSE 0 END AS used
          FROM place
          JOIN inventory_stockmovement AS movement ON movement.source_id = place.location_id
          JOIN inventory_lot AS lot ON lot.id = movement.lot_id
         WHERE movement.moved_at >= %(since)s AND {stands}
         UNION ALL
        SELECT movement.destination_id, lot.item_id, movement.lot_id, {moment}, movement.quantity, 0
          FROM place
          JOIN inventory_stockmovement AS movement ON movement.destination_id = place.location_id
          JOIN inventory_lot AS lot ON lot.id = movement.lot_id
         WHERE movement.moved_at >= %(since)s AND {stands}
    ), since AS (
        SELECT location_id, lot_id, SUM(change) AS change FROM moved GROUP BY location_id, lot_id
    ), step AS (
        SELECT location_id, item_id, lot_id, at, change FROM moved
         UNION ALL
        SELECT level.location_id, lot.item_id, level.lot_id, {zero}, level.on_hand - COALESCE(since.change, 0)
          FROM place
          JOIN inventory_stocklevel AS level ON level.location_id = place.location_id
          JOIN inventory_lot AS lot ON lot.id = level.lot_id
          LEFT JOIN since ON since.location_id = level.location_id AND since.lot_id = level.lot_id
    ), held AS (
        SELECT location_id, item_id, lot_id, at, SUM(change) OVER line AS units, LEAD(at) OVER line AS until
          FROM step WINDOW line AS (PARTITION BY location_id, lot_id ORDER BY at)
    ), ended AS (
        SELECT lot.id AS lot_id, {days_good} AS good, {held_since} AS stopped
          FROM inventory_lot AS lot WHERE lot.id IN (SELECT lot_id FROM step)
    ), span AS (
        SELECT held.location_id, held.item_id, held.at AS opens, {closes} AS closes
          FROM held JOIN ended ON ended.lot_id = held.lot_id WHERE held.units > 0
    ), piece AS (
        SELECT location_id, item_id, opens, closes,
               MAX(closes) OVER (PARTITION BY location_id, item_id ORDER BY opens, closes
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
          FROM span WHERE closes > opens
    ), fresh AS (
        SELECT location_id, item_id, CASE WHEN covered > opens THEN covered ELSE opens END AS opens, closes
          FROM piece WHERE covered IS NULL OR closes > covered
    ), stocked AS (
        SELECT location_id, item_id, SUM(closes - opens) AS days,
               SUM(({weight_closes} - {weight_opens}) * {half_life} / {ln2}) AS weighted
          FROM fresh GROUP BY location_id, item_id
    ), by_day AS (
        SELECT location_id, item_id, {day} AS day, SUM(used) AS used
          FROM moved WHERE used > 0 AND at < {history} GROUP BY location_id, item_id, {day}
    ), demand AS (
        SELECT location_id, item_id, SUM(used) AS units, SUM(used * {weight_day}) AS weighted,
               SUM(used * used * {weight_day}) AS squares
          FROM by_day GROUP BY location_id, item_id
    )
    SELECT par.location_id, par.item_id, par.par, par.minimum, COALESCE(par.short_below, par.minimum),
           par.mandated_minimum, par.version,
           COALESCE(demand.units, 0), COALESCE(demand.weighted, 0), COALESCE(demand.squares, 0),
           COALESCE(stocked.days, 0), COALESCE(stocked.weighted, 0)
      FROM place
      JOIN inventory_parlevel AS par ON par.location_id = place.location_id
      LEFT JOIN demand ON demand.location_id = par.location_id AND demand.item_id = par.item_id
      LEFT JOIN stocked ON stocked.location_id = par.location_id AND stocked.item_id = par.item_id
     ORDER BY par.location_id, par.item_id
"""


@dataclass(frozen=True)
class Usage:
    """The par levels of some stations, one row each, and what the ledger says of them.

    ``used``: base units in the window; ``weighted_used``, ``squares``: Σ w·u and Σ w·u² over its days, w = ½^(age ÷
    half-life); ``days``: those on which there was usable stock, ``weighted_days``: Σ w over them.
    """

    location: Whole
    item: Whole
    par: Whole
    minimum: Whole
    short_below: Whole
    mandated: Whole
    version: Whole
    used: Whole
    weighted_used: Floats
    squares: Floats
    days: Floats
    weighted_days: Floats

    def taken(self, rows: npt.NDArray[np.intp]) -> Self:
        """These rows only."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


@dataclass(frozen=True)
class Window:
    """The whole days of history before a moment, in the division's time zone."""

    today: date
    days: int
    since: datetime
    until: datetime

    @classmethod
    def before(cls, at: datetime, days: int = HISTORY_DAYS) -> "Window":
        midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
        until = midnight.astimezone(UTC)  # so that a day back is 24 hours back
        return cls(midnight.date(), days, until - timedelta(days=days), until)

    def parameters(self) -> dict[str, str]:
        return {
            "since": str(connection.ops.adapt_datetimefield_value(self.since)),
            "until": str(connection.ops.adapt_datetimefield_value(self.until)),
            "today": self.today.isoformat(),
        }


def usage(window: Window, stations: Sequence[int]) -> Usage:
    """The use and the stocked days of every par level of these stations and their units. One query.

    Use is what left a place for patients, waste, units and other stations; what was undone since, and its undoing, do
    not count. The stock of each lot is followed back from what is there now, to the second: a place was without from
    the moment its last usable unit left to the moment the next came. A lot counts until it expires or was held back.
    Promised stock counts as there, as the ledger does not know promises.
    """
    with connection.cursor() as cursor:
        cursor.execute(_statement(window, stations), window.parameters())
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * 11
    names = [field.name for field in fields(Usage)]
    made: dict[str, Any] = {
        name: np.array(column, dtype=np.int64 if number < _WHOLE else np.float64)
        for number, (name, column) in enumerate(zip(names, columns, strict=True))
    }
    return Usage(**made)


def _statement(window: Window, stations: Sequence[int]) -> str:
    history = f"{window.days}.0"
    parts = {name: text.format(history=history) for name, text in DIALECT[connection.vendor].items()}
    ends = [f"COALESCE(held.until, {history})", history]
    ends += [f"COALESCE(ended.{end}, {history})" for end in ("good", "stopped")]
    return _STATEMENT.format(
        stations=", ".join(str(int(pk)) for pk in stations) or "NULL",
        demand=texts(DEMAND),
        stands=STANDS,
        closes=f"{parts['least']}({', '.join(ends)})",
        history=history,
        half_life=HALF_LIFE_DAYS,
        ln2=repr(float(np.log(2))),
        weight_opens=weight("opens", window),
        weight_closes=weight("closes", window),
        weight_day=weight("(day + 0.5)", window),
        **parts,
    )


def weight(moment: str, window: Window) -> str:
    """½^(age ÷ half-life) at a moment in days since the window began, in SQL."""
    half = "CAST(0.5 AS double precision)" if connection.vendor == "postgresql" else "0.5"
    return f"POWER({half}, ({window.days}.0 - {moment}) / {HALF_LIFE_DAYS})"


_SINCE_POSTGRESQL = "CAST(EXTRACT(EPOCH FROM {} - CAST(%(since)s AS timestamptz)) / 86400 AS double precision)"
_HELD = """CASE WHEN lot.status <> 'usable' THEN (
            SELECT MAX({}) FROM stations_event AS event
              JOIN stations_command AS command ON command.id = event.command_id
             WHERE event.subject_kind = 'lot' AND event.subject_id = lot.id
               AND event.verb IN ('quarantined', 'recalled')) END"""
# What each database says differently: moments are days since the window began, with their fraction.
DIALECT = {
    "postgresql": {
        "zero": "CAST(0 AS double precision)",
        "moment": _SINCE_POSTGRESQL.format("movement.moved_at"),
        "held_since": _HELD.format(_SINCE_POSTGRESQL.format("command.at")),
        "days_good": "CAST(lot.expires_on - CAST(%(today)s AS date) + 1 + {history} AS double precision)",
        "day": "FLOOR(at)",
        "least": "LEAST",
    },
    "sqlite": {
        "zero": "0.0",
        "moment": "(julianday(movement.moved_at) - julianday(%(since)s))",
        "held_since": _HELD.format("julianday(command.at) - julianday(%(since)s)"),
        "days_good": "(julianday(lot.expires_on) - julianday(%(today)s) + 1 + {history})",
        "day": "CAST(at AS INTEGER)",
        "least": "MIN",
    },
}


def texts(words: Sequence[str]) -> str:
    """Constants of this project as a list of SQL texts."""
    return ", ".join(f"'{word}'" for word in words)
