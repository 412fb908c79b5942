"""How the walk of a run is answered."""

from typing import Any

from rest_framework import serializers


class LineToPick(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk", help_text="The shipment line's id.")
    quantity = serializers.IntegerField()
    is_picked = serializers.BooleanField()


class PartShown(serializers.Serializer[Any]):
    """What one shipment gets of a lot."""

    shipment = serializers.IntegerField(source="shipment.pk")
    station = serializers.CharField(source="shipment.destination.code")
    lines: Any = LineToPick(many=True)


class OtherLevelShown(serializers.Serializer[Any]):
    """A lot that could be taken instead."""

    level = serializers.IntegerField(source="pk", help_text="The stock level's id.")
    lot = serializers.IntegerField(source="lot_id")
    location = serializers.IntegerField(source="location_id")
    available = serializers.IntegerField()
    expires_on = serializers.DateField(source="lot.expires_on", allow_null=True)


class WaveLineShown(serializers.Serializer[Any]):
    """One lot at one place."""

    level = serializers.IntegerField(source="key", help_text="The stock level's id.")
    item = serializers.CharField(source="line.order_line.item.sku")
    lot = serializers.IntegerField(source="line.level.lot_id")
    location = serializers.IntegerField(source="line.level.location_id")
    quantity = serializers.IntegerField(help_text="Of all its parts, picked or not.")
    left = serializers.IntegerField(source="left_quantity", help_text="What can be picked now.")
    is_picked = serializers.BooleanField()
    parts = PartShown(many=True)
    others = OtherLevelShown(source="pick.others", many=True)


class WaveGroupShown(serializers.Serializer[Any]):
    """One stretch of the walk."""

    place = serializers.CharField()
    bin = serializers.CharField()
    lines = WaveLineShown(many=True)


class ToteShown(serializers.Serializer[Any]):
    """A shipment of the wave, and how far it is."""

    shipment = serializers.IntegerField(source="shipment.pk")
    station = serializers.CharField(source="shipment.destination.code")
    state = serializers.CharField(source="shipment.state")
    version = serializers.IntegerField(source="shipment.version")
    lines = serializers.IntegerField()
    picked = serializers.IntegerField()
    can_be_packed = serializers.BooleanField()


class WaveShown(serializers.Serializer[Any]):
    groups = WaveGroupShown(many=True, help_text="In the order of the bins.")
    totes = ToteShown(many=True, help_text="In the order of the stops.")
