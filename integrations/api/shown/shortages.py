"""How what is short is answered: below a minimum, or at a source."""

from math import isfinite
from typing import Any

from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.models import Item
from orders.models import ResupplyOrder, Shortfall
from orders.queries.shares import StationShare

NOT_USED = "Null where none is used."


class ShortfallShown(Shown):
    item = serializers.SlugRelatedField[Item](slug_field="sku", read_only=True)

    class Meta:
        model = Shortfall
        fields = (
            *("id", "location", "item", "par", "minimum", "usable", "expiring", "inbound", "awaiting", "need"),
            *("since", "swept_at"),
        )


class ShareShown(serializers.Serializer[Any]):
    """What one place would get of it."""

    station = serializers.CharField(source="station.code", read_only=True)
    location = serializers.IntegerField(source="location.pk", read_only=True)
    priority = serializers.SerializerMethodField(help_text="That of its most urgent request: routine, urgent or stat.")
    lines = serializers.SerializerMethodField(help_text="Ids of the order lines that want it.")
    wanted = serializers.IntegerField(read_only=True)
    share = serializers.IntegerField(source="quantity", read_only=True, help_text="What it would get.")
    usable = serializers.IntegerField(source="need.usable", read_only=True, help_text="What it has.")
    coming = serializers.IntegerField(source="need.coming", read_only=True, help_text="Promised to it, or on its way.")
    per_day = serializers.FloatField(source="need.per_day", read_only=True)
    is_guess = serializers.BooleanField(
        source="need.is_guess", read_only=True, help_text="None was used there in four weeks: `per_day` is by its par."
    )
    days_before = serializers.SerializerMethodField(help_text=f"Days that its stock lasts. {NOT_USED}")
    days_after = serializers.SerializerMethodField(help_text=f"The same with its share. {NOT_USED}")

    def get_priority(self, share: StationShare) -> str:
        return ResupplyOrder.Priority(share.priority).name.lower()

    def get_lines(self, share: StationShare) -> list[int]:
        return [line.pk for line in share.lines]

    def get_days_before(self, share: StationShare) -> float | None:
        return share.days_before if isfinite(share.days_before) else None

    def get_days_after(self, share: StationShare) -> float | None:
        return share.days_after if isfinite(share.days_after) else None


class ShortageShown(serializers.Serializer[Any]):
    """An item that is short at its source, and how it would be shared."""

    item = serializers.CharField(source="item.sku", read_only=True)
    source: Any = serializers.CharField(source="source.code", read_only=True)
    wanted = serializers.IntegerField(read_only=True, help_text="By all who ask, in base units.")
    free = serializers.IntegerField(read_only=True, help_text="There, and promised to nobody.")
    promised_now = serializers.IntegerField(read_only=True, help_text="What `share` promises.")
    kept = serializers.IntegerField(read_only=True, help_text="What stays free for requests that wait for approval.")
    left = serializers.IntegerField(read_only=True, help_text="What expires too soon for all who ask.")
    why = serializers.CharField(source="sentence", read_only=True)
    seen = serializers.CharField(source="mark", read_only=True, help_text="Send it with `share`.")
    shares = ShareShown(many=True, read_only=True)
