"""The ledger added up again from its first line."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Difference:
    """Two numbers that must be equal and are not: of what, what is written, and what the lines add up to."""

    what: str
    written: int
    added_up: int


_LEVELS = """
    WITH line AS (
        SELECT destination_id AS location_id, lot_id, quantity FROM inventory_stockmovement
        UNION ALL SELECT source_id, lot_id, -quantity FROM inventory_stockmovement
    ), total AS (
        SELECT line.location_id, line.lot_id, SUM(line.quantity) AS quantity
          FROM line JOIN stations_location AS location ON location.id = line.location_id
         WHERE location.kind IN ('supply_room', 'safe', 'unit', 'van')
         GROUP BY line.location_id, line.lot_id
    )
    SELECT location_id, lot_id, SUM(written) AS written, SUM(added_up) AS added_up
      FROM (SELECT location_id, lot_id, on_hand AS written, 0 AS added_up FROM inventory_stocklevel
            UNION ALL SELECT location_id, lot_id, 0, quantity FROM total) AS both_sides
     GROUP BY location_id, lot_id HAVING SUM(written) <> SUM(added_up)
     ORDER BY location_id, lot_id
"""

_LOTS = """
    WITH virtual AS (
        SELECT lot_id, SUM(quantity) AS quantity
          FROM (SELECT destination_id AS location_id, lot_id, quantity FROM inventory_stockmovement
                UNION ALL SELECT source_id, lot_id, -quantity FROM inventory_stockmovement) AS line
          JOIN stations_location AS location ON location.id = line.location_id
         WHERE location.kind NOT IN ('supply_room', 'safe', 'unit', 'van')
         GROUP BY lot_id
    ), physical AS (
        SELECT lot_id, SUM(on_hand) AS quantity FROM inventory_stocklevel GROUP BY lot_id
    )
    SELECT lot_id, SUM(here), SUM(gone)
      FROM (SELECT lot_id, quantity AS here, 0 AS gone FROM physical
            UNION ALL SELECT lot_id, 0, -quantity FROM virtual) AS both_sides
     GROUP BY lot_id HAVING SUM(here) <> SUM(gone) ORDER BY lot_id
"""


def ledger_differences() -> list[Difference]:
    """Every stock level that is not the sum of its movements, and every lot whose places, virtual ends included, do not
    add up to zero. Empty when all is well. Two statements over the whole ledger."""
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS)
        levels = [
            Difference(f"On hand of lot {lot} at location {location}", int(written), int(added_up))
            for location, lot, written, added_up in cursor.fetchall()
        ]
        cursor.execute(_LOTS)
        lots = [
            Difference(f"Lot {lot} over all places, against what came in less what left", int(here), int(gone))
            for lot, here, gone in cursor.fetchall()
        ]
    return levels + lots
