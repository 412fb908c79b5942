"""Lots, and what is where."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import Reason
from integrations.api.base import Reads
from integrations.api.fields import One
from integrations.api.filters import filters, is_some
from integrations.api.once import command_of
from integrations.api.shown.stock import LevelShown, LotShown
from integrations.api.verbs import verb
from inventory.access import visible_levels, visible_lots
from inventory.actions.lots import set_lot_status
from inventory.models import Lot, StockLevel
from stations.models import User


class StatusAsked(Reason):
    """What a lot is from now on, everywhere."""

    status = One(choices=Lot.Status.choices)
    was = One(choices=Lot.Status.choices, required=False, help_text="The status that you read: 409 if it is another.")


class Lots(Reads):
    """Lots of items; a serialized piece of equipment is a lot of one."""

    area = "items"
    queryset = Lot.objects.all()
    serializer_class = LotShown
    filterset_class = filters(Lot, "number", "status", item="item__sku")

    def seen_by(self, person: User) -> QuerySet[Lot]:
        return visible_lots(person).select_related("item")

    @verb(StatusAsked, LotShown, has_version=False)
    def hold(self, request: Request, pk: str) -> Response:
        """Quarantine, recall or release it everywhere at once, with the reason. Logistics only."""
        asked = self.body(StatusAsked).validated_data
        lot = get_object_or_404(visible_lots(self.person), pk=pk)
        return self.done(set_lot_status(lot=lot, **asked, **command_of(request)))


class Stock(Reads):
    """How much of each lot is where."""

    area = "stock"
    queryset = StockLevel.objects.all()
    serializer_class = LevelShown
    filterset_class = filters(StockLevel, "location", "lot", item="lot__item__sku", is_unfound=is_some("unfound"))

    def seen_by(self, person: User) -> QuerySet[StockLevel]:
        return visible_levels(person).select_related("lot__item")
