"""Recalls as pages show them: which there are, where each unit lies, what a station has to pull."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext as _

from integrations.models import Recall, RecallQuerySet
from integrations.queries.recall_matches import items_named, with_stock
from integrations.queries.recall_places import left_of, levels_left
from integrations.recalls.lots import normalized
from inventory.models import Lot, StockLevel
from inventory.queries.stock import LotRow, matching
from orders.models import Shipment, ShipmentLine
from stations.models import Location, Station

MOST_LOTS = 100
NAMES = ("lot__item", "location__station", "location__unit__station")
SERIOUS = Case(
    *(When(classification=name, then=Value(place)) for place, name in enumerate(("I", "II", "III"))),
    default=Value(3),
    output_field=IntegerField(),
)


def recall_rows(recalls: RecallQuerySet, levels: "QuerySet[StockLevel]", *, state: str, text: str) -> "QuerySet[Any]":
    """Recalls in a state, or all that are open: the gravest first, then the latest. Adds ``left``, at these levels."""
    found = recalls.filter(state__in=[state] if state in Recall.State.values else Recall.OPEN)
    if text:
        found = found.filter(Q(number__istartswith=text) | Q(product__icontains=text) | Q(firm__icontains=text))
    return found.defer("source", "lot_numbers", "codes").annotate(left=left_of(levels)).order_by(SERIOUS, "-pk")


def counts_by_state(recalls: "QuerySet[Recall]") -> dict[str, int]:
    """How many recalls are in each state."""
    return dict(recalls.order_by().values_list("state").annotate(number=Count("pk")))


@dataclass(frozen=True)
class OpenRecalls:
    """The figure for the homes of logistics and the chief."""

    number: int
    to_review: int
    left: int


def open_recalls() -> OpenRecalls:
    """How many recalls are open, how many of them wait for a person, and how many units are still somewhere."""
    rows = Recall.objects.open().annotate(left=left_of(StockLevel.objects.all()))
    sums = rows.aggregate(
        number=Count("pk"), to_review=Count("pk", filter=Q(state=Recall.State.TO_REVIEW)), units=Sum("left", default=0)
    )
    return OpenRecalls(sums["number"], sums["to_review"], sums["units"])


@dataclass(frozen=True)
class Place:
    """A shelf, unit or van, and what it holds of a recall's lots."""

    recall: Recall
    location: Location
    levels: Sequence[StockLevel]

    @property
    def units(self) -> int:
        return sum(level.on_hand for level in self.levels)

    @property
    def free(self) -> int:
        """What can be pulled now: not what a picker did not find, which is counted first."""
        return sum(level.available for level in self.levels)

    @property
    def is_van(self) -> bool:
        return self.location.kind == Location.Kind.VAN

    @property
    def is_scheduled(self) -> bool:
        return any(level.lot.item.schedule for level in self.levels)

    @property
    def words(self) -> str:
        """ "4 of lot A17, 2 of lot A18"."""
        return ", ".join(_("%(count)d of lot %(lot)s") % {"count": one.on_hand, "lot": one.lot} for one in self.levels)


def _with_names(levels: "QuerySet[StockLevel]") -> "QuerySet[StockLevel]":
    return levels.select_related(*NAMES).order_by("location", "lot").prefetch_related("lot__item__packs")


def places_of(recall: Recall, levels: "QuerySet[StockLevel]") -> list[Place]:
    """Where the held lots of a recall lie, as far as these levels show it; by place."""
    return [
        Place(recall, location, list(group))
        for location, group in groupby(_with_names(levels_left(recall, levels)), key=lambda level: level.location)
    ]


def rows_to_pull(recall: Recall, location: Location) -> list[LotRow]:
    """What can be pulled of a recall at a place, all of it filled in."""
    levels = StockLevel.objects.filter(location=location, on_hand__gt=F("allocated"))
    places = places_of(recall, levels)
    return [LotRow(level, False, typed=str(level.available)) for place in places for level in place.levels]


@dataclass(frozen=True)
class ToPull:
    """What stations must take off their shelves, and what is still on its way to them and must not be used."""

    places: Sequence[Place]
    coming: Sequence[ShipmentLine]


def to_pull(stations: Collection[Station]) -> ToPull:
    """What is recalled at these stations and on its way there. Two queries."""
    pks = [station.pk for station in stations]
    here = StockLevel.objects.filter(on_hand__gt=0, location__in=Location.objects.of(pks))
    named = here.filter(lot__status=Lot.Status.RECALLED).exclude(location__kind=Location.Kind.VAN)
    coming = (
        ShipmentLine.objects.filter(shipment__destination__in=pks, shipment__state__in=Shipment.IN_TRANSIT)
        .filter(level__lot__status=Lot.Status.RECALLED, level__lot__recalls__isnull=False)
        .select_related("level__lot__item", "shipment")
        .distinct()
        .order_by("shipment", "pk")
    )
    return ToPull(_by_recall(named), list(coming))


def _by_recall(levels: "QuerySet[StockLevel]") -> list[Place]:
    """The places under the first recall that names their lots; lots that no recall names are left out."""
    rows: QuerySet[Any] = levels.annotate(named=FilteredRelation("lot__recalls")).filter(named__isnull=False)
    ordered = rows.select_related(*NAMES, "named__recall").order_by("location", "lot", "named")
    seen: set[int] = set()
    groups: dict[tuple[int, int], tuple[Recall, list[StockLevel]]] = {}
    for level in ordered:
        if level.pk not in seen:
            seen.add(level.pk)
            recall = level.named.recall
            groups.setdefault((recall.pk, level.location_id), (recall, []))[1].append(level)
    return [Place(recall, group[0].location, group) for recall, group in groups.values()]


@dataclass(frozen=True)
class Candidate:
    """A lot that a person may name: of an item that the record names, of a number that it names, or looked for."""

    lot: Any
    is_named: bool


@dataclass(frozen=True)
class Candidates:
    lots: Sequence[Candidate] = field(default_factory=list)
    has_more: bool = False


def candidates(recall: Recall, text: str, *, also: Collection[int] = ()) -> Candidates:
    """The lots that a recall may be about, those on a shelf first: by its codes, by its numbers, or as looked for; and
    those that were ticked before, by their ids."""
    lots = with_stock(Lot.objects.all())
    if text:
        of_items = matching(Lot.objects.all(), text, path="item__").values("pk")
        lots = lots.filter(Q(pk__in=of_items) | Q(number__istartswith=text) | Q(serial_number__istartswith=text))
    else:
        items = items_named([recall])[recall.pk]
        lots = lots.filter(
            Q(item__in=items) | Q(number__in=list(recall.lot_numbers)) | Q(recalls__recall=recall) | Q(pk__in=also)
        )
    known = set(recall.lots.values_list("lot_id", flat=True))
    found = list(lots.distinct().order_by("-on_hand", "pk")[: MOST_LOTS + 1])
    rows = [
        Candidate(lot, lot.pk in known or normalized(lot.number) in recall.lot_numbers) for lot in found[:MOST_LOTS]
    ]
    return Candidates(sorted(rows, key=lambda row: not row.is_named), len(found) > MOST_LOTS)
