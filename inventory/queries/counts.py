"""Counts: what is to be counted, in the order in which people walk, and who counted it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _

from core.counting import count_of
from inventory.models import CountLine, CycleCount, Item, ParLevel, StockLevel, StockLevelQuerySet
from stations.models import Event, Location


def lots_to_count(location: Location, item_ids: Collection[int] | None = None) -> dict[int, int]:
    """What the books expect of each lot to be counted here, by lot id.

    Every lot with stock; and for an item that should be here and has none, the lot that was here last.
    """
    levels = StockLevel.objects.filter(location=location)
    items = Item.objects.filter(par_levels__location=location, par_levels__par__gt=0)
    if item_ids is not None:
        levels, items = levels.filter(lot__item__in=item_ids), items.filter(pk__in=item_ids)
    held = levels.filter(on_hand__gt=0)
    empty = items.exclude(pk__in=held.values("lot__item")).values("pk")
    last = levels.filter(on_hand=0, lot__item__in=empty).values("lot__item").annotate(last=Max("lot"))
    return {
        **dict(held.values_list("lot_id", "on_hand")),
        **dict.fromkeys(last.values_list("last", flat=True), 0),
    }


def unlisted_items(count: CycleCount) -> QuerySet[Item]:
    """Items that should be in the counted place and of which no lot was ever seen there."""
    wanted = Item.objects.filter(par_levels__location=count.location, par_levels__par__gt=0)
    return wanted.exclude(pk__in=count.lines.values("lot__item")).order_by("name")


@dataclass(frozen=True)
class BinLines:
    """The lines of one bin, in the order of names and expiry. The bin "" holds what has no place yet."""

    number: int
    name: str
    lines: Sequence[CountLine]

    @property
    def uncounted(self) -> list[CountLine]:
        return [line for line in self.lines if line.counted is None]


def lines_by_bin(count: CycleCount) -> list[BinLines]:
    """The lines of a count as people walk along the shelf: bins in natural order, those without a bin last."""
    rows = list(count.lines.select_related("lot__item").prefetch_related("lot__item__packs"))
    bins = bins_at(count.location)
    by_bin: dict[str, list[CountLine]] = {}
    for row in sorted(rows, key=lambda row: (row.lot.item.name, str(row.lot.expires_on or "9"), row.lot_id)):
        by_bin.setdefault(bins.get(row.lot.item_id, ""), []).append(row)
    return [BinLines(number, name, by_bin[name]) for number, name in enumerate(sorted(by_bin, key=natural), 1)]


def bins_at(location: Location) -> Mapping[int, str]:
    """The bin of each item here, by item id."""
    return dict(ParLevel.objects.filter(location=location).exclude(bin="").values_list("item_id", "bin"))


def natural(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """A key that puts A2 before A10, and no name last."""
    parts = re.findall(r"(\d{1,9})|(\D+)", name)
    return not name, [(int(digits) if digits else -1, letters.casefold()) for digits, letters in parts]


def listed(counts: QuerySet[CycleCount]) -> QuerySet[CycleCount]:
    """Counts, newest first, with how far each has come."""
    lines = CountLine.objects.all()
    return (
        counts.select_related("location__station", "location__unit__station", "opened_by")
        .annotate(
            line_count=count_of(lines, "count"),
            left=count_of(lines.filter(CountLine.UNCOUNTED), "count"),
            variances=count_of(lines.exclude(CountLine.UNCOUNTED).exclude(counted=F("expected")), "count"),
        )
        .order_by("-pk")
    )


@dataclass(frozen=True)
class ToCount:
    """A place where pickers did not find what the books say, and the levels in doubt, the longest ago first."""

    place: Location
    levels: Sequence[StockLevel]


def to_count(levels: StockLevelQuerySet) -> list[ToCount]:
    """What of these levels waits to be counted because a picker did not find it. Two queries."""
    rows = levels.to_count().select_related("lot__item", "location__station", "location__unit__station")
    by_place: dict[Location, list[StockLevel]] = {}
    for level in rows.prefetch_related("lot__item__packs"):
        by_place.setdefault(level.location, []).append(level)
    return [ToCount(place, levels) for place, levels in by_place.items()]


def last_counters(count: CycleCount) -> dict[int, str]:
    """Who counted each lot last, by lot id. One query."""
    events = Event.objects.about(count).filter(verb__in=["counted", "found"])
    system = _("The system")
    return {int(lot): str(event.command.by or system) for event in events for lot in event.details["lots"]}
