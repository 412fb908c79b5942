"""The catalogue, and where every unit of an item is."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, FilteredRelation, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce

from core.pagination import Page, cut
from inventory.models import Item, Lot, ParLevel, ParProposal, StockLevel, StockMovement
from inventory.queries.horizons import Horizons
from inventory.queries.movements import ledger
from inventory.queries.stock import matching
from inventory.queries.stock_lines import StockLine, stock_lines
from stations.models import Location


def catalogue(*, text: str = "", kind: str = "") -> QuerySet[Item]:
    """Items by name."""
    items = Item.objects.filter(kind=kind) if kind in Item.Kind.values else Item.objects.all()
    found: QuerySet[Item] = matching(items, text)
    return found.prefetch_related("packs").order_by("-is_active", "name", "pk")


def on_hand_by_item(levels: QuerySet[StockLevel]) -> dict[int, int]:
    """What of each item is on hand among these levels, by item id. One query."""
    rows = levels.filter(on_hand__gt=0).order_by().values_list("lot__item")
    return dict(rows.annotate(total=Sum("on_hand")))


@dataclass
class LotTotal:
    """One lot of an item, over all places that the person may see."""

    lot: Lot
    is_expired: bool
    on_hand: int = 0
    places: int = 0


@dataclass
class ItemStock:
    """Where an item is: one page of its places, and its lots and sums over all of them."""

    page: Page[StockLine]
    places: int
    lots: list[LotTotal] = field(default_factory=list)
    usable: int = 0
    # Open proposals for the par levels of the page, by location id.
    proposals: dict[int, ParProposal] = field(default_factory=dict)

    @property
    def on_hand(self) -> int:
        return sum(lot.on_hand for lot in self.lots)


def last_movements(item: Item, movements: QuerySet[StockMovement], number: int) -> list[StockMovement]:
    """The last lines of the ledger that are about an item, which comes with its packs. One query."""
    found = list(ledger(movements.filter(lot__item=item)).prefetch_related(None)[:number])
    for one in found:
        one.lot.item = item
    return found


def item_stock(
    item: Item, levels: QuerySet[StockLevel], places: QuerySet[Location], *, today: date, number: int = 1
) -> ItemStock:
    """Which of these places hold the item or should, by station, and every lot of these levels with stock, first
    expired first. As many queries however many places."""
    held = levels.filter(lot__item=item, on_hand__gt=0)
    expected = ParLevel.objects.filter(item=item, par__gt=0)
    concerned = places.filter(Q(pk__in=held.values("location")) | Q(pk__in=expected.values("location")))
    is_open = Q(par_proposals__state=ParProposal.State.OPEN, par_proposals__item=item)
    shown: QuerySet[Any] = concerned
    ordered = shown.annotate(
        owner_code=Coalesce("station__code", "unit__station__code"),
        places=Window(Count("pk")),
        proposal=FilteredRelation("par_proposals", condition=is_open),
    ).order_by("owner_code", "kind", "name", "pk")
    page: Page[Any] = cut(ordered.select_related("station", "unit__station", "proposal"), number)
    lines = stock_lines(page.rows, today=today, items=[item.pk])
    lots, usable = _lots(item, held, today)
    return ItemStock(
        Page([lines[place.pk, item.pk] for place in page.rows], page.number, page.has_next),
        page.rows[0].places if page.rows else concerned.count(),
        lots,
        usable,
        {place.pk: place.proposal for place in page.rows if getattr(place, "proposal", None)},
    )


def _lots(item: Item, levels: QuerySet[StockLevel], today: date) -> tuple[list[LotTotal], int]:
    """The sums of each lot, first expired first, and how much of all is usable. Two queries."""
    horizons, usable = Horizons(today), 0
    totals: dict[int, LotTotal] = {}
    days = {
        name: Coalesce(f"location__station__{name}", f"location__unit__station__{name}")
        for name in ("review_days", "lead_days")
    }
    names = ("number", "serial_number", "expires_on", "status")
    rows = levels.order_by().values_list(
        "lot_id", *(f"lot__{name}" for name in names), days["review_days"] + days["lead_days"]
    )
    sums = rows.annotate(Sum("on_hand"), Sum("allocated"), Count("pk"))
    for lot_id, *facts, horizon, on_hand, allocated, places in sums:
        lot = Lot(pk=lot_id, item=item, **dict(zip(names, facts, strict=True)))
        total = totals.setdefault(lot_id, LotTotal(lot, bool(lot.expires_on and lot.expires_on < today)))
        total.on_hand += on_hand
        total.places += places
        until = horizons.after(timedelta(days=horizon), item.kind)
        if lot.status == Lot.Status.USABLE and (lot.expires_on or date.max) >= until:
            usable += on_hand - allocated
    return sorted(totals.values(), key=lambda total: (total.lot.expires_on or date.max, total.lot.pk)), usable
