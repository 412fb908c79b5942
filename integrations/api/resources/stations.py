"""Stations and their units."""

from django.db.models import QuerySet

from integrations.api.base import Reads
from integrations.api.filters import filters
from integrations.api.shown.stations import StationShown, UnitShown
from stations.access import visible_stations
from stations.models import Station, Unit, User


class Stations(Reads):
    """Where people and stock are."""

    area = "stations"
    queryset = Station.objects.all()
    serializer_class = StationShown
    lookup_field = "code"
    lookup_value_regex = r"[^/]+"
    filterset_class = filters(Station, "kind", supplied_by="supplied_by__code")

    def seen_by(self, person: User) -> QuerySet[Station]:
        return visible_stations(person).select_related("supplied_by").prefetch_related("locations")


class Units(Reads):
    """Ambulances, other vehicles, and vans."""

    area = "stations"
    queryset = Unit.objects.all()
    serializer_class = UnitShown
    lookup_field = "code"
    lookup_value_regex = r"[^/]+"
    filterset_class = filters(Unit, "kind", "is_in_service", station="station__code")

    def seen_by(self, person: User) -> QuerySet[Unit]:
        return Unit.objects.filter(station__in=visible_stations(person)).select_related("station", "location")
