"""How the chief's figures are answered."""

from typing import Any

from rest_framework import serializers

from dashboard.models import DailySnapshot
from integrations.api.serializers import Shown
from stations.models import Station


class FigureShown(serializers.Serializer[Any]):
    slug = serializers.CharField(source="definition.slug", read_only=True)
    title = serializers.CharField(source="definition.title", read_only=True)
    meaning = serializers.CharField(source="definition.meaning", read_only=True)
    number = serializers.FloatField(source="reading.number", read_only=True, allow_null=True)
    text = serializers.CharField(source="reading.text", read_only=True, help_text="The number as people read it.")
    made_of = serializers.CharField(source="reading.made_of", read_only=True)
    target = serializers.FloatField(source="target.number", read_only=True, allow_null=True)
    target_text = serializers.CharField(source="target.text", read_only=True)
    is_more_better = serializers.BooleanField(source="definition.is_more_better", read_only=True)
    is_met = serializers.BooleanField(read_only=True, allow_null=True)


class MetricsShown(serializers.Serializer[Any]):
    at = serializers.DateTimeField(read_only=True, help_text="When they were worked out.")
    figures = FigureShown(many=True, read_only=True)


class DayShown(Shown):
    station = serializers.SlugRelatedField[Station](
        slug_field="code", read_only=True, allow_null=True, help_text="Null: the whole division."
    )

    class Meta:
        model = DailySnapshot
        fields = (
            *("id", "day", "station", "taken_at", "stations", "stations_ready", "lines_asked", "lines_filled"),
            *("par_lines", "par_lines_out", "receipt_minutes", "backorders_overdue", "expiring_cents"),
            *("expired_cents", "places", "places_counted"),
        )
