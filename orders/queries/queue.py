"""The logistics home: what waits to be approved, picked and sent, and what has gone wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from core.counting import counts
from inventory.models import StockLevel
from orders.models import DeliveryRun, Discrepancy, OrderLine, ResupplyOrder, Stop
from orders.queries import piles
from orders.queries.approving import to_approve
from orders.queries.board import CARDS, Column, cards
from orders.queries.par_lines import lacking_at_warehouses_sql
from orders.queries.sending import runs_to_send, to_send
from stations.models import Station

WAREHOUSES = 3  # are named


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
    """A warehouse, of which only id, code and name are read, and how many of the par levels of its shelves are out or
    short."""

    station: Station
    lacking: int


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


def queue_now(at: datetime) -> QueueNow:
    """Everything that needs logistics right now."""
    numbers = _numbers(at)
    here = _warehouses(numbers)
    approving, short = to_approve(at, total=numbers["to_approve"])
    strip = Strip(
        overdue=numbers["overdue"],
        warehouses=here,
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
        warehouses=[one.station for one in here],
        to_approve=approving,
        to_pick=Column(picking, numbers["to_pick"]),
        to_send=to_send(total=numbers["to_send"]),
        without_run=Column(packed, numbers["without_run"]),
        without_van=Column(waiting, numbers["without_van"]),
    )


def _numbers(at: datetime) -> dict[str, int]:
    """What is late, wrong, on the road and owed, what waits in each column, and what warehouses lack. One query."""
    out = Stop.objects.filter(run__state=DeliveryRun.State.OUT, state=Stop.State.PLANNED)
    return counts(
        lacking_at_warehouses_sql(timezone.localdate(at), WAREHOUSES),
        overdue=ResupplyOrder.objects.under_way().filter(needed_by__lt=at),
        to_count=StockLevel.objects.to_count(),
        discrepancies=Discrepancy.objects.filter(resolution=""),
        on_road=DeliveryRun.objects.filter(state=DeliveryRun.State.OUT),
        late_stops=out.filter(Q(planned_at__gt=F("window_end")) | Q(window_end__lt=at)),
        backorders=OrderLine.objects.owed(),
        to_approve=ResupplyOrder.objects.awaiting_approval(),
        to_pick=piles.to_pick(),
        to_send=runs_to_send(),
        without_run=piles.without_run(),
        without_van=piles.without_van(),
    )


def _warehouses(numbers: dict[str, int]) -> list[WarehouseNow]:
    """Those among the numbers, by code; their names are code, id and name between tabs."""
    found = []
    for name in sorted(name for name in numbers if "\t" in name):
        code, pk, said = name.split("\t", 2)
        found.append(WarehouseNow(Station(pk=int(pk), code=code, name=said), numbers[name]))
    return found


def to_pick(start: int = 0) -> Column:
    """Shipments that wait to be picked, or are being picked."""
    waiting = piles.to_pick()
    return Column(list(piles.with_names(waiting)[cards(start)]), waiting.count(), start)


def warehouses() -> list[Station]:
    """Where suppliers deliver."""
    return list(Station.objects.filter(kind=Station.Kind.WAREHOUSE)[:WAREHOUSES])
