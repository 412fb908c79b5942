"""What a unit lacks, and what the shelves of its station can give it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from inventory.models import Item, ParLevel, StockLevel
from inventory.queries.counts import natural
from stations.models import Location, Unit


@dataclass
class RestockRow:
    """An item of a unit's list: aboard and on the shelves as usable today, and what was typed for it."""

    item: Item
    bin: str
    par: int
    aboard: int
    on_shelves: int
    typed: str = ""
    error: str = ""

    @property
    def key(self) -> int:
        return self.item.pk

    @property
    def lacks(self) -> int:
        return max(self.par - self.aboard, 0)

    @property
    def suggested(self) -> int:
        """What the shelves can give of what is lacking."""
        return min(self.lacks, self.on_shelves)


def restock_rows(unit: Unit, *, today: date) -> list[RestockRow]:
    """The unit's list in the order of its compartments, what lacks something first."""
    usable = StockLevel.objects.usable_until(today).filter(on_hand__gt=F("allocated"))
    here = Q(location__unit=unit)
    there = Q(location__station=unit.station_id, location__kind__in=Location.SHELVES)
    aboard: defaultdict[int, int] = defaultdict(int)
    on_shelves: defaultdict[int, int] = defaultdict(int)
    found = usable.filter(here | there).values_list("lot__item", "location__kind", "on_hand", "allocated")
    for item, kind, on_hand, allocated in found:
        (on_shelves if kind in Location.SHELVES else aboard)[item] += on_hand - allocated
    pars = (
        ParLevel.objects.filter(location__unit=unit, par__gt=0).select_related("item").prefetch_related("item__packs")
    )
    rows = [
        RestockRow(par.item, par.bin, par.par, aboard[par.item_id], on_shelves[par.item_id])
        for par in pars.prefetch_related("item__packs").order_by("item__name")
    ]
    return sorted(rows, key=lambda row: (row.lacks == 0, natural(row.bin)))
