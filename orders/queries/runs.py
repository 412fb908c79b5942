"""Delivery runs: lists, the run sheet, and what a driver does next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from core.counting import count_of
from orders.models import DeliveryRun, Shipment, ShipmentLine, Stop
from orders.queries.travel import place_of, travel_among
from stations.models import Station, Unit, User

DONE = (Stop.State.DELIVERED, Stop.State.MISSED)
OVER = (DeliveryRun.State.COMPLETED, DeliveryRun.State.CANCELLED)


def run_rows(runs: QuerySet[DeliveryRun]) -> QuerySet[DeliveryRun]:
    """A list of runs with ``stop_count``, ``done_count`` and ``late_count``; what is on the road first."""
    is_late = Q(arrived_at__gt=F("window_end")) | Q(arrived_at=None, planned_at__gt=F("window_end"))
    return (
        runs.select_related("depot", "van", "driver")
        .annotate(
            stop_count=count_of(Stop.objects.all(), "run"),
            done_count=count_of(Stop.objects.filter(state__in=DONE), "run"),
            late_count=count_of(Stop.objects.filter(is_late), "run"),
            urgency=_by_state(),
        )
        .order_by("urgency", "-run_on", "leaves_at", "pk")
    )


def _by_state() -> Case:
    state = DeliveryRun.State
    order = (state.OUT, state.LOADING, state.PLANNED)
    return Case(
        *(When(state=one, then=Value(number)) for number, one in enumerate(order)),
        default=Value(len(order)),
        output_field=IntegerField(),
    )


def counts_by_state(runs: QuerySet[DeliveryRun]) -> dict[str, int]:
    """How many runs are in each state."""
    return dict(runs.order_by().values_list("state").annotate(Count("pk")))


@dataclass
class StopCard:
    """A stop with what is handed over there, and what is collected for others."""

    stop: Stop
    shipments: list[Shipment]
    at: datetime
    pickups: list[Shipment] = field(default_factory=list)

    @property
    def to_collect(self) -> list[Shipment]:
        """What the driver still has to take here for other stations."""
        return [one for one in self.pickups if one.state == Shipment.State.TO_COLLECT]

    @property
    def lines_to_collect(self) -> int:
        return sum(one.line_count for one in self.to_collect)  # type: ignore[attr-defined]  # annotated

    @property
    def totes(self) -> int:
        return sum(one.totes for one in self.shipments)

    @property
    def lines(self) -> int:
        return sum(one.line_count for one in self.shipments)  # type: ignore[attr-defined]  # annotated

    @property
    def missed_words(self) -> str:
        """What a driver says who could not do what was to be done here."""
        return _("Could not deliver") if self.shipments else _("Could not collect")

    @property
    def missed_question(self) -> str:
        return _("Could not deliver?") if self.shipments else _("Could not collect?")

    @property
    def unpacked(self) -> list[Shipment]:
        """What would stay behind if the van left now."""
        return [one for one in self.shipments if one.state in (Shipment.State.PLANNED, Shipment.State.PICKING)]

    @property
    def delivered(self) -> list[Shipment]:
        """What was handed over here and is not received."""
        return [one for one in self.shipments if one.state == Shipment.State.DELIVERED]

    @property
    def is_done(self) -> bool:
        return self.stop.state in DONE

    @property
    def is_late(self) -> bool:
        """Whether it was, will be, or by now must be after the window."""
        return self.stop.is_late() or (self.stop.state == Stop.State.PLANNED and self.stop.window_end < self.at)


def stops_of(run: DeliveryRun, *, at: datetime) -> list[StopCard]:
    """The stops in order, each with its shipments."""
    shipments: dict[int, list[Shipment]] = defaultdict(list)
    pickups: dict[int, list[Shipment]] = defaultdict(list)
    rows = Shipment.objects.filter(stop__run=run).select_related("source", "destination")
    for one in rows.annotate(line_count=Count("lines")).order_by("-priority", "pk"):
        shipments[one.stop_id or 0].append(one)
        if one.pickup_id is not None:
            pickups[one.pickup_id].append(one)
    stops = run.stops.select_related("station").order_by("position")
    return [StopCard(stop, shipments[stop.pk], at, pickups[stop.pk]) for stop in stops]


def legs_of(run: DeliveryRun, cards: Sequence[StopCard]) -> list[int]:
    """Metres from the depot to the first stop, from stop to stop, and back. One query."""
    way = [run.depot, *(card.stop.station for card in cards), run.depot]
    travel = travel_among({station.pk for station in way})
    return [travel.metres(place_of(here), place_of(there)) for here, there in pairwise(way)]


def not_packed(run: DeliveryRun) -> list[Shipment]:
    """What is for this run and not packed, in the order of its stops: it stays behind when the van leaves."""
    unpacked = Shipment.objects.filter(stop__run=run, state__in=[Shipment.State.PLANNED, Shipment.State.PICKING])
    return list(unpacked.select_related("source", "destination", "stop__run__van").order_by("stop__position", "pk"))


def next_card(cards: Sequence[StopCard]) -> StopCard | None:
    """The stop where something is to be done now: the first that is neither delivered nor missed."""
    return next((card for card in cards if not card.is_done), None)


def lines_at(stop: Stop) -> list[ShipmentLine]:
    """What is handed over at a stop, line by line."""
    rows = ShipmentLine.objects.filter(shipment__stop=stop)
    related = rows.select_related("order_line__item", "level__lot", "shipment")
    return list(related.prefetch_related("order_line__item__packs").order_by("order_line__item__name", "pk"))


def lines_to_collect(stop: Stop) -> list[ShipmentLine]:
    """What the driver takes at a stop for other stations, line by line."""
    rows = ShipmentLine.objects.filter(shipment__pickup=stop, shipment__state=Shipment.State.TO_COLLECT)
    related = rows.select_related("order_line__item", "level__lot", "level__location", "shipment__destination")
    return list(
        related.prefetch_related("order_line__item__packs").order_by("shipment", "order_line__item__name", "pk")
    )


def runs_of_driver(driver: User) -> list[DeliveryRun]:
    """The runs that this person drives and has not finished, the one on the road first."""
    unfinished = DeliveryRun.objects.exclude(state__in=[DeliveryRun.State.COMPLETED, DeliveryRun.State.CANCELLED])
    rows = unfinished.filter(driver=driver).select_related("van", "depot", "driver").annotate(urgency=_by_state())
    return list(rows.order_by("urgency", "leaves_at", "pk"))


def runs_without_driver() -> QuerySet[DeliveryRun]:
    """Runs that somebody may still take, the next to leave first."""
    open_states = [DeliveryRun.State.PLANNED, DeliveryRun.State.LOADING]
    rows = DeliveryRun.objects.filter(driver=None, state__in=open_states).select_related("van", "depot")
    return rows.annotate(stop_count=Count("stops")).order_by("leaves_at", "pk")


def depots() -> QuerySet[Station]:
    """Stations from which runs leave: those that have a van and supply others."""
    vans = Unit.objects.filter(station=OuterRef("pk"), kind=Unit.Kind.VAN, is_in_service=True)
    supplied = Station.objects.filter(supplied_by=OuterRef("pk"))
    return Station.objects.filter(Exists(vans), Exists(supplied)).order_by("code")


def depots_and_runs(today: date) -> "QuerySet[Any]":
    """The same, each with ``open_runs``, how many of its runs are not over, and ``next_run_on``, the first day from
    today on with one of them."""
    under_way = DeliveryRun.objects.exclude(state__in=OVER)
    ahead = under_way.filter(depot=OuterRef("pk"), run_on__gte=today).order_by("run_on")
    return depots().annotate(open_runs=count_of(under_way, "depot"), next_run_on=Subquery(ahead.values("run_on")[:1]))


def waiting_stations(depot: Station) -> QuerySet[Station]:
    """Stations for which shipments wait here without a run: ``shipment_count``, ``packed_count``, ``most_urgent``."""
    waiting = Q(shipments_in__source=depot, shipments_in__stop=None, shipments_in__state__in=Shipment.AT_SOURCE)
    return (
        Station.objects.annotate(
            shipment_count=Count("shipments_in", filter=waiting),
            packed_count=Count("shipments_in", filter=waiting & Q(shipments_in__state=Shipment.State.PACKED)),
            most_urgent=Min(-F("shipments_in__priority"), filter=waiting),
        )
        .filter(shipment_count__gt=0)
        .order_by("most_urgent", "code")
    )
