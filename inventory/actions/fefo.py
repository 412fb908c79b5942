"""First expired, first out: which lots a quantity of an item is taken from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from core.moments import calendar_day
from inventory.actions.lines import Used
from inventory.errors import InsufficientStock, UnusableLot
from inventory.models import Item, Lot, StockLevel
from stations.models import Location

Taken = tuple[StockLevel, int]


def lock_levels(
    items: Collection[int], *, sources: Iterable[Location], destinations: Iterable[Location] = ()
) -> list[StockLevel]:
    """Lock all stock of these items at the sources, and their levels at the destinations, in one order and one query.

    Both ends at once: a command that goes the other way locks the same rows in the same order.
    """
    wanted = Q(location__in=[place.pk for place in sources], on_hand__gt=0)
    wanted |= Q(location__in=[place.pk for place in destinations])
    return list(StockLevel.objects.locked().select_related("lot").filter(wanted, lot__item__in=items))


def take(lines: Sequence[Used], levels: Iterable[StockLevel], *, today: date) -> list[Taken]:
    """Which levels give how much: lots that are named first, then those that expire first among what is usable today.

    ``levels`` are the locked ones of the sources. Refuses the whole if any line is short or names a lot that must not
    be used, and lists each of them.
    """
    choice = _Choice(sorted(levels, key=_expiry), today)
    for line in sorted(lines, key=lambda one: one.lot_id is None):
        choice.take(line)
    choice.refuse_if_short()
    return [(level, quantity) for level, quantity in choice.taken.values() if quantity]


def _expiry(level: StockLevel) -> tuple[date, int, int]:
    return level.lot.expires_on or date.max, level.lot_id, level.pk


def is_usable(lot: Lot, today: date) -> bool:
    """Whether a lot may be used today: neither held nor expired."""
    return lot.status == Lot.Status.USABLE and (lot.expires_on is None or lot.expires_on >= today)


@dataclass
class _Choice:
    levels: Sequence[StockLevel]
    today: date
    taken: dict[int, Taken] = field(default_factory=dict)
    short: list[tuple[Used, int]] = field(default_factory=list)
    usable: dict[int, list[StockLevel]] = field(init=False)

    def __post_init__(self) -> None:
        """What may be used, by item; as sorted as the levels are."""
        self.usable = defaultdict(list)
        for level in self.levels:
            if is_usable(level.lot, self.today):
                self.usable[level.lot.item_id].append(level)

    def take(self, line: Used) -> None:
        owed = line.quantity
        for level in self._candidates(line):
            if owed == 0:
                break
            _, before = self.taken.get(level.pk, (level, 0))
            part = min(owed, level.available - before)
            self.taken[level.pk] = (level, before + part)
            owed -= part
        if owed:
            self.short.append((line, line.quantity - owed))

    def _candidates(self, line: Used) -> list[StockLevel]:
        levels = self.usable.get(line.item_id, [])
        return levels if line.lot_id is None else [level for level in levels if level.lot_id == line.lot_id]

    def refuse_if_short(self) -> None:
        if not self.short:
            return
        items = Item.objects.in_bulk({line.item_id for line, _ in self.short})
        lots = Lot.objects.in_bulk({line.lot_id for line, _ in self.short if line.lot_id is not None})
        unusable = {pk for pk, lot in lots.items() if not is_usable(lot, self.today)}
        problems = [why_short(line, found, items, lots, self.today) for line, found in self.short]
        if all(line.lot_id in unusable for line, _ in self.short):
            raise UnusableLot(problems)
        raise InsufficientStock(problems)


def why_short(line: Used, found: int, items: Mapping[int, Item], lots: Mapping[int, Lot], today: date) -> str:
    """Why a line cannot be taken of which ``found`` are there, and what to do."""
    item, lot = items.get(line.item_id), lots.get(line.lot_id or 0)
    if item is None:
        return _("Item %(item)s is not in the catalogue.") % {"item": line.item_id}
    if line.lot_id is not None and (lot is None or lot.item_id != item.pk):
        return _("%(item)s: lot %(lot)s is not a lot of it.") % {"item": item, "lot": line.lot_id}
    name = _("%(item)s (lot %(lot)s)") % {"item": item, "lot": lot} if lot else str(item)
    if lot and lot.status != Lot.Status.USABLE:
        said = _("%(name)s is %(status)s: leave it where it is and take another lot.")
        return said % {"name": name, "status": lot.get_status_display().lower()}
    if lot and lot.expires_on and lot.expires_on < today:
        return _("%(name)s expired on %(day)s: discard it.") % {"name": name, "day": calendar_day(lot.expires_on)}
    said = _("%(name)s: %(asked)s asked, %(found)s usable and not promised. If the shelf holds more, count it.")
    return said % {"name": name, "asked": f"{line.quantity:,}", "found": f"{found:,}"}
