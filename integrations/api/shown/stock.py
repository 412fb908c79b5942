"""How lots, stock and par levels are answered."""

from typing import Any

from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.models import Item, Lot, ParLevel, StockLevel, StockMovement


class LotShown(Shown):
    item = serializers.SlugRelatedField[Item](slug_field="sku", read_only=True)

    class Meta:
        model = Lot
        fields = ("id", "item", "number", "serial_number", "expires_on", "status")


class LevelShown(Shown):
    item = serializers.CharField(source="lot.item.sku", read_only=True)
    lot_number = serializers.CharField(source="lot.number", read_only=True)
    expires_on = serializers.DateField(source="lot.expires_on", read_only=True, allow_null=True)
    status = serializers.ChoiceField(source="lot.status", read_only=True, choices=Lot.Status.choices)
    available = serializers.IntegerField(read_only=True, help_text="On hand and not allocated.")
    unfound = serializers.IntegerField(
        read_only=True, help_text="Of the allocated: what a picker did not find, until it is counted."
    )

    class Meta:
        model = StockLevel
        fields = (
            *("id", "location", "item", "lot", "lot_number", "expires_on", "status"),
            *("on_hand", "allocated", "available", "unfound", "unfound_at"),
        )


class MovementShown(Shown):
    item = serializers.CharField(source="lot.item.sku", read_only=True)
    moved_by = serializers.CharField(source="moved_by.username", read_only=True, allow_null=True, default=None)
    witness = serializers.CharField(source="witness.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = StockMovement
        fields = (
            *("id", "item", "lot", "source", "destination", "quantity", "reason", "reference"),
            *("moved_at", "moved_by", "witness", "reverses", "command"),
        )


class MovementsMade(serializers.Serializer[Any]):
    """What a command moved: one movement for each lot that it took."""

    movements = MovementShown(many=True)


class ParLevelShown(Shown):
    item = serializers.SlugRelatedField[Item](slug_field="sku", read_only=True)

    class Meta:
        model = ParLevel
        fields = ("id", "location", "item", "par", "minimum", "short_below", "mandated_minimum", "bin", "version")
