"""Shelves without anything usable of a life-saving item."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

# Out by the rule of ``inventory.queries.states``, for these few par levels alone: summing the stock of all of them, of
# which PostgreSQL expects next to none, took it 20 s where this takes a moment. A test compares the two.
_STATEMENT = """
    SELECT place.station_id, place.id, item.id, item.name
      FROM inventory_item AS item
      JOIN inventory_parlevel AS par ON par.item_id = item.id AND par.par > 0
      JOIN stations_location AS place ON place.id = par.location_id AND place.kind IN ('supply_room', 'safe')
      JOIN stations_station AS station ON station.id = place.station_id
      LEFT JOIN inventory_kindpolicy AS policy ON policy.kind = item.kind
     WHERE item.criticality = 'A' AND NOT EXISTS (
           SELECT 1 FROM inventory_lot AS lot JOIN inventory_stocklevel AS level ON level.lot_id = lot.id
            WHERE lot.item_id = par.item_id AND level.location_id = par.location_id
              AND lot.status = 'usable' AND level.on_hand > level.allocated
              AND (lot.expires_on IS NULL OR lot.expires_on >= {until}))
     ORDER BY place.id, item.id
"""
_HORIZON = "COALESCE(policy.horizon_days, station.review_days + station.lead_days)"


@dataclass(frozen=True, slots=True)
class Outage:
    """A life-saving item of which nothing usable is on a shelf that should have some; ids, and its name."""

    station: int
    location: int
    item: int
    item_name: str


def outages(*, at: datetime) -> list[Outage]:
    """All of the division. One query."""
    is_postgresql = connection.vendor == "postgresql"
    until = f"CAST(%s AS date) + {_HORIZON}" if is_postgresql else f"date(%s, '+' || {_HORIZON} || ' days')"
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT.format(until=until), [timezone.localdate(at).isoformat()])
        return [Outage(*row) for row in cursor.fetchall()]
