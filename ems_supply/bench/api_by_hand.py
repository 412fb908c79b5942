"""The floor of A1: the statements that each answer needs, and the JSON of what they give."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Model

from inventory.models import Lot, StockMovement
from orders.models import OrderLine, ResupplyOrder
from stations.models import Location, User

_LIST = """
    SELECT level.id, level.location_id, item.sku, lot.id, lot.number, lot.expires_on, lot.status, level.on_hand,
           level.allocated, level.on_hand - level.allocated
      FROM inventory_stocklevel AS level JOIN inventory_lot AS lot ON lot.id = level.lot_id
      JOIN inventory_item AS item ON item.id = lot.item_id
     WHERE level.id > 0 ORDER BY level.id LIMIT 101
"""
_ORDER = """
    SELECT resupply.*, station.code, source.code, person.username
      FROM orders_resupplyorder AS resupply JOIN stations_station AS station ON station.id = resupply.station_id
      LEFT JOIN stations_station AS source ON source.id = resupply.source_id
      LEFT JOIN stations_user AS person ON person.id = resupply.requested_by_id
     WHERE resupply.id = %s
"""
_LINES = """
    SELECT line.*, item.sku FROM orders_orderline AS line JOIN inventory_item AS item ON item.id = line.item_id
     WHERE line.order_id = %s
"""
_KEY = """
    INSERT INTO integrations_apicall (user_id, key, fingerprint, status, answer, etag, created_at)
    VALUES (%s, %s, '', 201, %s, '', %s) ON CONFLICT (user_id, key) DO NOTHING
"""
_COMMAND = """
    INSERT INTO stations_command (request_id, verb, fingerprint, by_id, at) VALUES (%s, 'bench', '', %s, %s)
        ON CONFLICT (request_id) DO NOTHING RETURNING id
"""
_EVENT = """
    INSERT INTO stations_event (command_id, subject_kind, subject_id, verb, comment, details)
    VALUES (%s, %s, %s, 'bench', '', '{}')
"""
_COPY = """
    INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {where} RETURNING id
"""


class ByHand:
    """The same answers. What is written is copied from what the API wrote, row by row of the same width."""

    def __init__(self, order: int, at: datetime) -> None:
        self.order, self.at = order, at
        self.person = User.objects.values_list("pk", flat=True).get(username="logistics1")
        self.shelf = (
            Location.objects.filter(kind=Location.Kind.SUPPLY_ROOM).order_by("pk").values_list("pk", flat=True)[0]
        )
        self.supplier = Location.objects.virtual(Location.Kind.SUPPLIER).pk
        self.lots = list(Lot.objects.order_by("pk").values_list("pk", flat=True)[:20])

    def listed(self) -> object:
        return json.dumps(self._all(_LIST), default=str)

    def detail(self) -> object:
        return json.dumps([self._all(_ORDER, self.order), self._all(_LINES, self.order)], default=str)

    def draft(self) -> object:
        """The key, the command, the order, its lines, the event, and the answer as it is kept."""
        with transaction.atomic():
            command = self._begin()
            made = self._copy(ResupplyOrder, "id = %s", [self.order], {"created_at": self.at})
            self._copy(OrderLine, "order_id = %s", [self.order], {"order_id": made})
            self._run(_EVENT, command, "resupplyorder", made)
            return self.detail()

    def bulk(self, rows: int) -> object:
        """The key, the command, its movements in one statement, the event, and the movements as an answer."""
        with transaction.atomic():
            command = self._begin()
            made = StockMovement._meta.db_table
            self._run(
                f"INSERT INTO {made} (lot_id, source_id, destination_id, quantity, reason, reference, moved_at, "
                "moved_by_id, command_id) SELECT (%s::bigint[])[1 + number %% %s], %s, %s, 1, 'received', '', %s, %s, "
                "%s FROM generate_series(1, %s) AS number",
                self.lots, len(self.lots), self.supplier, self.shelf, self.at, self.person, command, rows,
            )  # fmt: skip
            self._run(_EVENT, command, "stockmovement", 1)
            return json.dumps(self._all(f"SELECT * FROM {made} WHERE command_id = %s", command), default=str)

    def _begin(self) -> int:
        self._run(_KEY, self.person, str(uuid4()), "{}", self.at)
        [[command]] = self._all(_COMMAND, uuid4(), self.person, self.at)
        return int(command)

    def _copy(self, model: type[Model], where: str, arguments: list[Any], changed: dict[str, Any]) -> int:
        names = [str(field.column) for field in model._meta.concrete_fields[1:]]
        values = ["%s" if name in changed else name for name in names]
        table = model._meta.db_table
        sql = _COPY.format(table=table, columns=", ".join(names), values=", ".join(values), where=where)
        made = self._all(sql, *(changed[name] for name in names if name in changed), *arguments)
        return int(made[0][0])

    def _run(self, sql: str, *arguments: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments)

    def _all(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return list(cursor.fetchall())
