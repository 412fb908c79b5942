"""The logistics home: what waits to be approved, picked and sent, and what has gone wrong."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import DateTimeField, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.counting import count_of
from inventory.models import Item, StockLevel
from inventory.queries.states import State
from orders.models import (
    ApprovalStep,
    DeliveryRun,
    Discrepancy,
    OrderLine,
    ResupplyOrder,
    Shipment,
    ShipmentLine,
    Stop,
)
from orders.queries.claims import Shortage
from orders.queries.cover import Key, free_for
from orders.queries.line_states import shelves_now
from orders.queries.par_lines import lacking_on_shelves
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


def strip(at: datetime, short: Collection[Shortage]) -> Strip:
    """What is late, short, wrong, on the road and owed, right now. ``short``: all that is short at its source."""
    out = Stop.objects.filter(run__state=DeliveryRun.State.OUT, state=Stop.State.PLANNED)
    return Strip(
        overdue=ResupplyOrder.objects.under_way().filter(needed_by__lt=at).count(),
        warehouses=_warehouses_now(at),
        to_count=StockLevel.objects.to_count().count(),
        to_share=len(short),
        discrepancies=Discrepancy.objects.filter(resolution="").count(),
        on_road=DeliveryRun.objects.filter(state=DeliveryRun.State.OUT).count(),
        late_stops=out.filter(Q(planned_at__gt=F("window_end")) | Q(window_end__lt=at)).count(),
        backorders=OrderLine.objects.owed().count(),
    )


def _warehouses_now(at: datetime) -> list[WarehouseNow]:
    stations = warehouses()
    lacking = lacking_on_shelves(timezone.localdate(at), [station.pk for station in stations])
    return [WarehouseNow(station, lacking.get(station.pk, 0)) for station in stations]


def to_approve(at: datetime, short: Collection[Shortage], start: int = 0) -> Column:
    """Requests that wait, stat first and the oldest first, with what makes them matter and whether stock is there: what
    is ``short`` at its source does not cover a line, also where it would if nobody else asked."""
    waiting = ResupplyOrder.objects.awaiting_approval()
    orders = list(
        waiting.select_related("station", "source").order_by("-priority", "submitted_at", "pk")[_cards(start)]
    )
    steps = ApprovalStep.objects.filter(order__in=orders, decided_at=None).order_by("-position")
    waits_for = dict(steps.values_list("order_id", "role"))
    cards = [ToApprove(order, waits_for.get(order.pk, "")) for order in orders]
    _judge_lines({card.order.pk: card for card in cards}, at, {shortage.key for shortage in short})
    return Column(cards, waiting.count(), start)


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
    waiting = Shipment.objects.filter(state__in=[Shipment.State.PLANNED, Shipment.State.PICKING])
    shipments = with_progress(waiting).select_related("source", "destination", "stop__run__van", "picker")
    ordered = shipments.order_by("-priority", F("stop__run__leaves_at").asc(nulls_last=True), "created_at", "pk")
    return Column(list(ordered[_cards(start)]), waiting.count(), start)


def with_progress(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """Each with ``line_count``, ``picked_count``, ``critical_count`` and the earliest time it is ``needed_by``."""
    lines = ShipmentLine.objects.all()
    needed = lines.filter(shipment=OuterRef("pk")).order_by().values("shipment")
    first = needed.annotate(first=Min("order_line__order__needed_by")).values("first")
    return shipments.annotate(
        line_count=count_of(lines, "shipment"),
        picked_count=count_of(lines.filter(is_picked=True), "shipment"),
        critical_count=count_of(lines.filter(order_line__item__criticality=LIFE_SAVING), "shipment"),
        needed_by=Subquery(first, output_field=DateTimeField()),
    )


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


def to_send(start: int = 0) -> Column:
    """Runs that have not left, the next to leave first."""
    waiting = DeliveryRun.objects.filter(state__in=[DeliveryRun.State.PLANNED, DeliveryRun.State.LOADING])
    stops = Prefetch("stops", Stop.objects.select_related("station"))
    ordered = waiting.select_related("van", "driver").prefetch_related(stops).order_by("leaves_at", "pk")
    runs = list(ordered[_cards(start)])
    shipments: dict[int, list[Shipment]] = defaultdict(list)
    run_of = {stop.pk: run.pk for run in runs for stop in run.stops.all()}
    for one in Shipment.objects.filter(stop__in=run_of).exclude(state=Shipment.State.TO_COLLECT):
        shipments[run_of[one.stop_id or 0]].append(one)
    return Column([ToSend(run, shipments[run.pk]) for run in runs], waiting.count(), start)


def warehouses() -> list[Station]:
    """Where suppliers deliver."""
    return list(Station.objects.filter(kind=Station.Kind.WAREHOUSE)[:3])


def without_run() -> Column:
    """Packed shipments that no run takes yet, the most urgent first; those that wait for a reason are apart."""
    packed = Shipment.objects.filter(state=Shipment.State.PACKED, stop=None, wait_reason="")
    rows = packed.select_related("destination", "source").order_by("-priority", "packed_at")
    return Column(list(rows[:CARDS]), packed.count())


def without_van() -> Column:
    """Shipments that the schedule found no van for within a week, with their ``wait_reason``, the most urgent first."""
    waiting = Shipment.objects.filter(state__in=Shipment.AT_SOURCE, stop=None).exclude(wait_reason="")
    rows = waiting.select_related("destination", "source").order_by("-priority", "created_at", "pk")
    return Column(list(rows[:CARDS]), waiting.count())
