"""The floor of W2: the same order, written by hand. One transaction for each step, one statement for each table.

Everything that the actions write is written, with the same locks in the same order; nothing comes to the client but
the numbers that the next step begins with. The quantities of a step go from table to table inside the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from ems_supply.bench.order_life import Life
from orders.models import Shipment

_COMMAND = """
    INSERT INTO stations_command (request_id, verb, fingerprint, by_id, at) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (request_id) DO NOTHING RETURNING id
"""
_EVENT = """
    INSERT INTO stations_event (command_id, subject_kind, subject_id, verb, comment, details)
    VALUES (%(command)s, %(kind)s, %(subject)s, %(verb)s, '', %(details)s)
"""
_LOCK = "SELECT version, state FROM {table} WHERE id = %(pk)s FOR NO KEY UPDATE"
_SUBMIT = """
    UPDATE orders_resupplyorder SET state = 'submitted', is_automatic = FALSE, requested_by_id = %(by)s,
           submitted_at = %(at)s, version = version + 1 WHERE id = %(order)s
"""
_STEP = """
    INSERT INTO orders_approvalstep (order_id, position, role, rule) VALUES (%(order)s, 1, 'logistics', 'standard')
"""
_DECIDE = "UPDATE orders_approvalstep SET decided_by_id = %(by)s, decided_at = %(at)s WHERE order_id = %(order)s"
_GRANT = "UPDATE orders_orderline SET approved = asked, approval_reason = '' WHERE order_id = %(order)s"
_APPROVE = """
    UPDATE orders_resupplyorder SET state = 'approved', approved_at = %(at)s, version = version + 1
     WHERE id = %(order)s
"""
_SHIPMENT = """
    INSERT INTO orders_shipment (source_id, destination_id, state, priority, totes, created_at, version,
                                 wait_reason)
    SELECT source_id, station_id, 'planned', priority, 0, %(at)s, 2, '' FROM orders_resupplyorder WHERE id = %(order)s
        ON CONFLICT (source_id, destination_id) WHERE state = 'planned'
        DO UPDATE SET version = orders_shipment.version + 1
    RETURNING id
"""
# First expired, first promised: what lies before a lot in the order of expiry has been taken by then.
_PROMISE = """
    INSERT INTO orders_shipmentline (shipment_id, order_line_id, level_id, quantity, is_picked, lot_reason, damaged,
                                     missing, receipt_reason)
    SELECT %(shipment)s, line_id, level_id, LEAST(free, owed - before), FALSE, '', 0, 0, ''
      FROM (SELECT line.id AS line_id, level.id AS level_id, level.on_hand - level.allocated AS free,
                   line.approved - line.allocated - line.shipped - line.cancelled AS owed,
                   COALESCE(SUM(level.on_hand - level.allocated) OVER (
                       PARTITION BY line.id ORDER BY lot.expires_on NULLS LAST, lot.id, level.id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
              FROM orders_orderline AS line
              JOIN orders_resupplyorder AS resupply ON resupply.id = line.order_id
              JOIN stations_station AS station ON station.id = resupply.station_id
              JOIN inventory_lot AS lot ON lot.item_id = line.item_id AND lot.status = 'usable'
              JOIN stations_location AS shelf
                ON shelf.station_id = resupply.source_id AND shelf.kind IN ('supply_room', 'safe')
              JOIN (SELECT id, lot_id, location_id, on_hand, allocated FROM inventory_stocklevel
                     WHERE on_hand > allocated AND lot_id IN (
                           SELECT lot.id FROM inventory_lot AS lot JOIN orders_orderline AS wanted USING (item_id)
                            WHERE wanted.order_id = %(order)s)
                     ORDER BY id FOR NO KEY UPDATE) AS level
                ON level.lot_id = lot.id AND level.location_id = shelf.id
             WHERE line.order_id = %(order)s
               AND (lot.expires_on IS NULL
                    OR lot.expires_on >= %(at)s::date + station.review_days + station.lead_days)) AS choice
     WHERE before < owed
"""
_ALLOCATE = """
    UPDATE inventory_stocklevel AS level SET allocated = level.allocated + line.quantity
      FROM orders_shipmentline AS line WHERE line.shipment_id = %(shipment)s AND line.level_id = level.id
"""
_COUNT_ALLOCATED = """
    UPDATE orders_orderline AS line SET allocated = line.allocated + sent.quantity
      FROM (SELECT order_line_id, SUM(quantity) AS quantity FROM orders_shipmentline
             WHERE shipment_id = %(shipment)s GROUP BY order_line_id) AS sent
     WHERE sent.order_line_id = line.id
"""
_BEGIN = """
    UPDATE orders_shipment SET state = 'picking', picker_id = %(by)s, version = version + 1 WHERE id = %(shipment)s
"""
_PICK = "UPDATE orders_shipmentline SET is_picked = TRUE WHERE shipment_id = %(shipment)s"
_TOUCH = "UPDATE orders_shipment SET version = version + 1 WHERE id = %(shipment)s"
_PACK = """
    UPDATE orders_shipment SET state = 'packed', totes = 1, packed_at = %(at)s, version = version + 1
     WHERE id = %(shipment)s
"""
_UNALLOCATE = _ALLOCATE.replace("level.allocated + line", "level.allocated - line")
_COUNT_SHIPPED = _COUNT_ALLOCATED.replace(
    "allocated = line.allocated + sent.quantity",
    "allocated = line.allocated - sent.quantity, shipped = line.shipped + sent.quantity",
)
_MOVE_OUT = """
    INSERT INTO inventory_stockmovement (lot_id, source_id, destination_id, quantity, reason, reference, moved_at,
                                         moved_by_id, command_id)
    SELECT level.lot_id, level.location_id, van.id, line.quantity, 'dispatched', %(number)s, %(at)s, %(by)s, %(command)s
      FROM orders_shipmentline AS line
      JOIN inventory_stocklevel AS level ON level.id = line.level_id
      JOIN stations_location AS van ON van.unit_id = %(van)s
     WHERE line.shipment_id = %(shipment)s
"""
_LEAVE = """
    UPDATE orders_shipment SET state = 'dispatched', dispatched_at = %(at)s, version = version + 1
     WHERE id = %(shipment)s
"""
_FULFIL = "UPDATE orders_resupplyorder SET state = 'in_fulfilment', version = version + 1 WHERE id = %(order)s"
_OUT = """
    UPDATE orders_deliveryrun SET state = 'out', left_at = %(at)s, driver_id = %(driver)s, version = version + 1
     WHERE id = %(run)s
"""
_HAND_OVER = """
    UPDATE orders_stop SET state = 'delivered', handed_to = 'Lee', arrived_at = %(at)s, left_at = %(at)s
     WHERE run_id = %(run)s RETURNING id
"""
_DELIVERED = """
    UPDATE orders_shipment SET state = 'delivered', delivered_at = %(at)s, version = version + 1
     WHERE id = %(shipment)s
"""
_ACCEPT = """
    UPDATE orders_shipmentline SET accepted = quantity, damaged = 0, missing = 0, receipt_reason = ''
     WHERE shipment_id = %(shipment)s
"""
_COUNT_RECEIVED = _COUNT_ALLOCATED.replace(
    "allocated = line.allocated + sent.quantity", "received = line.received + sent.quantity"
)
_MOVE_IN = """
    INSERT INTO inventory_stockmovement (lot_id, source_id, destination_id, quantity, reason, reference, moved_at,
                                         moved_by_id, command_id)
    SELECT level.lot_id, van.id, wanted.location_id, line.quantity, 'delivered', %(number)s, %(at)s, %(by)s, %(command)s
      FROM orders_shipmentline AS line
      JOIN orders_orderline AS wanted ON wanted.id = line.order_line_id
      JOIN inventory_stocklevel AS level ON level.id = line.level_id
      JOIN stations_location AS van ON van.unit_id = %(van)s
     WHERE line.shipment_id = %(shipment)s
"""
_RECEIVE = """
    UPDATE orders_shipment SET state = 'received', received_at = %(at)s, received_by_id = %(by)s, version = version + 1
     WHERE id = %(shipment)s
"""
_CLOSE = """
    UPDATE orders_resupplyorder SET state = 'closed', closed_at = %(at)s, version = version + 2
     WHERE id = %(order)s AND NOT EXISTS (
           SELECT 1 FROM orders_orderline AS line WHERE line.order_id = orders_resupplyorder.id
              AND line.approved > line.cancelled + line.received + line.damaged + line.missing)
"""


class ByHand(Life):
    """The same life with the same steps, each in SQL."""

    number: int

    def submit(self) -> None:
        with self._command("submit_order", self.desk.officer.pk) as values:
            self._lock("orders_resupplyorder", self.order.pk)
            _run(_SUBMIT, values)
            _run(_STEP, values)
            self._log(
                values, "submitted", "resupplyorder", self.order.pk, '{"approvers": ["Logistics: every request"]}'
            )

    def approve(self) -> None:
        with self._command("approve_order", self.desk.logistics.pk) as values:
            self._lock("orders_resupplyorder", self.order.pk)
            _run(_GRANT, values)
            _run(_DECIDE, values)
            _run(_APPROVE, values)
            self._log(values, "approved", "resupplyorder", self.order.pk, '{"next": "", "less": []}')
            values["shipment"] = self.number = int(_run(_SHIPMENT, values))
            for statement in (_PROMISE, _ALLOCATE, _COUNT_ALLOCATED):
                _run(statement, values)
            self._log(values, "promised stock", "resupplyorder", self.order.pk, '{"quantities": {}}')

    def begin_picking(self) -> None:
        with self._command("start_picking", self.desk.logistics.pk) as values:
            self._lock("orders_shipment", self.number)
            _run(_BEGIN, values)
            self._log(values, "began picking", "shipment", self.number)

    def pick(self) -> None:
        with self._command("confirm_picks", self.desk.logistics.pk) as values:
            self._lock("orders_resupplyorder", self.order.pk)
            self._lock("orders_shipment", self.number)
            _run(_PICK, values)
            _run(_TOUCH, values)
            self._log(values, "picked", "shipment", self.number, '{"taken": {}, "short": 0}')

    def pack(self) -> None:
        with self._command("pack_shipment", self.desk.logistics.pk) as values:
            self._lock("orders_shipment", self.number)
            _run(_PACK, values)
            self._log(values, "packed", "shipment", self.number, '{"totes": 1}')
        self.shipment = Shipment(pk=self.number, source_id=self.order.source_id)

    def dispatch(self) -> None:
        with self._command("dispatch_run", self.desk.logistics.pk) as values:
            self._lock("orders_deliveryrun", self.run.pk)
            self._lock("orders_resupplyorder", self.order.pk)
            self._lock("orders_shipment", self.number)
            for statement in (_UNALLOCATE, _COUNT_SHIPPED, _MOVE_OUT, _LEAVE, _FULFIL, _OUT):
                _run(statement, values)
            self._log(values, "left", "deliveryrun", self.run.pk, '{"stayed": [], "shipments": 1}')
            self._log(values, "left", "shipment", self.number)
            self._log(values, "shipped", "resupplyorder", self.order.pk)

    def deliver(self) -> None:
        with self._command("deliver_stop", self.desk.driver.pk) as values:
            self._lock("orders_deliveryrun", self.run.pk)
            stop = int(_run(_HAND_OVER, values))
            self._lock("orders_shipment", self.number)
            _run(_DELIVERED, values)
            self._log(values, "delivered", "stop", stop, '{"handed_to": "Lee"}')
            self._log(values, "delivered", "shipment", self.number, '{"handed_to": "Lee"}')

    def receive(self) -> None:
        with self._command("receive_shipment", self.desk.officer.pk) as values:
            self._lock("orders_resupplyorder", self.order.pk)
            self._lock("orders_shipment", self.number)
            for statement in (_ACCEPT, _COUNT_RECEIVED, _MOVE_IN, _RECEIVE, _CLOSE):
                _run(statement, values)
            self._log(values, "received", "shipment", self.number, '{"discrepancies": 0}')
            self._log(values, "received", "resupplyorder", self.order.pk)
            self._log(values, "closed", "resupplyorder", self.order.pk)

    @contextmanager
    def _command(self, verb: str, by: int) -> Iterator[dict[str, Any]]:
        """A transaction that begins with its command; the values that its statements may name."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_COMMAND, [uuid4(), verb, "", by, self.at])
                [command] = cursor.fetchone()
            run = getattr(self, "run", None)
            number = getattr(self, "number", None)
            yield {
                "command": command,
                "by": by,
                "at": self.at,
                "order": self.order.pk,
                "shipment": number,
                "number": f"S{number or 0:06d}",
                "run": run and run.pk,
                "van": self.desk.van.pk,
                "driver": self.desk.driver.pk,
            }

    def _lock(self, table: str, pk: int) -> None:
        _run(_LOCK.format(table=table), {"pk": pk})

    def _log(self, values: dict[str, Any], verb: str, kind: str, subject: int, details: str = "{}") -> None:
        _run(_EVENT, {"command": values["command"], "kind": kind, "subject": subject, "verb": verb, "details": details})


def _run(statement: str, values: dict[str, Any]) -> Any:
    """One statement; the first value that it answers, if it answers any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone() if cursor.description else None
    return row and row[0]
