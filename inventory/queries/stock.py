"""What lies where: the stock page of a station, its places, and what a person may take or put away there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from inventory.models import Item, Lot, ParLevel, StockLevel
from inventory.queries.horizons import Horizons
from inventory.queries.policies import expiring_until
from stations.models import Location, Station

FILTERS = ("out", "short", "expiring", "held")


def places_of(station: Station) -> list[Location]:
    """The shelves of a station, then its units. Not its vans: their load belongs to their deliveries."""
    places = Location.objects.at(station).exclude(kind=Location.Kind.VAN).select_related("station", "unit__station")
    return sorted(places, key=lambda place: (place.kind == Location.Kind.UNIT, place.kind != "supply_room", place.name))


def usable_until(horizons: Horizons, station: Station, path: str = "lot__") -> Q:
    """Lots that are not held and last until the horizon of their kind at this station."""
    lasting = Q(**{f"{path}expires_on": None})
    for kind in Item.Kind.values:
        until = horizons.until(station, kind)
        lasting |= Q(**{f"{path}item__kind": kind, f"{path}expires_on__gte": until})
    return lasting & Q(**{f"{path}status": Lot.Status.USABLE})


def expiring_soon(today: date, path: str = "lot__") -> Q:
    """Still good today, and not beyond the days that the division set for its kind."""
    soon = Q(pk__in=[])
    for kind, last_day in expiring_until(today).items():
        soon |= Q(**{f"{path}item__kind": kind, f"{path}expires_on__lte": last_day})
    return Q(**{f"{path}expires_on__gte": today}) & soon


def is_held(today: date, path: str = "lot__") -> Q:
    """Quarantined, recalled or expired: on hand, and of no use."""
    return ~Q(**{f"{path}status": Lot.Status.USABLE}) | Q(**{f"{path}expires_on__lt": today})


def stock_items(station: Station, places: Sequence[Location], *, today: date) -> "QuerySet[Any]":
    """The items that these places of a station hold or should hold, each with its sums over them.

    Adds on_hand, allocated, usable, expiring, held, par, minimum, bin, first_expiry and state (out, short or ready).
    """
    ids = [place.pk for place in places]
    levels = (
        StockLevel.objects.filter(location__in=ids, lot__item=OuterRef("pk"), on_hand__gt=0)
        .order_by()
        .values("lot__item")
    )
    pars = ParLevel.objects.filter(location__in=ids, item=OuterRef("pk")).order_by().values("item")
    usable = usable_until(Horizons(today), station)
    return (
        Item.objects.annotate(
            on_hand=_total(levels, F("on_hand")),
            allocated=_total(levels, F("allocated")),
            usable=_total(levels.filter(usable), F("on_hand") - F("allocated")),
            expiring=_total(levels.filter(expiring_soon(today)), F("on_hand")),
            held=_total(levels.filter(is_held(today)), F("on_hand")),
            first_expiry=Subquery(levels.annotate(day=Min("lot__expires_on")).values("day"), DateField()),
            par=_total(pars, F("par")),
            minimum=_total(pars, F("minimum")),
            bin=Coalesce(Subquery(pars.annotate(first=Min("bin")).values("first"), CharField()), Value("")),
        )
        .filter(Q(on_hand__gt=0) | Q(par__gt=0))
        .annotate(state=_state())
        .prefetch_related("packs")
        .order_by("name", "pk")
    )


def _total(rows: "QuerySet[Any, Any]", what: Any) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(total=Sum(what)).values("total"), IntegerField()), 0)


def _state() -> Case:
    """Out when something should be there and nothing usable is; short below the minimum (or at it, if so set)."""
    below = "usable__lte" if settings.EMS_SHORT_AT_OR_BELOW_MINIMUM else "usable__lt"
    return Case(
        When(par__gt=0, usable=0, then=Value("out")),
        When(Q(**{below: F("minimum")}) & Q(usable__lt=F("par")), then=Value("short")),
        default=Value("ready"),
        output_field=CharField(),
    )


def shown(items: "QuerySet[Any]", which: str) -> "QuerySet[Any]":
    """Only the items that a filter names: out, short, expiring or held; all for anything else."""
    if which in ("out", "short"):
        return items.filter(state=which)
    return items.filter(**{f"{which}__gt": 0}) if which in FILTERS else items


def counts_by_filter(items: "QuerySet[Any]") -> dict[str, int]:
    """How many items each filter would show, in one query."""
    rows = list(items.order_by().values_list("state", "expiring", "held"))
    return {
        "all": len(rows),
        "out": sum(state == "out" for state, _, _ in rows),
        "short": sum(state == "short" for state, _, _ in rows),
        "expiring": sum(expiring > 0 for _, expiring, _ in rows),
        "held": sum(held > 0 for _, _, held in rows),
    }


def matching(items: "QuerySet[Any]", text: str, path: str = "") -> "QuerySet[Any]":
    """Items by a part of their name, or the begin of a code on their box."""
    for word in text.split()[:6]:
        items = items.filter(
            Q(**{f"{path}name__icontains": word})
            | Q(**{f"{path}sku__istartswith": word})
            | Q(**{f"{path}gtin": word})
            | Q(**{f"{path}ndc__startswith": word})
        )
    return items


@dataclass
class TakeRow:
    """An item that may be taken from a place today, with its lots, first expired first, and what was typed for it."""

    item: Item
    levels: list[StockLevel]
    available: int
    typed: str = ""
    error: str = ""
    lot: str = ""

    @property
    def key(self) -> int:
        return self.item.pk


def items_to_take(location: Location, *, today: date) -> list[TakeRow]:
    """What may be used from here today, by name."""
    rows: dict[int, TakeRow] = {}
    levels = StockLevel.objects.usable_until(today).filter(location=location, on_hand__gt=F("allocated"))
    for level in levels.select_related("lot__item").prefetch_related("lot__item__packs").first_expired_first():
        row = rows.setdefault(level.lot.item_id, TakeRow(level.lot.item, [], 0))
        row.levels.append(level)
        row.available += level.available
    return sorted(rows.values(), key=lambda row: (row.item.name, row.item.pk))


@dataclass
class LotRow:
    """A lot at a place that may be put away, and what was typed for it."""

    level: StockLevel
    is_expired: bool
    typed: str = ""
    error: str = ""

    @property
    def key(self) -> int:
        return self.level.lot_id


def lots_to_put_away(location: Location, *, today: date) -> list[LotRow]:
    """Every lot here that is not promised to an order: the expired first, then by name."""
    levels = StockLevel.objects.filter(location=location, on_hand__gt=F("allocated"))
    levels = levels.select_related("lot__item").prefetch_related("lot__item__packs").order_by("lot__item__name", "pk")
    rows = [LotRow(level, bool(level.lot.expires_on and level.lot.expires_on < today)) for level in levels]
    return sorted(rows, key=lambda row: not row.is_expired)
