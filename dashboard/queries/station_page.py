"""A station now, as its officer sees it: state, what to ask for, what comes, what expires, what its units lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.counting import count_of
from dashboard.queries.arrivals import arrival_of, arrivals, deliveries_to
from dashboard.queries.expiry import dated_stock
from dashboard.queries.figure_lines import PlacedLine
from dashboard.queries.par_states import places_and_lacking
from dashboard.queries.readiness import StationReadiness, UnitReadiness, readiness_at
from inventory.models import Item
from inventory.queries.packed import with_packs
from orders.models import OrderLine, ResupplyOrder, Shipment
from stations.models import Location, Station

SHOWN = 6
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Lacking:
    """A par level that is short or out, and when more of it arrives, if that is on a run."""

    placed: PlacedLine
    arrives_at: datetime | None


@dataclass(frozen=True)
class UnitCard:
    """A unit and the worst of what it lacks."""

    readiness: UnitReadiness
    lacks: Sequence[str]

    @property
    def more(self) -> int:
        return self.readiness.short + self.readiness.out - len(self.lacks)


@dataclass(frozen=True)
class StationNow:
    at: datetime
    readiness: StationReadiness
    lacking: Sequence[Lacking]
    units: Sequence[UnitCard]
    deliveries: Sequence[Shipment]
    drafts: Sequence[ResupplyOrder]
    requests: Sequence[ResupplyOrder]
    expiring: Sequence[Any]
    expired: int
    shelves: Sequence[Location]

    @property
    def station(self) -> Station:
        return self.readiness.station

    @property
    def suggested(self) -> ResupplyOrder | None:
        """The automatic draft, once it asks for something."""
        return next((order for order in self.drafts if order.is_automatic), None)

    @property
    def open_orders(self) -> Sequence[ResupplyOrder]:
        """What people asked for: their own drafts first, then what waits or is under way."""
        return [*(order for order in self.drafts if not order.is_automatic), *self.requests]

    @property
    def room(self) -> Location | None:
        return next((place for place in self.shelves if place.kind == Location.Kind.SUPPLY_ROOM), None)

    @property
    def next_delivery(self) -> Shipment | None:
        return next((one for one in self.deliveries if one.stop and not one.delivered_at), None)

    @property
    def to_receive(self) -> Sequence[Shipment]:
        return [one for one in self.deliveries if one.state == Shipment.State.DELIVERED]


def station_now(station: Station, *, at: datetime) -> StationNow:
    """Everything on a station's page, in as many queries whatever it holds."""
    today = timezone.localdate(at)
    dated = dated_stock(at=at, station=station)
    everywhere = _places(station, dated.filter(lot__expires_on__lt=today))
    states, lines = places_and_lacking(at=at, stations=[station.pk])
    readiness = readiness_at(station, everywhere, states)
    expiring = list(_this_month(dated, today)[:SHOWN])
    short = [line for line in lines if line.location_kind in Location.SHELVES]
    shown = {line.item_id for line in short} | {level.lot.item_id for level in expiring}
    items = {item.pk: item for item in with_packs(Item.objects.filter(pk__in=shown))}
    for level in expiring:
        level.lot.item = items[level.lot.item_id]
    known = {place.pk: place for place in everywhere}
    on_shelves = [PlacedLine(line, known[line.location_id], items[line.item_id]) for line in short]
    coming = arrivals([one.line for one in on_shelves])
    names: dict[int, list[str]] = {}
    for line in lines:
        names.setdefault(line.location_id, []).append(line.item_name)
    orders = list(_orders(station))
    return StationNow(
        at=at,
        readiness=readiness,
        lacking=[Lacking(one, arrival_of(one.line, coming)) for one in on_shelves],
        units=[UnitCard(unit, names.get(unit.unit.location.pk, [])[:3]) for unit in readiness.units],
        deliveries=list(deliveries_to(station)),
        drafts=[one for one in orders if one.state == ResupplyOrder.State.DRAFT],
        requests=[one for one in orders if one.state != ResupplyOrder.State.DRAFT],
        expiring=expiring,
        expired=sum(place.expired_lots for place in everywhere),
        shelves=[place for place in everywhere if place.kind in Location.SHELVES],
    )


def _places(station: Station, expired: "QuerySet[Any]") -> list[Any]:
    """Everywhere that a station keeps stock, its supply room first, each with its unit and how many of the ``expired``
    levels lie there: ``expired_lots``."""
    found: QuerySet[Any] = Location.objects.at(station).select_related("station", "unit__station")
    return list(found.annotate(expired_lots=count_of(expired, "location")).order_by("-kind", "pk"))


def _orders(station: Station) -> "QuerySet[ResupplyOrder]":
    """Requests that ask for something: all drafts, and the first of those that wait or are under way. Adds
    ``line_count``."""
    asked = OrderLine.objects.filter(asked__gt=0)
    orders = ResupplyOrder.objects.filter(Exists(asked.filter(order=OuterRef("pk"))), station=station)
    ordered = orders.order_by("-priority", "-pk")
    sent = ordered.filter(state__in=(ResupplyOrder.State.SUBMITTED, *ResupplyOrder.UNDER_WAY))
    shown = Q(state=ResupplyOrder.State.DRAFT) | Q(pk__in=sent.values("pk")[:SHOWN])
    return ordered.filter(shown).annotate(line_count=count_of(asked, "order"))


def _this_month(dated: "QuerySet[Any]", today: date) -> "QuerySet[Any]":
    soon = dated.filter(lot__expires_on__gte=today, lot__expires_on__lte=today + MONTH)
    rows = soon.select_related("lot", "location__station", "location__unit")
    return rows.order_by("lot__expires_on", "pk")
