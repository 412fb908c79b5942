"""The logistics home: what waits to be approved, picked and sent, and what has gone wrong."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.counting import counts
from inventory.models import Item, StockLevel
from inventory.queries.states import State
from orders.models import (
    ApprovalStep,
    DeliveryRun,
    Discrepancy,
    OrderLine,
    ResupplyOrder,
    Shipment,
    Stop,
)
from orders.queries import piles
from orders.queries.claims import Shortage
from orders.queries.cover import Key, free_for
from orders.queries.line_states import shelves_now
from orders.queries.par_lines import lacking_on_shelves_sql
from orders.queries.substitutes import substitutes_for
from stations.models import Station, User

CARDS = 10  # shown at once; the next follow when the last is scrolled to
LIFE_SAVING = Item.Criticality.LIFE_SAVING


@dataclass(frozen=True)
class Strip:
    """The numbers above the columns; each opens its list."""

    overdue: int
    warehouses: Sequence["WarehouseNow"]
    to_count: int
    to_share: int
    discrepancies: int
    on_road: int
    late_stops: int
    backorders: int


@dataclass(frozen=True)
class WarehouseNow:
    """A warehouse, and how many of the par levels of its shelves are out or short."""

    station: Station
    lacking: int


@dataclass
class ToApprove:
    """A request that waits for an approver."""

    order: ResupplyOrder
    waits_for: str
    lines: int = 0
    uncovered: int = 0
    replaceable: int = 0
    out: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)

    @property
    def is_for_chief(self) -> bool:
        return self.waits_for == User.Role.CHIEF

    @property
    def out_words(self) -> str:
        """The life-saving items that the station is out of, by the first one's name."""
        more = len(self.out) - 1
        if more > 0:
            said = ngettext("%(item)s and %(count)d more out", "%(item)s and %(count)d more out", more)
            return said % {"item": self.out[0], "count": more}
        return _("%(item)s out") % {"item": self.out[0]} if self.out else ""

    @property
    def short_words(self) -> str:
        more = len(self.short) - 1
        if more > 0:
            said = ngettext("%(item)s and %(count)d more short", "%(item)s and %(count)d more short", more)
            return said % {"item": self.short[0], "count": more}
        return _("%(item)s short") % {"item": self.short[0]} if self.short else ""


@dataclass(frozen=True)
class Column:
    """Cards of one column from ``start`` on, most urgent first, and how many there are in all."""

    cards: Sequence[object]
    total: int
    start: int = 0

    @property
    def next(self) -> int:
        return self.start + len(self.cards)

    @property
    def hidden(self) -> int:
        return max(self.total - self.next, 0)


@dataclass(frozen=True)
class QueueNow:
    """The page: the strip, the columns, and the packed or planned shipments that no run takes."""

    strip: Strip
    warehouses: Sequence[Station]
    to_approve: Column
    to_pick: Column
    to_send: Column
    without_run: Column
    without_van: Column


def queue_now(at: datetime, short: Collection[Shortage]) -> QueueNow:
    """Everything that needs logistics right now. ``short``: all that is short at its source."""
    stations = warehouses()
    numbers = _numbers(at, stations)
    strip = Strip(
        overdue=numbers["overdue"],
        warehouses=[WarehouseNow(station, numbers.get(str(station.pk), 0)) for station in stations],
        to_count=numbers["to_count"],
        to_share=len(short),
        discrepancies=numbers["discrepancies"],
        on_road=numbers["on_road"],
        late_stops=numbers["late_stops"],
        backorders=numbers["backorders"],
    )
    picking, packed, waiting = piles.tops(CARDS)
    return QueueNow(
        strip=strip,
        warehouses=stations,
        to_approve=to_approve(at, short, total=numbers["to_approve"]),
        to_pick=Column(picking, numbers["to_pick"]),
        to_send=to_send(total=numbers["to_send"]),
        without_run=Column(packed, numbers["without_run"]),
        without_van=Column(waiting, numbers["without_van"]),
    )


def _numbers(at: datetime, stations: Sequence[Station]) -> dict[str, int]:
    """What is late, wrong, on the road and owed, what waits in each column, and what each of these warehouses lacks, by
    its id. One query."""
    out = Stop.objects.filter(run__state=DeliveryRun.State.OUT, state=Stop.State.PLANNED)
    return counts(
        lacking_on_shelves_sql(timezone.localdate(at), [station.pk for station in stations]),
        overdue=ResupplyOrder.objects.under_way().filter(needed_by__lt=at),
        to_count=StockLevel.objects.to_count(),
        discrepancies=Discrepancy.objects.filter(resolution=""),
        on_road=DeliveryRun.objects.filter(state=DeliveryRun.State.OUT),
        late_stops=out.filter(Q(planned_at__gt=F("window_end")) | Q(window_end__lt=at)),
        backorders=OrderLine.objects.owed(),
        to_approve=ResupplyOrder.objects.awaiting_approval(),
        to_pick=piles.to_pick(),
        to_send=_to_send(),
        without_run=piles.without_run(),
        without_van=piles.without_van(),
    )


def to_approve(at: datetime, short: Collection[Shortage], start: int = 0, *, total: int | None = None) -> Column:
    """Requests that wait, stat first and the oldest first, with what makes them matter and whether stock is there: what
    is ``short`` at its source does not cover a line, also where it would if nobody else asked."""
    waiting = ResupplyOrder.objects.awaiting_approval()
    steps = ApprovalStep.objects.filter(order=OuterRef("pk"), decided_at=None).order_by("position")
    orders: QuerySet[Any] = waiting.select_related("station", "source")
    ordered = orders.annotate(waits_for=Subquery(steps.values("role")[:1])).order_by("-priority", "submitted_at", "pk")
    cards = [ToApprove(order, order.waits_for or "") for order in ordered[_cards(start)]]
    _judge_lines({card.order.pk: card for card in cards}, at, {shortage.key for shortage in short})
    return Column(cards, waiting.count() if total is None else total, start)


def _cards(start: int) -> slice:
    return slice(start, start + CARDS)


def _judge_lines(cards: dict[int, ToApprove], at: datetime, scarce: set[Key]) -> None:
    found = OrderLine.objects.filter(order__in=list(cards), asked__gt=0).select_related("item")
    lines = list(found.order_by("item__name"))
    for line in lines:
        line.order = cards[line.order_id].order
    today = timezone.localdate(at)
    free = free_for(lines, today=today)
    missing = {line.pk: line.asked - free[line.pk] for line in lines if free[line.pk] < line.asked}
    instead = substitutes_for(lines, missing, today=today)
    now = shelves_now([line for line in lines if line.item.criticality == LIFE_SAVING], today=today)
    for line in lines:
        card = cards[line.order_id]
        card.lines += 1
        card.uncovered += line.pk in missing or (line.order.source_id, line.item_id) in scarce
        card.replaceable += bool(instead.get(line.pk))
        if line.item.criticality == LIFE_SAVING and now[line.pk].is_lacking:
            (card.out if now[line.pk].state == State.OUT else card.short).append(line.item.name)


def to_pick(start: int = 0) -> Column:
    """Shipments that wait to be picked, or are being picked."""
    waiting = piles.to_pick()
    return Column(list(piles.with_names(waiting)[_cards(start)]), waiting.count(), start)


@dataclass
class ToSend:
    """A run that has not left, with its shipments."""

    run: DeliveryRun
    shipments: list[Shipment]

    @property
    def stops(self) -> list[Stop]:
        return list(self.run.stops.all())

    @property
    def packed_words(self) -> str:
        return _("%(packed)s of %(count)s packed") % {"packed": self.packed, "count": len(self.shipments)}

    @property
    def packed(self) -> int:
        return sum(one.state == Shipment.State.PACKED for one in self.shipments)

    @property
    def to_pick(self) -> int:
        return sum(one.state in (Shipment.State.PLANNED, Shipment.State.PICKING) for one in self.shipments)

    @property
    def totes(self) -> int:
        return sum(one.totes for one in self.shipments)

    @property
    def is_ready(self) -> bool:
        return bool(self.shipments) and self.packed == len(self.shipments)


def _to_send() -> QuerySet[DeliveryRun]:
    return DeliveryRun.objects.filter(state__in=[DeliveryRun.State.PLANNED, DeliveryRun.State.LOADING])


def to_send(start: int = 0, *, total: int | None = None) -> Column:
    """Runs that have not left, the next to leave first."""
    stops = Prefetch("stops", Stop.objects.select_related("station"))
    ordered = _to_send().select_related("van", "driver").prefetch_related(stops).order_by("leaves_at", "pk")
    runs = list(ordered[_cards(start)])
    shipments: dict[int, list[Shipment]] = defaultdict(list)
    run_of = {stop.pk: run.pk for run in runs for stop in run.stops.all()}
    for one in Shipment.objects.filter(stop__in=run_of).exclude(state=Shipment.State.TO_COLLECT):
        shipments[run_of[one.stop_id or 0]].append(one)
    return Column(
        [ToSend(run, shipments[run.pk]) for run in runs], _to_send().count() if total is None else total, start
    )


def warehouses() -> list[Station]:
    """Where suppliers deliver."""
    return list(Station.objects.filter(kind=Station.Kind.WAREHOUSE)[:3])
