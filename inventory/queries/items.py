"""The catalogue, and where every unit of an item is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import Item, Lot, ParLevel, ParProposal, StockLevel
from inventory.queries.stock import matching
from inventory.queries.stock_lines import StockLine, stock_lines
from stations.models import Location


def catalogue(places: QuerySet[Location], *, text: str = "", kind: str = "") -> "QuerySet[Any]":
    """Items by name with what of them is on hand at these places. Adds ``on_hand``."""
    items = Item.objects.filter(kind=kind) if kind in Item.Kind.values else Item.objects.all()
    levels = StockLevel.objects.filter(lot__item=OuterRef("pk"), on_hand__gt=0, location__in=places.values("pk"))
    total = levels.order_by().values("lot__item").annotate(total=Sum("on_hand")).values("total")
    found: QuerySet[Any] = matching(items, text).annotate(on_hand=Coalesce(Subquery(total, IntegerField()), 0))
    return found.prefetch_related("packs").order_by("-is_active", "name", "pk")


@dataclass
class LotTotal:
    """One lot of an item, over all places that the person may see."""

    lot: Lot
    is_expired: bool
    on_hand: int = 0
    places: int = 0


@dataclass
class ItemStock:
    """Where an item is, place by place and lot by lot."""

    places: list[StockLine] = field(default_factory=list)
    lots: list[LotTotal] = field(default_factory=list)
    # Open proposals for its par levels, by location id.
    proposals: dict[int, ParProposal] = field(default_factory=dict)

    @property
    def on_hand(self) -> int:
        return sum(row.on_hand for row in self.places)

    @property
    def usable(self) -> int:
        return sum(row.usable for row in self.places)


def item_stock(item: Item, places: QuerySet[Location], *, today: date) -> ItemStock:
    """Which of these places hold the item or should, and every lot with stock there, first expired first."""
    levels = StockLevel.objects.filter(lot__item=item, on_hand__gt=0)
    expected = ParLevel.objects.filter(item=item, par__gt=0)
    concerned = places.filter(
        Q(pk__in=levels.values("location")) | Q(pk__in=expected.values("location"))
    ).select_related("station", "unit__station")
    lines = stock_lines(concerned, today=today, items=[item.pk]).values()
    here = levels.filter(location__in=places.values("pk")).select_related("lot").first_expired_first()
    proposed = ParProposal.objects.open().filter(item=item, location__in=places.values("pk"))
    return ItemStock(
        sorted(lines, key=lambda line: (line.location.owner.code, line.location.kind, line.location.name)),
        _lots(here, today),
        {one.location_id: one for one in proposed},
    )


def _lots(levels: Iterable[StockLevel], today: date) -> list[LotTotal]:
    totals: dict[int, LotTotal] = {}
    for level in levels:
        lot = level.lot
        total = totals.setdefault(lot.pk, LotTotal(lot, bool(lot.expires_on and lot.expires_on < today)))
        total.on_hand += level.on_hand
        total.places += 1
    return list(totals.values())
