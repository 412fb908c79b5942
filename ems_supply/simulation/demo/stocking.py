"""Par levels of the demo's shelves and vehicles, and what lies there when its history begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import numpy as np

from ems_supply.simulation.catalogue import catalogue
from ems_supply.simulation.demo.founding import DemoStation, calls_per_day, demo_stations
from ems_supply.simulation.desk import Desk
from ems_supply.simulation.division import Division
from ems_supply.simulation.opening import OnShelf, open_stock, opening_lots
from ems_supply.simulation.pars import Numbers, par_levels
from ems_supply.simulation.use import use_table
from inventory.models import Item, Lot, ParLevel
from stations.models import Location, Station, Unit

# For how many days each kind of shelf is stocked: between two deliveries, and until the next one comes.
COVER = {"station": (14, 7), "locker": (14, 7), "warehouse": (28, 14)}
MINIMUM_OF_A_VEHICLE = 0.5
FULLNESS = 0.4, 1.0
BINS_PER_AISLE = 40

Pars = dict[str, tuple[int, int]]  # par and minimum by SKU


@dataclass
class Stocking:
    """Stocks one station after another; ``lots`` are the lots that the division has of each item, by SKU."""

    division: Division
    desk: Desk
    at: datetime
    generator: np.random.Generator
    lots: dict[str, list[Lot]]
    bins: dict[str, str]
    serials: int = 41_000

    @classmethod
    def begin(cls, division: Division, desk: Desk, at: datetime) -> "Stocking":
        generator = np.random.default_rng([desk.seed, 3])
        plain = [entry for entry in catalogue() if not entry.is_serialized]
        lots = opening_lots(plain, division.items, at.date(), generator)
        bins = {
            entry.sku: f"{'ABCDEFGH'[n // BINS_PER_AISLE]}-{n % BINS_PER_AISLE + 1:02d}"
            for n, entry in enumerate(catalogue())
        }
        return cls(division, desk, at, generator, lots, bins)

    def stock(self, station: Station, demo: DemoStation) -> None:
        """Write the par levels of a station's shelves and vehicles, and fill them."""
        pars: list[ParLevel] = []
        stock: list[OnShelf] = []
        for sku, (par, minimum) in shelf_pars(demo).items():
            item = self.division.items[sku]
            place = self.division.shelf(station, item)
            pars.append(ParLevel(location=place, item=item, par=par, minimum=minimum, bin=self.bins[sku]))
            stock += self._fill(place, item, minimum + round((par - minimum) * self.generator.uniform(*FULLNESS)))
        units = Unit.objects.exclude(kind=Unit.Kind.VAN).filter(station=station).select_related("location")
        for unit in units.order_by("code"):
            for entry in (one for one in catalogue() if one.pars[unit.kind]):
                par, item = entry.pars[unit.kind], self.division.items[entry.sku]
                minimum = max(1, ceil(par * MINIMUM_OF_A_VEHICLE))
                pars.append(ParLevel(location=unit.location, item=item, par=par, minimum=minimum))
                stock += self._pieces(unit, item, par) if entry.is_serialized else self._fill(unit.location, item, par)
        ParLevel.objects.bulk_create(pars)
        open_stock(stock, at=self.at - timedelta(minutes=1), request_id=self.desk.request_id())

    def _fill(self, place: Location, item: Item, quantity: int) -> list[OnShelf]:
        """So much of one lot in a vehicle, of two on a shelf, of all lots in the warehouse."""
        lots = self.lots.get(item.sku, [])
        if not quantity or not lots:
            return []
        if place.station_id != self.division.warehouse.pk:
            some = self.generator.permutation(len(lots))[: 2 if place.station_id else 1]
            lots = [lots[int(number)] for number in some]
        parts = np.diff(np.linspace(0, quantity, len(lots) + 1).round().astype(int)).tolist()
        return [OnShelf(place.pk, lot.pk, part) for lot, part in zip(lots, parts, strict=True) if part]

    def _pieces(self, unit: Unit, item: Item, quantity: int) -> list[OnShelf]:
        """So many pieces, each with a serial number of its own."""
        numbers = range(self.serials, self.serials + quantity)
        self.serials += quantity
        lots = Lot.objects.bulk_create(Lot(item=item, serial_number=f"{item.sku}-{number}") for number in numbers)
        return [OnShelf(unit.location.pk, lot.pk, 1) for lot in lots]


def shelf_pars(demo: DemoStation) -> Pars:
    """What a station's shelves should hold, by SKU: of what its own calls use, and of what it passes on to others.

    The warehouse keeps every item of the catalogue that is not followed piece by piece.
    """
    review_days, lead_days = COVER[str(demo.fields["kind"])]
    entries = {entry.sku: entry for entry in catalogue()}
    skus = use_table().skus
    packs = np.array([entries[sku].issue_pack for sku in skus])
    par, minimum = par_levels(_use_through(demo), packs, review_days=review_days, lead_days=lead_days)
    # A pack more of what saves lives: officers top it up before it is short, and only whole packs are sent.
    par += np.array([entries[sku].issue_pack if entries[sku].is_life_saving else 0 for sku in skus]) * (par > 0)
    pars = {
        sku: (int(par[n]), int(minimum[n])) for n, sku in enumerate(skus) if par[n] and not entries[sku].is_serialized
    }
    if demo.fields["kind"] == Station.Kind.STATION:
        # What no vehicle carries is kept in the lockers and the warehouse.
        pars = {sku: levels for sku, levels in pars.items() if any(entries[sku].pars.values())}
    if demo.fields["kind"] == Station.Kind.WAREHOUSE:
        rest = (entry for entry in catalogue() if entry.sku not in pars and not entry.is_serialized)
        pars |= {entry.sku: (max(4, 2 * entry.issue_pack), max(2, entry.issue_pack)) for entry in rest}
    return pars


def _use_through(demo: DemoStation) -> Numbers:
    """Base units per day of each item that leave this place: used by its own crews, or sent to those it supplies."""
    use: Numbers = calls_per_day(demo) @ use_table().means
    for other in demo_stations():
        if other.supplied_by == demo.code:
            use = use + _use_through(other)
    return use
