"""What the schedule must know about shipments: how much each is, what it needs, until when, and what it is worth."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils import timezone

from inventory.models import Item, StockLevel
from inventory.queries.usage import daily_use
from orders.models import ResupplyOrder, Shipment, ShipmentLine
from orders.routing.day import COLD, TWO_PEOPLE, Rank
from orders.routing.worth import WorthLine, worth_cents
from stations.models import Station

DAYS_AHEAD = 8
# A routine delivery that nobody named a day for is due by then: it waits for a better day no longer.
DUE = timedelta(days=5)
# A stat order that names no hour.
STAT_WITHIN = timedelta(hours=2)


@dataclass
class Parcel:
    """A shipment at its source, as the schedule sees it."""

    shipment: Shipment
    weight_g: int = 0
    volume_ml: int = 0
    needs: frozenset[str] = frozenset()
    needed_by: datetime | None = None
    lines: list[WorthLine] = field(default_factory=list)

    @property
    def is_stat(self) -> bool:
        return self.shipment.priority == ResupplyOrder.Priority.STAT

    @property
    def due_on(self) -> date:
        return timezone.localdate(self.needed_by or self.shipment.created_at + DUE)

    @property
    def deadline(self) -> datetime | None:
        """The hour of a stat order."""
        return (self.needed_by or self.shipment.created_at + STAT_WITHIN) if self.is_stat else None

    def may_come_on(self, day: date) -> bool:
        """A stat order on any day, others when their station takes deliveries; none on the day it was taken off."""
        if day == self.shipment.held_on:
            return False
        return self.is_stat or self.shipment.destination.takes_deliveries_on(day.weekday())

    def next_day(self, after: date) -> date:
        """The next day after this one on which it could come."""
        return next(day for ahead in range(1, 15) if self.may_come_on(day := after + timedelta(days=ahead)))

    def rank(self, day: date) -> Rank:
        """Routine deliveries may wait for a better day as long as one comes before they are due."""
        if self.is_stat:
            return Rank.STAT
        if self.shipment.priority == ResupplyOrder.Priority.URGENT:
            return Rank.URGENT
        return Rank.ROUTINE if self.next_day(day) <= self.due_on else Rank.PROMISED

    def worth(self, day: date, *, today: date) -> int:
        """What it is worth to bring it on this day, in cents; docs/schedule.md has the formula."""
        later = self.next_day(day)
        wait = worth_cents((), days=(later - day).days, base_cents=settings.EMS_DELIVERY_CENTS)
        return wait + worth_cents(self.lines, days=(later - today).days, base_cents=0)


def parcels(shipments: Sequence[Shipment], *, at: datetime) -> list[Parcel]:
    """These shipments, with destination loaded, as the schedule sees them. Four queries, however many."""
    found = {one.pk: Parcel(one) for one in shipments}
    item = "order_line__item__"
    rows = (
        ShipmentLine.objects.filter(shipment__in=list(found))
        .values_list("shipment")
        .annotate(
            weight=Sum(F("quantity") * F(f"{item}weight_g")),
            volume=Sum(F("quantity") * F(f"{item}volume_ml")),
            cold=Count("pk", filter=~Q(**{f"{item}storage": Item.Storage.ROOM})),
            two=Count("pk", filter=Q(**{f"{item}needs_two_people": True})),
            needed_by=Min("order_line__order__needed_by"),
        )
    )
    for pk, weight, volume, cold, two, needed_by in rows:
        parcel = found[pk]
        parcel.weight_g, parcel.volume_ml, parcel.needed_by = weight, volume, needed_by
        parcel.needs = frozenset(need for need, lines in ((COLD, cold), (TWO_PEOPLE, two)) if lines)
    _add_lines(found, at)
    return list(found.values())


def loads_by(what: str, lines: QuerySet[ShipmentLine]) -> dict[int, tuple[int, int]]:
    """Grams and millilitres of shipment lines, by what they are grouped by."""
    item = "order_line__item__"
    weight, volume = Sum(F("quantity") * F(f"{item}weight_g")), Sum(F("quantity") * F(f"{item}volume_ml"))
    rows = lines.order_by().values_list(what).annotate(weight=weight, volume=volume)
    return {pk: (grams, millilitres) for pk, grams, millilitres in rows}


def _add_lines(found: dict[int, Parcel], at: datetime) -> None:
    """What routine shipments bring to shelves that may run out."""
    routine = [pk for pk, one in found.items() if one.shipment.priority == ResupplyOrder.Priority.ROUTINE]
    lines = list(
        ShipmentLine.objects.filter(shipment__in=routine)
        .values_list("shipment", "order_line__location", "order_line__item", "order_line__item__criticality")
        .annotate(total=Sum("quantity"))
        .order_by("shipment", "order_line__location", "order_line__item")
    )
    if not lines:
        return
    places, items = {line[1] for line in lines}, {line[2] for line in lines}
    use = daily_use(at=at, locations=places, items=items)
    usable = _usable(places, items, timezone.localdate(at))
    for shipment, place, item, criticality, quantity in lines:
        if per_day := use.get((place, item)):
            found[shipment].lines.append(WorthLine(criticality, quantity, usable[place, item], per_day))


def _usable(places: Iterable[int], items: Iterable[int], today: date) -> defaultdict[tuple[int, int], int]:
    levels = StockLevel.objects.usable_until(today).filter(location__in=list(places), lot__item__in=list(items))
    rows = levels.values_list("location", "lot__item").annotate(free=Sum(F("on_hand") - F("allocated"))).order_by()
    return defaultdict(int, {(place, item): max(free, 0) for place, item, free in rows})


def window_on(station: Station, day: date) -> tuple[datetime, datetime]:
    """A station's delivery window on a day, in the division's time zone."""
    return local_moment(day, station.window_start), local_moment(day, station.window_end)


def local_moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, timezone.get_current_timezone())
