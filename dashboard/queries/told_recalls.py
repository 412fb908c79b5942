"""Who is told of recalls: whoever keeps stock of a lot that is held now, and logistics of what a person must read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.db.models.functions import Coalesce
from django.urls import reverse

from dashboard.models import NoticeKind as Kind
from dashboard.queries.telling import Telling, keeper, of_event
from inventory.models import Lot, StockLevel
from stations.models import Event, Station, User

NAMED = 3  # items that a notice names


def held_lots(events: Iterable[Event]) -> Iterator[Telling]:
    """Each station of some lots that were held, once for all that one command held: put them aside. The page tells
    them from where to pull what. What was released again meanwhile is not told."""
    by_lot = {event.subject_id: event for event in events}
    held: dict[tuple[int, int], set[int]] = defaultdict(set)
    items: dict[int, str] = {}
    for lot, item, where in _places(by_lot):
        held[by_lot[lot].command_id, where].add(lot)
        items[lot] = item
    stations = Station.objects.in_bulk({station for _, station in held})
    for (_, pk), lots in held.items():
        station = stations[pk]
        names = sorted({items[lot] for lot in lots})
        facts = {"count": len(lots), "items": ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")}
        event = by_lot[min(lots, key=lambda lot: by_lot[lot].pk)]
        told = of_event(event, Kind.HELD, keeper(station), station.get_absolute_url(), facts, station=station)
        yield replace(told, key=f"{told.key}:{pk}")  # an officer of two stations hears of both


def _places(lots: Iterable[int]) -> Iterable[tuple[int, str, int]]:
    """(lot, its item's name, station): where held ones of these lots are, on shelves and in vehicles."""
    levels = StockLevel.objects.filter(lot__in=lots, on_hand__gt=0).exclude(lot__status=Lot.Status.USABLE)
    where = Coalesce("location__station", "location__unit__station")
    return levels.order_by("lot", "pk").annotate(where=where).values_list("lot", "lot__item__name", "where").distinct()


def recalls_to_read(events: Iterable[Event]) -> Iterator[Telling]:
    """Logistics, once a file: how many of its recalls wait for a person."""
    for event in events:
        if count := event.details.get("to_review"):
            yield of_event(event, Kind.RECALLS, User.Role.LOGISTICS, reverse("recalls"), {"count": count})
