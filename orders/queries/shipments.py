"""Shipments as lists and as papers: what to take from which bin, what goes into the totes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.counting import count_of
from inventory.models import ParLevel, StockLevel
from orders.models import URGENCY, Shipment, ShipmentLine
from stations.models import Location


def shipment_rows(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """A list of shipments: with both ends, the run, and ``line_count``. What is not received yet comes first, urgent
    ones before routine ones; then the latest."""
    related = shipments.select_related("source", "destination", "stop__run")
    line_count = count_of(ShipmentLine.objects.all(), "shipment")
    return related.annotate(line_count=line_count, urgency=URGENCY).order_by("-urgency", "-pk")


def counts_by_state(shipments: QuerySet[Shipment]) -> dict[str, int]:
    """How many shipments are in each state."""
    return dict(shipments.order_by().values_list("state").annotate(Count("pk")))


def lines_of(*shipments: Shipment) -> list[ShipmentLine]:
    """All lines of these with order, item, packs, lot, place and its ``bin``, by item and the date of the lot."""
    bins = ParLevel.objects.filter(location=OuterRef("level__location"), item=OuterRef("level__lot__item"))
    rows = ShipmentLine.objects.filter(shipment__in=shipments).select_related(
        "order_line__order", "order_line__item", "level__lot", "level__location"
    )
    return list(
        rows.prefetch_related("order_line__item__packs")
        .annotate(bin=Coalesce(Subquery(bins.values("bin")[:1]), Value("")))
        .order_by("order_line__item__name", F("level__lot__expires_on").asc(nulls_last=True), "pk")
    )


@dataclass(frozen=True)
class PickLine:
    """What to take, and the lots that could be taken instead."""

    line: ShipmentLine
    others: Sequence[StockLevel]

    @property
    def field_id(self) -> str:
        """The id of its quantity on the page."""
        return f"there-{self.line.pk}"


@dataclass(frozen=True)
class PickGroup:
    """One stretch of the pick list: a place and a bin, and what is taken there."""

    place: str
    bin: str
    lines: Sequence[PickLine]


def by_bin(lines: Sequence[ShipmentLine], others: Mapping[int, Sequence[StockLevel]]) -> list[PickGroup]:
    """Lines of ``lines_of`` in the order in which the picker walks: by place and bin; what has no bin comes last."""
    groups: dict[tuple[str, str], list[PickLine]] = defaultdict(list)
    for line in lines:
        bin_name: str = line.bin  # type: ignore[attr-defined]  # annotated by lines_of
        instead = [level for level in others.get(line.order_line.item_id, ()) if level.pk != line.level_id]
        groups[line.level.location.name, bin_name].append(PickLine(line, instead))
    walk = sorted(groups.items(), key=lambda group: (group[0][0], not group[0][1], group[0][1]))
    return [PickGroup(place, bin_name, found) for (place, bin_name), found in walk]


def line_after(groups: Sequence[PickGroup], picked: Collection[int]) -> int | None:
    """The id of the first line still to pick that comes after these on the walk; None at its end."""
    walk = [pick.line for group in groups for pick in group.lines]
    start = max((number for number, line in enumerate(walk) if line.pk in picked), default=-1)
    return next((line.pk for line in walk[start + 1 :] if not line.is_picked), None)


def other_lots(shipment: Shipment, lines: Sequence[ShipmentLine], *, today: date) -> dict[int, list[StockLevel]]:
    """Free stock of the items of these lines at the shipment's source, by item id: first expired first."""
    levels = StockLevel.objects.usable_until(today).filter(
        location__station=shipment.source_id,
        location__kind__in=Location.SHELVES,
        lot__item__in={line.order_line.item_id for line in lines},
        on_hand__gt=F("allocated"),
    )
    found: dict[int, list[StockLevel]] = defaultdict(list)
    for level in levels.select_related("lot", "location").first_expired_first():
        found[level.lot.item_id].append(level)
    return found
