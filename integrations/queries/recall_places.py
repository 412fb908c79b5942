"""Where the units of recalled lots are now, and what became of the others."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from integrations.models import Recall, RecalledLot
from inventory.models import Lot, StockLevel, StockMovement

Reason = StockMovement.Reason
GONE = (Reason.PULLED, Reason.DISCARDED, Reason.WASTED)
HELD = (Lot.Status.QUARANTINED, Lot.Status.RECALLED)


def left_of(levels: "QuerySet[StockLevel]") -> Coalesce:
    """Base units of a recall's held lots at these levels, for an annotation of recalls. A lot that was released again
    is no longer of it."""
    mine = levels.filter(on_hand__gt=0, lot__status__in=HELD, lot__recalls__recall=OuterRef("pk")).order_by()
    total = mine.values("lot__recalls__recall").annotate(total=Sum("on_hand")).values("total")
    return Coalesce(Subquery(total, IntegerField()), 0)


def levels_left(recall: Recall, levels: "QuerySet[StockLevel]") -> "QuerySet[StockLevel]":
    """The held lots of a recall where any is left, as far as these levels show it."""
    return levels.filter(on_hand__gt=0, lot__status__in=HELD, lot__in=recall.lots.values("lot"))


def units_left(recalls: Collection[int]) -> dict[int, int]:
    """Base units left of each of these recalls, by its id, on shelves, units and vans; 0 where nothing is."""
    rows = Recall.objects.filter(pk__in=recalls).annotate(left=left_of(StockLevel.objects.all())).order_by()
    return dict(rows.values_list("pk", "left"))


@dataclass(frozen=True)
class Reckoning:
    """What became of every unit that was found: it adds up."""

    found: int
    left: int
    pulled: int
    used_since: int
    used: int

    @property
    def otherwise(self) -> int:
        """Gone by counts, losses and the like since."""
        return max(self.found - self.left - self.pulled - self.used_since, 0)

    @property
    def came_since(self) -> int:
        return max(self.left + self.pulled + self.used_since - self.found, 0)


def reckoning(recall: Recall) -> Reckoning:
    """The units of a recall: found when its lots were matched, left now, pulled and used since. Three queries."""
    lots = RecalledLot.objects.filter(recall=recall)
    moved = StockMovement.objects.filter(lot__recalls__recall=recall)
    since = Q(moved_at__gt=F("lot__recalls__matched_at"))
    undone = Q(reverses__reason=Reason.USED)
    sums = moved.aggregate(
        pulled=Sum("quantity", filter=since & Q(reason__in=GONE), default=0),
        pulled_back=Sum("quantity", filter=since & Q(reverses__reason__in=GONE), default=0),
        used=Sum("quantity", filter=Q(reason=Reason.USED), default=0),
        used_back=Sum("quantity", filter=undone, default=0),
        used_since=Sum("quantity", filter=since & Q(reason=Reason.USED), default=0),
        used_since_back=Sum("quantity", filter=since & undone, default=0),
    )
    return Reckoning(
        found=lots.aggregate(units=Sum("found", default=0))["units"],
        left=units_left([recall.pk]).get(recall.pk, 0),
        pulled=sums["pulled"] - sums["pulled_back"],
        used_since=sums["used_since"] - sums["used_since_back"],
        used=sums["used"] - sums["used_back"],
    )


def used_on_patients(recalls: Collection[int]) -> dict[int, int]:
    """How many units of the lots of each of these recalls, by its id, were used on patients, ever."""
    used = StockMovement.objects.filter(lot__recalls__recall__in=recalls).order_by().values("lot__recalls__recall")
    rows = used.annotate(
        used=Sum("quantity", filter=Q(reason=Reason.USED), default=0),
        back=Sum("quantity", filter=Q(reverses__reason=Reason.USED), default=0),
    )
    return {recall: used - back for recall, used, back in rows.values_list("lot__recalls__recall", "used", "back")}
