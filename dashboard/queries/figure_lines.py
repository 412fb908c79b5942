"""The very lines that a figure is made of: counted or added up, they are the figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dashboard.queries import figures
from dashboard.queries.backorders import overdue_backorders
from dashboard.queries.counted import is_stale, oldest_first, places_of_stock
from dashboard.queries.expiry import dated_stock, is_expired, is_expiring
from dashboard.queries.fill import FILLED, judged_lines
from dashboard.queries.kept_stations import all_stations
from dashboard.queries.par_states import LineState, ParStates, State
from dashboard.queries.readiness import StationReadiness, station_readiness
from dashboard.queries.receipts import received_orders
from inventory.models import Item
from inventory.queries.packed import with_packs
from stations.models import Location, Station

Rows = QuerySet[Any] | Sequence[Any]


@dataclass(frozen=True)
class Scope:
    """Which lines are asked for: at this moment, of one station or all, and only those that miss the target or all."""

    at: datetime
    station: Station | None = None
    everything: bool = False


@dataclass(frozen=True)
class Lines:
    """How the lines of a figure are read and shown. ``missed`` and ``whole`` name the two lists that one may open."""

    read: Callable[[Scope], Rows]
    template: str
    missed: str | Promise = ""
    whole: str | Promise = ""


def lines_of(slug: str) -> Lines:
    return LINES[slug]


def _stations(scope: Scope) -> Rows:
    every = (
        station_readiness(at=scope.at, stations=[scope.station]) if scope.station else all_stations(at=scope.at).rows
    )
    found = [row for row in every if row.station.kind == Station.Kind.STATION]
    return [row for row in found if scope.everything or not row.is_ready]


def _fill(scope: Scope) -> Rows:
    lines = judged_lines(at=scope.at, station=scope.station).select_related("order__station", "item")
    wanted = lines if scope.everything else lines.exclude(FILLED)
    return wanted.prefetch_related("item__packs").order_by("-judged_at", "pk")


def _stock_outs(scope: Scope) -> Rows:
    keys = [scope.station.pk] if scope.station else None
    return ParStates(scope.at, keys, () if scope.everything else (State.OUT,))


def _waits(scope: Scope) -> Rows:
    orders: QuerySet[Any] = received_orders(at=scope.at, station=scope.station).select_related("station")
    rows: QuerySet[Any] = orders.annotate(line_count=Count("lines", distinct=True)).order_by("-waited", "pk")
    return rows


def _overdue(scope: Scope) -> Rows:
    lines = overdue_backorders(at=scope.at, station=scope.station).select_related("order__station", "item")
    return lines.prefetch_related("item__packs").order_by("due_at", "pk")


def _dated(scope: Scope, which: Q) -> Rows:
    levels = dated_stock(at=scope.at, station=scope.station).filter(which)
    related = levels.select_related("lot__item", "location__station", "location__unit__station")
    return related.prefetch_related("lot__item__packs").order_by("lot__expires_on", "pk")


def _counted(scope: Scope) -> Rows:
    found = places_of_stock(at=scope.at, station=scope.station).select_related("station", "unit__station")
    return oldest_first(found if scope.everything else found.filter(is_stale(scope.at)))


LINES: Mapping[str, Lines] = {
    figures.READY_STATIONS.slug: Lines(
        _stations, "stations", pgettext_lazy("stations", "Not ready"), _("All stations")
    ),
    figures.LINE_FILL.slug: Lines(_fill, "order_lines", _("Not filled"), _("All lines")),
    figures.STOCK_OUTS.slug: Lines(_stock_outs, "par_lines", _("Out"), _("All par levels")),
    figures.REQUEST_TO_RECEIPT.slug: Lines(_waits, "orders"),
    figures.OVERDUE_BACKORDERS.slug: Lines(_overdue, "backorders"),
    figures.EXPIRING_VALUE.slug: Lines(lambda scope: _dated(scope, is_expiring(scope.at)), "stock"),
    figures.EXPIRED_VALUE.slug: Lines(lambda scope: _dated(scope, is_expired(scope.at)), "stock"),
    figures.COUNT_FRESHNESS.slug: Lines(_counted, "places", _("Not counted in 30 days"), _("All places")),
}


@dataclass(frozen=True)
class PlacedLine:
    """A par level with the place and the item it is of."""

    line: LineState
    location: Location
    item: Item


def placed(lines: Sequence[LineState]) -> list[PlacedLine]:
    """Bring places and items to par levels. Two queries, however many."""
    locations = Location.objects.select_related("station", "unit__station").in_bulk(
        {line.location_id for line in lines}
    )
    found = Item.objects.filter(pk__in={line.item_id for line in lines})
    items = {item.pk: item for item in with_packs(found)}
    return [PlacedLine(line, locations[line.location_id], items[line.item_id]) for line in lines]


def readiness_of(at: datetime, station: Station | None) -> list[StationReadiness]:
    """The readiness that the measures of this scope need."""
    return station_readiness(at=at, stations=[station] if station else Station.objects.all())
