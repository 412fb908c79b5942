"""How the limits of places are answered."""

from django.db.models import QuerySet
from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.access import visible_locations
from stations.models import Location, Unit, User


class LimitsShown(Shown):
    """Of a place, and of its whole station with its units. Null: no limit."""

    station = serializers.CharField(source="owner.code", read_only=True, help_text="Code.")
    unit = serializers.SlugRelatedField[Unit](slug_field="code", read_only=True, allow_null=True)
    stock_budget_cents = serializers.IntegerField(
        source="owner.stock_budget_cents", read_only=True, allow_null=True, help_text="Of the station, equipment apart."
    )

    class Meta:
        model = Location
        fields = ("id", "station", "unit", "kind", "volume_ml", "stock_budget_cents")


def limited_places(person: User) -> QuerySet[Location]:
    """The places where par levels make sense."""
    places = visible_locations(person).filter(kind__in=Location.PHYSICAL).exclude(kind=Location.Kind.VAN)
    return places.select_related("station", "unit__station")
