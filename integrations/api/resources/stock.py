"""Items, lots, what is where, how it moved, and par levels."""

from django.db.models import QuerySet

from integrations.api.base import Reads, ReadsVersions
from integrations.api.filters import filters
from integrations.api.shown.stock import ItemShown, LevelShown, LotShown, MovementShown, ParLevelShown
from inventory.access import visible_levels, visible_locations, visible_lots, visible_movements
from inventory.models import Item, Lot, ParLevel, StockLevel, StockMovement
from stations.models import User


class Items(Reads):
    """The catalogue. Quantities everywhere are base units (each)."""

    area = "items"
    queryset = Item.objects.all()
    serializer_class = ItemShown
    lookup_field = "sku"
    lookup_value_regex = r"[^/]+"
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


class Movements(Reads):
    """The ledger: every line that stock ever moved by, oldest first."""

    area = "stock"
    queryset = StockMovement.objects.all()
    serializer_class = MovementShown
    filterset_class = filters(
        StockMovement, "lot", "source", "destination", "reason", "reference", "command", item="lot__item__sku"
    )

    def seen_by(self, person: User) -> QuerySet[StockMovement]:
        return visible_movements(person).select_related("lot__item", "moved_by", "witness")


class ParLevels(ReadsVersions):
    """Fill up to ``par``; act below ``minimum``."""

    area = "par-levels"
    queryset = ParLevel.objects.all()
    serializer_class = ParLevelShown
    filterset_class = filters(ParLevel, "location", item="item__sku")

    def seen_by(self, person: User) -> QuerySet[ParLevel]:
        return ParLevel.objects.filter(location__in=visible_locations(person)).select_related("item")
