"""Items, lots, and what is where."""

from django.db.models import QuerySet

from integrations.api.base import CODE, Reads
from integrations.api.filters import filters
from integrations.api.shown.stock import ItemShown, LevelShown, LotShown
from inventory.access import visible_levels, visible_lots
from inventory.models import Item, Lot, StockLevel
from stations.models import User


class Items(Reads):
    """The catalogue. Quantities everywhere are base units (each)."""

    area = "items"
    queryset = Item.objects.all()
    serializer_class = ItemShown
    lookup_field = "sku"
    lookup_value_regex = CODE
    filterset_class = filters(Item, "kind", "criticality", "is_active", "gtin", "ndc")

    def seen_by(self, person: User) -> QuerySet[Item]:
        return Item.objects.prefetch_related("packs")


class Lots(Reads):
    """Lots of items; a serialized piece of equipment is a lot of one."""

    area = "items"
    queryset = Lot.objects.all()
    serializer_class = LotShown
    filterset_class = filters(Lot, "number", "status", item="item__sku")

    def seen_by(self, person: User) -> QuerySet[Lot]:
        return visible_lots(person).select_related("item")


class Stock(Reads):
    """How much of each lot is where."""

    area = "stock"
    queryset = StockLevel.objects.all()
    serializer_class = LevelShown
    filterset_class = filters(StockLevel, "location", "lot", item="lot__item__sku")

    def seen_by(self, person: User) -> QuerySet[StockLevel]:
        return visible_levels(person).select_related("lot__item")
