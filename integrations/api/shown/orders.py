"""How orders, shipments and runs are answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.models import Item
from orders.models import (
    DeliveryRun,
    Discrepancy,
    DiscrepancyPhoto,
    OrderLine,
    ResupplyOrder,
    Shipment,
    ShipmentLine,
    Stop,
    TransferProposal,
)
from orders.queries.substitutes import Instead
from stations.models import Station, Unit


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


class SubstituteOffered(serializers.Serializer[Any]):
    """An item that could be sent instead of what a line lacks."""

    line = serializers.IntegerField()
    item = serializers.CharField(source="offer.item.sku")
    free = serializers.IntegerField(source="offer.free", help_text="At the source, in base units.")
    quantity = serializers.IntegerField(source="offer.quantity", help_text="So much of it would be asked for.")
    covers = serializers.IntegerField(source="offer.covers", help_text="Instead of so much of the line.")


class SubstitutesShown(serializers.Serializer[Any]):
    substitutes = SubstituteOffered(many=True)


def shown_substitutes(found: Mapping[int, Sequence[Instead]]) -> Any:
    """What could be sent instead, by line id, as an answer."""
    rows = [{"line": line, "offer": offer} for line, offers in found.items() for offer in offers]
    return SubstitutesShown({"substitutes": rows}).data


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


class PhotoShown(serializers.ModelSerializer[DiscrepancyPhoto]):
    """A photo, without the photo."""

    address = serializers.SerializerMethodField(help_text="Where it is, as image/jpeg.")

    class Meta:
        model = DiscrepancyPhoto
        fields = ("id", "number", "width", "height", "address")

    def get_address(self, photo: DiscrepancyPhoto) -> str:
        return reverse("api_discrepancies-photo", args=[photo.pk])


class DiscrepancyShown(Shown):
    shipment = serializers.IntegerField(source="line.shipment_id", read_only=True)
    item = serializers.CharField(source="line.order_line.item.sku", read_only=True)
    lot = serializers.IntegerField(source="line.level.lot_id", read_only=True)
    settled_by = serializers.CharField(source="settled_by.username", read_only=True, allow_null=True, default=None)
    photos = PhotoShown(source="line.photos", many=True, read_only=True, help_text="Of its line.")

    class Meta:
        model = Discrepancy
        fields = (
            *("id", "shipment", "line", "item", "lot", "kind", "quantity", "reported_at", "resolution"),
            *("reason", "settled_by", "settled_at", "photos"),
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
