"""Which of our lots a recall names: first an item by NDC or GTIN, then a lot of it by number. Never a lot alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from integrations.models import Recall, RecalledLot
from integrations.queries.recall_places import units_left
from integrations.recalls.codes import item_keys
from integrations.recalls.lots import normalized
from integrations.sentences import NO_NUMBER, OTHER_CODE, OTHER_EXPIRY
from inventory.codes import System
from inventory.models import ItemCode, Lot, StockLevel

How = RecalledLot.How
SHORTEST_CLUE = 5  # a shorter number is on some box of everything


@dataclass(frozen=True)
class Match:
    """A lot that a recall names, and why a person must look at it first, if they must."""

    lot: Lot
    how: str
    on_hand: int
    doubt: str = ""


@dataclass
class Found:
    """What of ours a recall is about. ``clues`` are for a person: lots of its numbers whose codes are not its own."""

    items: set[int] = field(default_factory=set)
    matches: list[Match] = field(default_factory=list)
    clues: list[str] = field(default_factory=list)


def find(recalls: Collection[Recall], *, with_clues: bool) -> dict[int, Found]:
    """What of ours each of these recalls is about, by its id. As many queries however many recalls."""
    items = items_named(recalls)
    found = {one.pk: Found(items[one.pk]) for one in recalls}
    lots = _lots_of({item for one in found.values() for item in one.items})
    for recall in recalls:
        here = found[recall.pk]
        for item in sorted(here.items):
            _match(recall, lots.get(item, []), here)
    if with_clues:
        _add_clues([one for one in recalls if not found[one.pk].items], found)
    return found


def due_again() -> list[int]:
    """The recalls that name something new to us: a lot that came since, or an item that has its code only now; or whose
    units are gone, or back. By their ids; those that a person found not to be ours are left alone."""
    rows = Recall.objects.exclude(state=Recall.State.NOT_OURS, decided_at__isnull=False)
    named = items_named(rows.only("pk", "codes"))
    recalls = list(
        rows.filter(Q(pk__in=[pk for pk, items in named.items() if items]) | Q(lots__isnull=False)).distinct()
    )
    found, left = find(recalls, with_clues=False), units_left([one.pk for one in recalls])
    known = set(RecalledLot.objects.values_list("recall_id", "lot_id"))
    due = []
    for one in recalls:
        is_fresh = any((one.pk, match.lot.pk) not in known for match in found[one.pk].matches)
        is_unread = one.state == Recall.State.NOT_OURS and bool(found[one.pk].items) and bool(one.unread)
        is_over = one.state == (Recall.State.CLOSED if left[one.pk] else Recall.State.ACTING)
        if is_fresh or is_unread or is_over:
            due.append(one.pk)
    return due


def items_named(recalls: Iterable[Recall]) -> dict[int, set[int]]:
    """The items of ours that each of these recalls names by a code, by its id. One query."""
    known = _catalogue()
    return {one.pk: {item for key in one.codes for item in known.get(key, ())} for one in recalls}


def _catalogue() -> Mapping[str, set[int]]:
    """Items by the keys of their codes, and of those of their packs."""
    keys: defaultdict[str, set[int]] = defaultdict(set)
    codes = ItemCode.objects.filter(system__in=[System.NDC, System.GTIN]).order_by("pk")
    for item, system, code in codes.values_list("item_id", "system", "code"):
        for key in item_keys(code) if system == System.NDC else item_keys("", code):
            keys[key].add(item)
    return keys


def with_stock(lots: Any) -> Any:
    """Lots with ``on_hand``: what there is of each everywhere."""
    levels = StockLevel.objects.filter(lot=OuterRef("pk")).order_by().values("lot")
    total = levels.annotate(total=Sum("on_hand")).values("total")
    return lots.annotate(on_hand=Coalesce(Subquery(total, IntegerField()), 0)).select_related("item")


def _lots_of(items: Iterable[int]) -> Mapping[int, list[Any]]:
    by_item: defaultdict[int, list[Any]] = defaultdict(list)
    for lot in with_stock(Lot.objects.filter(item__in=items)).order_by("pk"):
        by_item[lot.item_id].append(lot)
    return by_item


def _match(recall: Recall, lots: Iterable[Any], found: Found) -> None:
    """Lots of an item that the recall names. All lots of it are those that are here; what comes later is found then."""
    for lot in lots:
        told = next((one for one in _numbers(lot) if one in recall.lot_numbers), None)
        if told is not None:
            doubt = _contradiction(lot, recall.lot_numbers[told])
            found.matches.append(Match(lot, How.CODE, lot.on_hand, doubt))
        elif recall.is_every_lot and lot.on_hand:
            found.matches.append(Match(lot, How.EVERY, lot.on_hand))
        elif not _numbers(lot) and lot.on_hand:
            found.clues.append(NO_NUMBER(item=lot.item))


def _numbers(lot: Lot) -> list[str]:
    return [number for number in (normalized(lot.number), normalized(lot.serial_number)) if number]


def _contradiction(lot: Lot, month: str) -> str:
    """That the books know another expiry than the record. A lot that is good through a month may end on its last day or
    on the first of the next."""
    if not month or lot.expires_on is None:
        return ""
    if month in (f"{lot.expires_on:%Y-%m}", f"{lot.expires_on - timedelta(days=1):%Y-%m}"):
        return ""
    return OTHER_EXPIRY(lot=lot, month=month, day=lot.expires_on)


def _add_clues(recalls: Collection[Recall], found: Mapping[int, Found]) -> None:
    """Lots on our shelves that have a number of a recall which names no item of ours."""
    wanted = {number for one in recalls for number in one.lot_numbers if len(number) >= SHORTEST_CLUE}
    if not wanted:
        return
    here = with_stock(Lot.objects.filter(number__in=wanted)).filter(on_hand__gt=0)
    by_number: defaultdict[str, list[Any]] = defaultdict(list)
    for lot in here.order_by("pk"):
        by_number[lot.number].append(lot)
    for recall in recalls:
        for number in sorted(recall.lot_numbers.keys() & by_number.keys()):
            for lot in by_number[number]:
                found[recall.pk].clues.append(OTHER_CODE(lot=lot, item=lot.item))
