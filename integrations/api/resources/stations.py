"""Stations and their units."""

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.actions.asking import ask_for
from integrations.api.asked import ItemLine, item_of, items_of, lines_field
from integrations.api.base import CODE, Reads
from integrations.api.fields import Text
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.stations import StationShown, UnitShown
from integrations.api.shown.stock import MovementShown, MovementsMade
from integrations.api.verbs import verb
from inventory.actions.stock import Used, restock_unit
from inventory.models import StockMovement
from stations.access import station_for, unit_for, visible_stations
from stations.models import Station, Unit, User


class Restock(Asked):
    lines = lines_field(ItemLine, min_length=1)


class AskedFor(Asked):
    item = Text(max_length=40, help_text="SKU of what the station should request.")


class Stations(Reads):
    """Where people and stock are."""

    area = "stations"
    write_area = "orders"
    queryset = Station.objects.all()
    serializer_class = StationShown
    lookup_field = "code"
    lookup_value_regex = CODE
    filterset_class = filters(Station, "kind", supplied_by="supplied_by__code")

    def seen_by(self, person: User) -> QuerySet[Station]:
        return visible_stations(person).select_related("supplied_by").prefetch_related("locations")

    @verb(AskedFor, StationShown, has_version=False)
    def ask_for(self, request: Request, code: str) -> Response:
        """Tell those who keep it to request an item that it should hold. Chiefs only, once a day for each item."""
        sku = self.body(AskedFor).validated_data["item"]
        station = station_for(self.person, code)
        ask_for(station=station, item=item_of(sku), **command_of(request))
        return self.done(station)


class Units(Reads):
    """Ambulances, other vehicles, and vans."""

    area = "stations"
    write_area = "stock"
    queryset = Unit.objects.all()
    serializer_class = UnitShown
    lookup_field = "code"
    lookup_value_regex = CODE
    filterset_class = filters(Unit, "kind", "is_in_service", station="station__code")

    def seen_by(self, person: User) -> QuerySet[Unit]:
        return Unit.objects.filter(station__in=visible_stations(person)).select_related("station", "location")

    @verb(Restock, MovementsMade, has_version=False, makes=True)
    def restock(self, request: Request, code: str) -> Response:
        """Put this aboard, from the shelves of its station, what expires first first."""
        asked = self.body(Restock).validated_data
        items = items_of(asked["lines"])
        lines = [Used(items[line["item"]].pk, line["quantity"], line.get("lot")) for line in asked["lines"]]
        made = restock_unit(unit=unit_for(self.person, code, write=True), lines=lines, **command_of(request))
        rows = StockMovement.objects.filter(command=made.command_id).order_by("pk")
        shown = MovementShown(rows.select_related("lot__item", "moved_by", "witness"), many=True)
        return Response({"movements": shown.data}, status=201)
