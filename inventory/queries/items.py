"""The catalogue, and where every unit of an item is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import Item, Lot, ParLevel, StockLevel
from inventory.queries.horizons import Horizons
from inventory.queries.stock import matching
from stations.models import Location


def catalogue(places: QuerySet[Location], *, text: str = "", kind: str = "") -> "QuerySet[Any]":
    """Items by name with what of them is on hand at these places. Adds ``on_hand``."""
    items = Item.objects.filter(kind=kind) if kind in Item.Kind.values else Item.objects.all()
    levels = StockLevel.objects.filter(lot__item=OuterRef("pk"), on_hand__gt=0, location__in=places.values("pk"))
    total = levels.order_by().values("lot__item").annotate(total=Sum("on_hand")).values("total")
    found: QuerySet[Any] = matching(items, text).annotate(on_hand=Coalesce(Subquery(total, IntegerField()), 0))
    return found.prefetch_related("packs").order_by("-is_active", "name", "pk")


@dataclass
class PlaceRow:
    """What one place has of an item, in base units, and its par level there."""

    location: Location
    on_hand: int = 0
    allocated: int = 0
    usable: int = 0
    par: ParLevel | None = None


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

    places: list[PlaceRow] = field(default_factory=list)
    lots: list[LotTotal] = field(default_factory=list)

    @property
    def on_hand(self) -> int:
        return sum(row.on_hand for row in self.places)

    @property
    def usable(self) -> int:
        return sum(row.usable for row in self.places)


def item_stock(item: Item, places: QuerySet[Location], *, today: date) -> ItemStock:
    """Which of these places hold the item or should, and every lot with stock there, first expired first."""
    levels = list(
        StockLevel.objects.filter(lot__item=item, on_hand__gt=0, location__in=places.values("pk"))
        .select_related("lot", "location__station", "location__unit__station")
        .first_expired_first()
    )
    pars = {
        par.location_id: par
        for par in ParLevel.objects.filter(item=item, location__in=places.values("pk")).select_related(
            "location__station", "location__unit__station"
        )
    }
    return ItemStock(_places(item, levels, pars, Horizons(today)), _lots(levels, today))


def _places(
    item: Item, levels: Iterable[StockLevel], pars: Mapping[int, ParLevel], horizons: Horizons
) -> list[PlaceRow]:
    rows = {pk: PlaceRow(par.location, par=par) for pk, par in pars.items()}
    for level in levels:
        row = rows.setdefault(level.location_id, PlaceRow(level.location))
        row.on_hand += level.on_hand
        row.allocated += level.allocated
        until = horizons.until(level.location.owner, item.kind)
        if level.lot.status == Lot.Status.USABLE and (level.lot.expires_on or date.max) >= until:
            row.usable += level.available
    return sorted(rows.values(), key=lambda row: (row.location.owner.code, row.location.kind, row.location.name))


def _lots(levels: Iterable[StockLevel], today: date) -> list[LotTotal]:
    totals: dict[int, LotTotal] = {}
    for level in levels:
        lot = level.lot
        total = totals.setdefault(lot.pk, LotTotal(lot, bool(lot.expires_on and lot.expires_on < today)))
        total.on_hand += level.on_hand
        total.places += 1
    return list(totals.values())
