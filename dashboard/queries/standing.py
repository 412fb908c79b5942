"""What lasts and has no event: a shelf that is empty, a request that waits, what the schedule or the ledger cannot
solve. Each is told once for as long as it is the same; its key says what that means."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Q, Sum
from django.urls import reverse
from django.utils import timezone

from dashboard.models import NoticeKind as Kind
from dashboard.queries.counted import FRESH, is_stale, places_of_stock
from dashboard.queries.expiry import dated_stock
from dashboard.queries.outages import outages
from dashboard.queries.telling import Telling, keeper
from dashboard.queries.verification import last_verification
from inventory.models import StockMovement
from orders.models import OrderLine, ResupplyOrder, Shipment
from stations.models import Location, Station, User

Role, Priority = User.Role, ResupplyOrder.Priority
# When a request has waited long for its approval.
LONG = {Priority.ROUTINE: timedelta(hours=24), Priority.URGENT: timedelta(hours=4), Priority.STAT: timedelta(hours=1)}


def standing(*, at: datetime) -> list[Telling]:
    """All of it. A fixed number of queries."""
    return [*_outages(at), *_waiting(at), *_unplanned(), *_backorders(), *_ledger(), *_counts_due(at)]


def expiring(*, at: datetime) -> Iterator[Telling]:
    """Stock of each station that expires by the end of the month, once a week and month."""
    today = timezone.localdate(at)
    last = (today.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    found = dated_stock(at=at).filter(lot__expires_on__range=(today, last)).order_by()
    lots: dict[int, int] = dict(found.values_list("owner").annotate(Count("lot", distinct=True)))
    for pk, station in Station.objects.in_bulk(sorted(lots)).items():
        page = _page("expiring", show="expiring", station=station.code)
        facts = {"station": station.name, "count": lots[pk], "day": last.isoformat()}
        key = f"expiring:{pk}:{today:%Y-%m}:{_week(at)}"
        yield Telling(Kind.EXPIRING, keeper(station), key, page, facts, pk)


def _page(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"


def _week(at: datetime) -> str:
    return f"{timezone.localdate(at):%G-W%V}"


def _last_in(places: Q) -> dict[tuple[int, int], int]:
    """The last movement of each item into these places: a shelf that is empty again since then is news again."""
    found = StockMovement.objects.filter(places).order_by().values_list("destination__station", "lot__item")
    return {(station, item): last for station, item, last in found.annotate(Max("pk"))}


def _outages(at: datetime) -> Iterator[Telling]:
    found = outages(at=at)
    stations = Station.objects.in_bulk({one.station for one in found})
    into = Q(destination__in={one.location for one in found}, lot__item__in={one.item for one in found})
    last = _last_in(into) if found else {}
    for one in found:
        station = stations[one.station]
        key = f"out:{one.location}:{one.item}:{last.get((one.station, one.item), 0)}"
        facts = {"station": station.name, "item": one.item_name}
        for role in (Role.OFFICER, Role.CHIEF):
            yield Telling(Kind.OUT, role, key, station.get_absolute_url(), facts, one.station)


def _waiting(at: datetime) -> Iterator[Telling]:
    long = Q(pk__in=[])
    for priority, wait in LONG.items():
        long |= Q(priority=priority, submitted_at__lte=at - wait)
    for order in ResupplyOrder.objects.awaiting_approval().filter(long).select_related("station").order_by("pk"):
        since: Any = order.submitted_at
        facts = {"order": order.number, "station": order.station.name, "at": since.isoformat()}
        key = f"waiting:{order.pk}:{since.timestamp():.0f}"
        page = order.get_absolute_url()
        yield Telling(Kind.WAITING, Role.LOGISTICS, key, page, facts, order.station_id)


def _unplanned() -> Iterator[Telling]:
    found = Shipment.objects.filter(state__in=Shipment.AT_SOURCE, stop=None).exclude(wait_reason="")
    for one in found.select_related("destination").order_by("pk"):
        facts = {"shipment": one.number, "station": one.destination.name, "reason": one.wait_reason}
        key = f"unplanned:{one.pk}"
        yield Telling(Kind.UNPLANNED, Role.LOGISTICS, key, reverse("planner"), facts, one.destination_id)


def _backorders() -> Iterator[Telling]:
    """Told again when more of the item came in and did not do."""
    owed = F("approved") - F("allocated") - F("shipped") - F("cancelled")
    lines = OrderLine.objects.owed().filter(order__kind=ResupplyOrder.Kind.REQUEST).order_by()
    sources = lines.values("order__source", "order__source__name", "item", "item__name", "item__sku")
    found = list(sources.annotate(quantity=Sum(owed), count=Count("order", distinct=True)))
    shelves = Q(destination__kind__in=Location.SHELVES, lot__item__in={row["item"] for row in found})
    last = _last_in(shelves & Q(destination__station__in={row["order__source"] for row in found})) if found else {}
    for row in found:
        source, item = row["order__source"], row["item"]
        facts = {"station": row["order__source__name"], "item": row["item__name"]}
        facts |= {"quantity": row["quantity"], "count": row["count"]}
        key = f"backorder:{source}:{item}:{last.get((source, item), 0)}"
        page = _page("shortages", item=row["item__sku"])
        yield Telling(Kind.BACKORDER, Role.LOGISTICS, key, page, facts, source)


def _ledger() -> Iterator[Telling]:
    last = last_verification()
    if last is None or last.differences == 0:
        return
    facts: dict[str, object] = {"how": "unfinished"}
    if last.differences:
        facts = {"how": "differs", "count": last.differences}
    key = f"ledger:{timezone.localdate(last.ended_at)}"
    yield Telling(Kind.LEDGER, Role.CHIEF, key, reverse("ledger"), facts)


def _counts_due(at: datetime) -> Iterator[Telling]:
    """Once a week for a station."""
    found = places_of_stock(at=at).filter(is_stale(at)).order_by()
    places: dict[int, int] = dict(found.values_list("belongs_to").annotate(Count("pk")))
    for pk, station in Station.objects.in_bulk(sorted(places)).items():
        facts = {"station": station.name, "count": places[pk], "days": FRESH.days}
        page = _page("counts", station=station.code)
        key = f"count:{pk}:{_week(at)}"
        yield Telling(Kind.COUNT_DUE, Role.OFFICER, key, page, facts, pk, is_to_act=True)
