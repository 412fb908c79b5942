"""Everything that is counted twice, counted again: the ledger, the promises, and how far each order line has come."""

from django.db import connection

from inventory.queries.ledger import Difference, ledger_differences

_ALLOCATED = """
    SELECT id, SUM(written), SUM(added_up)
      FROM (SELECT id, allocated - unfound AS written, 0 AS added_up
              FROM inventory_stocklevel WHERE allocated > 0
            UNION ALL
            SELECT line.level_id, 0, line.quantity
              FROM orders_shipmentline AS line JOIN orders_shipment AS shipment ON shipment.id = line.shipment_id
             WHERE shipment.state IN ('planned', 'picking', 'packed', 'to_collect')) AS both_sides
     GROUP BY id HAVING SUM(written) <> SUM(added_up) ORDER BY id
"""

_ORDER_LINES = """
    WITH moved AS (
        SELECT line.order_line_id,
               SUM(CASE WHEN shipment.state IN ('planned', 'picking', 'packed', 'to_collect')
                        THEN line.quantity ELSE 0 END) AS allocated,
               SUM(CASE WHEN shipment.state IN ('dispatched', 'delivered', 'received') THEN line.quantity ELSE 0 END)
                   AS shipped,
               SUM(COALESCE(line.accepted, 0)) AS received, SUM(line.damaged) AS damaged, SUM(line.missing) AS missing
          FROM orders_shipmentline AS line JOIN orders_shipment AS shipment ON shipment.id = line.shipment_id
         GROUP BY line.order_line_id
    )
    SELECT line.id, line.{column}, COALESCE(moved.{column}, 0)
      FROM orders_orderline AS line LEFT JOIN moved ON moved.order_line_id = line.id
     WHERE line.{column} <> COALESCE(moved.{column}, 0)
"""
_COUNTED = ("allocated", "shipped", "received", "damaged", "missing")


def all_differences() -> list[Difference]:
    """Every number of the ledger, of what is promised and of each order line that its own lines do not add up to."""
    found = ledger_differences()
    with connection.cursor() as cursor:
        cursor.execute(_ALLOCATED)
        found += [
            Difference(f"Allocated of stock level {level}", int(written), int(added_up))
            for level, written, added_up in cursor.fetchall()
        ]
        for column in _COUNTED:
            cursor.execute(_ORDER_LINES.format(column=column))
            found += [
                Difference(f"Order line {line}, {column}", int(written), int(added_up))
                for line, written, added_up in cursor.fetchall()
            ]
    return found
