"""How stations and their units are answered."""

from rest_framework import serializers

from integrations.api.serializers import Shown
from stations.models import Location, Station, Unit


class LocationShown(serializers.ModelSerializer[Location]):
    class Meta:
        model = Location
        fields = ("id", "kind", "name")


class StationShown(Shown):
    supplied_by = serializers.SlugRelatedField[Station](slug_field="code", read_only=True, allow_null=True)
    locations = LocationShown(many=True, read_only=True, help_text="Its supply room and its safe.")
    delivery_days = serializers.SerializerMethodField(help_text="Weekdays on which a van may come, 0 is Monday.")

    class Meta:
        model = Station
        fields = (
            *("id", "code", "name", "kind", "supplied_by", "address", "latitude", "longitude"),
            *("window_start", "window_end", "delivery_days", "review_days", "lead_days", "locations"),
        )

    def get_delivery_days(self, station: Station) -> list[int]:
        return [day for day in range(7) if station.takes_deliveries_on(day)]


class UnitShown(Shown):
    station = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    location = serializers.PrimaryKeyRelatedField[Location](read_only=True, help_text="Where its stock is.")

    class Meta:
        model = Unit
        fields = (
            *("id", "code", "kind", "station", "location", "is_in_service", "max_weight_g", "max_volume_ml"),
            *("shift_start", "shift_end", "carries_cold", "crew"),
        )
