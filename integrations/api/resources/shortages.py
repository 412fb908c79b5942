"""What is short: at a station, below its minimum; at a source, of what everybody asks of it, and how it is shared."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import item_of
from integrations.api.base import Lists, Reads
from integrations.api.fields import Text
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.shortages import ShortageShown, ShortfallShown
from integrations.api.verbs import command
from inventory.access import visible_locations
from inventory.models import Item
from inventory.queries.horizons import Horizons
from orders.actions.shares import share_stock
from orders.models import Shortfall
from orders.queries.claims import weigh
from orders.queries.shares import proposals
from stations.access import require_role, station_for
from stations.models import User


class Shortfalls(Reads):
    """What is below its minimum, with the numbers that explain it; kept by the sweep."""

    area = "par-levels"
    queryset = Shortfall.objects.all()
    serializer_class = ShortfallShown
    filterset_class = filters(Shortfall, "location", item="item__sku")

    def seen_by(self, person: User) -> QuerySet[Shortfall]:
        return Shortfall.objects.filter(location__in=visible_locations(person)).select_related("item")


class ShareAsked(Asked):
    source: Any = Text(max_length=20, help_text="Code of the station that has too little.")
    item = Text(max_length=40, help_text="SKU.")
    seen = Text(max_length=64, help_text="The `seen` of the proposal that was read.")


class StockShared(serializers.Serializer[Any]):
    promised = serializers.IntegerField(help_text="Base units.")


class Shortages(Lists):
    """What a source cannot give everybody who asks: approved lines and requests that wait."""

    area = "orders"
    parameters = ()
    queryset = Item.objects.all()
    serializer_class = ShortageShown
    filterset_class = filters(Item, item="sku")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Each item that is short at its source, with who would get how much of it and why. Worked out now; it goes on
        after an item's id."""
        at = timezone.now()
        horizons = Horizons(timezone.localdate(at))
        found = weigh(horizons)
        items = self.filter_queryset(Item.objects.filter(pk__in={one.item_id for one in found.short}))
        page = {item.pk for item in self.paginate_queryset(items) or ()}
        short = [one for one in found.short if one.item_id in page]
        proposed = proposals(short, at=at, horizons=horizons, free=found.free)
        rows = sorted(proposed.values(), key=lambda one: (one.item.pk, one.source.pk))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @command(ShareAsked, StockShared, makes=False)
    def share(self, request: Request) -> Response:
        """Promise what is short as it was proposed. Refused if it would be shared otherwise by now. Logistics only."""
        asked = self.body(ShareAsked).validated_data
        source = station_for(self.person, asked["source"], write=True)
        item = item_of(asked["item"])
        promised = share_stock(source=source, item=item, seen=asked["seen"], **command_of(request))
        return Response(StockShared({"promised": promised}).data)
