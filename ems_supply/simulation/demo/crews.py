"""The demo's crews: what a unit's calls of some days use, how it is filled up again, and how places are counted."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import F, Sum
from django.utils import timezone

from ems_supply.simulation.crews import Crews, usable
from ems_supply.simulation.demo.founding import calls_per_day, demo_stations
from ems_supply.simulation.desk import Desk, after
from ems_supply.simulation.division import Division
from ems_supply.simulation.pars import Numbers
from ems_supply.simulation.use import use_table
from inventory.actions.count_lines import Counted
from inventory.actions.counts import finish_count, open_count, post_count, record_count
from inventory.actions.stock import Used, restock_unit
from inventory.models import CountLine, CycleCount, ParLevel, StockLevel
from stations.models import Location, Station, Unit, User

COUNTED_ITEMS = 5
MISCOUNTED = 0.04
REASONS = ("Used on a call and not recorded", "Found behind the shelf", "Miscounted last time", "Given to another unit")


@dataclass
class DemoCrews:
    """``units`` are those that treat patients, by station id."""

    division: Division
    desk: Desk
    crews: Crews
    units: dict[int, list[Unit]]

    @classmethod
    def begin(cls, division: Division, desk: Desk) -> "DemoCrews":
        units: defaultdict[int, list[Unit]] = defaultdict(list)
        rows = Unit.objects.exclude(kind=Unit.Kind.VAN).select_related("location", "station").order_by("code")
        for unit in rows:
            units[unit.station_id].append(unit)
        return cls(division, desk, Crews(division, desk), dict(units))

    def shift(self, unit: Unit, days: float, *, at: datetime) -> None:
        """A unit's calls of these days, as one report; then it is filled up from its station's shelves."""
        by = self.division.officers[unit.station_id]
        demo = next(one for one in demo_stations() if one.code == unit.station.code)
        others = [one for one in self.units[unit.station_id] if one.kind == unit.kind]
        wanted = self._drawn(calls_per_day(demo) * days / len(others), at, unit.pk)
        there = usable(unit.location, wanted, at=at)
        used = {item: min(quantity, there[item]) for item, quantity in wanted.items() if there.get(item)}
        if used:
            incident = f"{unit.code}-{timezone.localtime(at):%y%m%d}"
            self.crews.use(unit.location, used, incident, by=by, at=at)
        self.fill_up(unit, by=by, at=after(at, 20))

    def report(self, station: Station, days: float, *, at: datetime) -> None:
        """All calls of a station in these days, taken straight from its supply room."""
        by, room = self.division.officers[station.pk], self.division.rooms[station.pk]
        demo = next(one for one in demo_stations() if one.code == station.code)
        wanted = self._drawn(calls_per_day(demo) * days, at, station.pk)
        there = usable(room, wanted, at=at)
        used = {item: min(quantity, there[item]) for item, quantity in wanted.items() if there.get(item)}
        if used:
            self.crews.use(room, used, f"{station.code}-{timezone.localtime(at):%y%m%d}", by=by, at=at)

    def fill_up(self, unit: Unit, *, by: User, at: datetime) -> None:
        """Bring a unit back to par, as far as its station's shelves go."""
        pars = dict(ParLevel.objects.filter(location=unit.location).values_list("item_id", "par"))
        held = usable(unit.location, pars, at=at)
        missing = {item: par - held.get(item, 0) for item, par in pars.items() if par > held.get(item, 0)}
        shelves = [self.division.rooms[unit.station_id], self.division.safes[unit.station_id]]
        rows = StockLevel.objects.usable_until(timezone.localdate(at)).filter(
            location__in=shelves, lot__item__in=missing
        )
        free = dict(rows.values_list("lot__item_id").annotate(free=Sum(F("on_hand") - F("allocated"))))
        lines = [Used(item, min(need, free[item])) for item, need in sorted(missing.items()) if free.get(item)]
        if lines:
            self.desk.do(restock_unit, unit=unit, lines=lines, by=by, at=at)

    def count(self, place: Location, *, at: datetime) -> None:
        """Count some lots of a place, from opening to posting; now and then the books were wrong."""
        by = self.division.officers.get(place.owner.pk, self.division.logistics[-1])
        count = self.open_count(place, by=by, at=at)
        if count is None:
            return
        generator = np.random.default_rng([self.desk.seed, timezone.localdate(at).toordinal(), place.pk])
        lines = list(count.lines.order_by("lot_id"))
        counted = [Counted(line.lot_id, _count(line, generator)) for line in lines]
        kept = self.desk.do(record_count, count=count, lines=counted, by=by, at=after(at, 10))
        done = self.desk.do(finish_count, count=kept, version=kept.version, by=by, at=after(at, 12))
        why = {line.lot_id: REASONS[line.lot_id % len(REASONS)] for line in done.lines.all() if line.variance}
        self.desk.do(post_count, count=done, version=done.version, reasons=why, by=by, at=after(at, 15))

    def open_count(self, place: Location, *, by: User, at: datetime) -> CycleCount | None:
        """Open a count of some items of this place, others each time; None if it holds nothing."""
        rows = StockLevel.objects.filter(location=place, on_hand__gt=0).order_by("lot__item_id")
        items = sorted(set(rows.values_list("lot__item_id", flat=True)))
        if not items:
            return None
        start = timezone.localdate(at).toordinal() * COUNTED_ITEMS % len(items)
        chosen = (items + items)[start : start + min(COUNTED_ITEMS, len(items))]
        return self.desk.do(open_count, location=place, is_blind=False, item_ids=sorted(chosen), by=by, at=at)

    def _drawn(self, calls: Numbers, at: datetime, who: int) -> dict[int, int]:
        """What so many calls of each class use, by item id."""
        generator = np.random.default_rng([self.desk.seed, at.toordinal(), who])
        drawn = generator.poisson(calls @ use_table().means)
        skus = use_table().skus
        return {self.division.items[skus[n]].pk: int(drawn[n]) for n in np.flatnonzero(drawn)}


def _count(line: CountLine, generator: np.random.Generator) -> int:
    if generator.random() >= MISCOUNTED:
        return line.expected
    return max(0, line.expected + (1 if generator.random() < 0.3 else -1))
