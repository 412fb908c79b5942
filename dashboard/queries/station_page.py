"""A station now, as its officer sees it: state, what to ask for, what comes, what expires, what its units lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from dashboard.queries.arrivals import arrival_of, arrivals, deliveries_to
from dashboard.queries.expiry import dated_stock
from dashboard.queries.figure_lines import PlacedLine, placed
from dashboard.queries.par_states import State, line_states
from dashboard.queries.readiness import StationReadiness, UnitReadiness, station_readiness
from orders.models import ResupplyOrder, Shipment
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
    [readiness] = station_readiness(at=at, stations=[station])
    lines = line_states(at=at, stations=[station.pk], only=[State.OUT, State.SHORT])
    on_shelves = placed([line for line in lines if line.location_kind in Location.SHELVES])
    coming = arrivals([one.line for one in on_shelves])
    names: dict[int, list[str]] = {}
    for line in lines:
        names.setdefault(line.location_id, []).append(line.item_name)
    dated = dated_stock(at=at, station=station)
    today = timezone.localdate(at)
    return StationNow(
        at=at,
        readiness=readiness,
        lacking=[Lacking(one, arrival_of(one.line, coming)) for one in on_shelves],
        units=[UnitCard(unit, names.get(unit.unit.location.pk, [])[:3]) for unit in readiness.units],
        deliveries=list(deliveries_to(station)),
        drafts=list(_orders(station, ResupplyOrder.State.DRAFT)),
        requests=list(_orders(station, ResupplyOrder.State.SUBMITTED, *ResupplyOrder.UNDER_WAY)[:SHOWN]),
        expiring=list(_this_month(dated, today)[:SHOWN]),
        expired=dated.filter(lot__expires_on__lt=today).count(),
        shelves=list(Location.objects.shelves().filter(station=station).order_by("-kind")),
    )


def _orders(station: Station, *states: str) -> "QuerySet[ResupplyOrder]":
    """Requests in these states that ask for something. Adds ``line_count``."""
    orders = ResupplyOrder.objects.filter(station=station, state__in=states).annotate(
        line_count=Count("lines", filter=Q(lines__asked__gt=0))
    )
    return orders.filter(line_count__gt=0).order_by("-priority", "-pk")


def _this_month(dated: "QuerySet[Any]", today: date) -> "QuerySet[Any]":
    soon = dated.filter(lot__expires_on__gte=today, lot__expires_on__lte=today + MONTH)
    rows = soon.select_related("lot__item", "location__station", "location__unit")
    return rows.prefetch_related("lot__item__packs").order_by("lot__expires_on", "pk")
