"""How shortfalls, orders, shipments and runs are answered."""

from typing import Any

from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.models import Item
from orders.models import (
    DeliveryRun,
    Discrepancy,
    OrderLine,
    ResupplyOrder,
    Shipment,
    ShipmentLine,
    Shortfall,
    Stop,
    TransferProposal,
)
from stations.models import Station, Unit


class ShortfallShown(Shown):
    item = serializers.SlugRelatedField[Item](slug_field="sku", read_only=True)

    class Meta:
        model = Shortfall
        fields = (
            *("id", "location", "item", "par", "minimum", "usable", "expiring", "inbound", "awaiting", "need"),
            *("since", "swept_at"),
        )


class OrderLineShown(serializers.ModelSerializer[OrderLine]):
    item = serializers.SlugRelatedField[Item](slug_field="sku", read_only=True)

    class Meta:
        model = OrderLine
        fields = (
            *("id", "item", "location", "asked", "approved", "approval_reason", "allocated", "shipped"),
            *("received", "damaged", "missing", "cancelled"),
        )


class OrderShown(Shown):
    station = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    source: Any = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    priority = serializers.SerializerMethodField(help_text="routine, urgent or stat.")
    requested_by = serializers.CharField(source="requested_by.username", read_only=True, allow_null=True, default=None)
    lines = OrderLineShown(many=True, read_only=True)

    class Meta:
        model = ResupplyOrder
        fields = (
            *("id", "kind", "station", "source", "state", "priority", "needed_by", "is_automatic", "comment"),
            *("requested_by", "created_at", "submitted_at", "approved_at", "closed_at", "version", "lines"),
        )

    def get_priority(self, order: ResupplyOrder) -> str:
        return ResupplyOrder.Priority(order.priority).name.lower()


class ShipmentLineShown(serializers.ModelSerializer[ShipmentLine]):
    item = serializers.CharField(source="order_line.item.sku", read_only=True)
    order = serializers.IntegerField(source="order_line.order_id", read_only=True)
    lot = serializers.IntegerField(source="level.lot_id", read_only=True)

    class Meta:
        model = ShipmentLine
        fields = (
            *("id", "order", "item", "lot", "level", "quantity", "is_picked", "accepted", "damaged", "missing"),
            "receipt_reason",
        )


class ShipmentShown(Shown):
    source: Any = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    destination = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    lines = ShipmentLineShown(many=True, read_only=True)

    class Meta:
        model = Shipment
        fields = (
            *("id", "source", "destination", "state", "stop", "totes", "wait_reason", "created_at", "packed_at"),
            *("dispatched_at", "delivered_at", "received_at", "version", "lines"),
        )


class DiscrepancyShown(Shown):
    shipment = serializers.IntegerField(source="line.shipment_id", read_only=True)
    item = serializers.CharField(source="line.order_line.item.sku", read_only=True)
    lot = serializers.IntegerField(source="line.level.lot_id", read_only=True)
    settled_by = serializers.CharField(source="settled_by.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Discrepancy
        fields = (
            *("id", "shipment", "line", "item", "lot", "kind", "quantity", "reported_at", "resolution"),
            *("reason", "settled_by", "settled_at"),
        )


class TransferShown(Shown):
    item = serializers.SlugRelatedField[Item](slug_field="sku", read_only=True)

    class Meta:
        model = TransferProposal
        fields = (
            *("id", "item", "donor", "receiver", "quantity", "is_short", "expiring", "expires_on"),
            *("donor_usable", "donor_daily", "donor_keeps", "receiver_usable", "receiver_daily", "receiver_lacks"),
            *("value_cents", "metres", "worked_out_at"),
        )


class StopShown(Shown):
    station = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)

    class Meta:
        model = Stop
        fields = (
            *("id", "run", "station", "position", "state", "window_start", "window_end", "planned_at", "arrived_at"),
            *("left_at", "handed_to", "missed_reason"),
        )


class RunShown(Shown):
    depot = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    van = serializers.SlugRelatedField[Unit](slug_field="code", read_only=True)
    driver = serializers.CharField(source="driver.username", read_only=True, allow_null=True, default=None)
    stops = StopShown(many=True, read_only=True)

    class Meta:
        model = DeliveryRun
        fields = (
            *("id", "depot", "van", "driver", "run_on", "state", "leaves_at", "left_at", "completed_at"),
            *("distance_m", "is_locked", "version", "stops"),
        )
