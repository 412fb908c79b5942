"""What a unit lacks, and what the shelves of its station can give it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from inventory.models import Item, ParLevel, StockLevel
from inventory.queries.counts import natural
from inventory.queries.horizons import Horizons
from stations.models import Location, Unit


@dataclass
class RestockRow:
    """An item of a unit's list, and what was typed for it. Aboard counts what lasts until the station's horizon, as on
    every page; on the shelves is all that may be used today."""

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
    horizons = Horizons(today)
    columns = ("lot__item", "lot__item__kind", "lot__expires_on", "location__kind", "on_hand", "allocated")
    for item, kind, expires_on, place, on_hand, allocated in usable.filter(here | there).values_list(*columns):
        if place in Location.SHELVES:
            on_shelves[item] += on_hand - allocated
        elif expires_on is None or expires_on >= horizons.until(unit.station, kind):
            aboard[item] += on_hand - allocated
    pars = (
        ParLevel.objects.filter(location__unit=unit, par__gt=0).select_related("item").prefetch_related("item__packs")
    )
    rows = [
        RestockRow(par.item, par.bin, par.par, aboard[par.item_id], on_shelves[par.item_id])
        for par in pars.prefetch_related("item__packs").order_by("item__name")
    ]
    return sorted(rows, key=lambda row: (row.lacks == 0, natural(row.bin)))
