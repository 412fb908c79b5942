"""Crews at work: a call uses supplies where they are; what is not there is noted as a stock-out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum
from django.utils import timezone

from ems_supply.simulation.desk import Desk
from ems_supply.simulation.division import Division
from inventory.actions.stock import Used, use_stock
from inventory.errors import InsufficientStock
from inventory.models import Item, StockLevel
from stations.models import Location, Station, User


@dataclass
class Crews:
    """``lines`` and ``units`` are what calls asked for, ``short_lines`` and ``short_units`` what was not there."""

    division: Division
    desk: Desk
    lines: int = 0
    units: int = 0
    short_lines: int = 0
    short_units: int = 0

    def use_at(self, station: Station, used: Mapping[Item, int], incident: str, *, at: datetime) -> None:
        """Use these quantities for one call: from the station's supply room, scheduled drugs from its safe."""
        by = self.division.officers[station.pk]
        places: dict[int, tuple[Location, dict[int, int]]] = {}
        for item, quantity in used.items():
            place = self.division.shelf(station, item)
            places.setdefault(place.pk, (place, {}))[1][item.pk] = quantity
        for place, quantities in places.values():
            self.use(place, quantities, incident, by=by, at=at)

    def use(self, place: Location, wanted: Mapping[int, int], incident: str, *, by: User, at: datetime) -> None:
        """Use base units by item id. If the shelf has less, take what there is and note the rest."""
        self.lines += len(wanted)
        self.units += sum(wanted.values())
        try:
            self._use(place, wanted, incident, by=by, at=at)
        except InsufficientStock:
            there = usable(place, wanted, at=at)
            taken = {item: min(quantity, there.get(item, 0)) for item, quantity in wanted.items()}
            self.short_lines += sum(taken[item] < quantity for item, quantity in wanted.items())
            self.short_units += sum(wanted.values()) - sum(taken.values())
            if any(taken.values()):
                self._use(place, taken, incident, by=by, at=at)

    def _use(self, place: Location, wanted: Mapping[int, int], incident: str, *, by: User, at: datetime) -> None:
        lines = [Used(item, quantity) for item, quantity in sorted(wanted.items()) if quantity]
        self.desk.do(use_stock, location=place, lines=lines, reference=incident, by=by, at=at)


def usable(place: Location, items: Mapping[int, int], *, at: datetime) -> dict[int, int]:
    """What may be used of these items at a place now, in base units by item id."""
    rows = (
        StockLevel.objects.usable_until(timezone.localdate(at))
        .filter(location=place, lot__item__in=items)
        .values_list("lot__item_id")
        .annotate(free=Sum(F("on_hand") - F("allocated")))
    )
    return dict(rows)
