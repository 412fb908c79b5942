"""How counts are answered."""

from typing import Any

from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.models import CountLine, CycleCount


class CountShown(Shown):
    opened_by = serializers.CharField(source="opened_by.username", read_only=True)
    line_count = serializers.IntegerField(read_only=True)
    left = serializers.IntegerField(read_only=True, help_text="Lines that nobody has counted yet.")

    class Meta:
        model = CycleCount
        fields = (
            *("id", "location", "state", "is_blind", "is_spot", "opened_by", "opened_at", "posted_at"),
            *("line_count", "left", "version"),
        )


class CountLineShown(Shown):
    item = serializers.CharField(source="lot.item.sku", read_only=True)
    lot_number = serializers.CharField(source="lot.number", read_only=True)
    expected = serializers.SerializerMethodField(help_text="Null while a blind count is open.")
    variance = serializers.SerializerMethodField(help_text="Counted less expected; null until both are known.")

    class Meta:
        model = CountLine
        fields = ("id", "item", "lot", "lot_number", "expected", "counted", "counted_at", "variance", "reason")

    def get_expected(self, line: CountLine) -> int | None:
        return None if _is_hidden(line) else line.expected

    def get_variance(self, line: CountLine) -> int | None:
        return None if _is_hidden(line) else line.variance


def _is_hidden(line: CountLine) -> bool:
    """Who counts blind does not see what the books expect until it is counted."""
    return line.count.is_blind and line.count.state == CycleCount.State.OPEN


class LinesCounted(serializers.Serializer[Any]):
    """Lines as they stand now."""

    lines = CountLineShown(many=True)
