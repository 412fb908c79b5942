"""Founds the division that a replay runs on: the stations of the file, one warehouse, vans, people, stock at par."""

from datetime import datetime, time, timedelta
from math import ceil

import numpy as np
from django.contrib.auth.hashers import make_password

from ems_supply.simulation.catalogue import catalogue, create_items
from ems_supply.simulation.desk import Desk
from ems_supply.simulation.division import Division, add_locations
from ems_supply.simulation.opening import AGES, OnShelf, open_stock, opening_lots
from ems_supply.simulation.pars import Numbers, Units, par_levels
from ems_supply.simulation.places import Place
from ems_supply.simulation.use import use_table
from inventory.models import Lot, ParLevel
from stations.models import Membership, Station, Unit, User

# Three deliveries a week: the northern half of the stations on Monday, Wednesday, Friday, the others a day later.
NORTHERN_DAYS, SOUTHERN_DAYS = 0b001_0101, 0b010_1010
REVIEW_DAYS, LEAD_DAYS = 3, 2
WAREHOUSE_REVIEW_DAYS, WAREHOUSE_LEAD_DAYS = 7, 4
WINDOW = time(7), time(17)
STATIONS_PER_VAN = 12
VAN_WEIGHT_G, VAN_VOLUME_ML = 1_200_000, 10_000_000
WAREHOUSE_CODE = "DEPOT"
# How full a shelf is when the replay begins, as a share of the way from minimum to par.
FULLNESS = 0.3, 1.0
# And how little of its shelf life a lot may have left then.
OLDEST = 0.0


def found_division(places: list[Place], expected: Numbers, *, at: datetime, desk: Desk) -> Division:
    """Write the division into an empty database, its shelves filled between minimum and par.

    ``expected`` is the use that the par levels are made for: base units per day, a row per station, a column per item.
    """
    warehouse = _create_stations(places)
    _create_people(warehouse, vans=max(2, ceil(len(places) / STATIONS_PER_VAN)))
    create_items()
    division = Division.load()
    generator = np.random.default_rng([desk.seed, 1])
    entries = [entry for entry in catalogue() if entry.sku in set(use_table().skus)]
    lots = opening_lots(entries, division.items, at.date(), generator, OLDEST)
    for number, station in enumerate(division.stations):
        _stock(division, station, *_pars(expected[number], REVIEW_DAYS, LEAD_DAYS), lots, generator, at, desk)
    everywhere = expected.sum(axis=0)
    pars = _pars(everywhere, WAREHOUSE_REVIEW_DAYS, WAREHOUSE_LEAD_DAYS)
    _stock(division, division.warehouse, *pars, lots, generator, at, desk)
    return division


def _create_stations(places: list[Place]) -> Station:
    """The stations, in the order of the file, and a warehouse in their middle."""
    middle = float(np.median([place.latitude for place in places]))
    common = {"window_start": WINDOW[0], "window_end": WINDOW[1]}
    warehouse = Station.objects.create(
        code=WAREHOUSE_CODE,
        name="Central warehouse",
        kind=Station.Kind.WAREHOUSE,
        latitude=float(np.mean([place.latitude for place in places])),
        longitude=float(np.mean([place.longitude for place in places])),
        review_days=WAREHOUSE_REVIEW_DAYS,
        lead_days=WAREHOUSE_LEAD_DAYS,
        **common,
    )
    Station.objects.bulk_create(
        Station(
            code=f"S{number:04d}",
            name=place.name,
            supplied_by=warehouse,
            latitude=place.latitude,
            longitude=place.longitude,
            delivery_days=NORTHERN_DAYS if place.latitude >= middle else SOUTHERN_DAYS,
            review_days=REVIEW_DAYS,
            lead_days=LEAD_DAYS,
            **common,
        )
        for number, place in enumerate(places, 1)
    )
    return warehouse


def _create_people(warehouse: Station, *, vans: int) -> None:
    """An officer for each station, two people of logistics, a chief, and a driver for each van. Nobody can sign in."""
    roles = User.Role
    stations = list(Station.objects.exclude(pk=warehouse.pk).order_by("code"))
    closed = make_password(None)
    others = [("approver", roles.LOGISTICS), ("picker", roles.LOGISTICS), ("chief", roles.CHIEF)]
    others += [(f"driver{number:02d}", roles.DRIVER) for number in range(1, vans + 1)]
    people = [User(username=name, role=role, password=closed) for name, role in others]
    officers = [User(username=f"officer-{station.code}", role=roles.OFFICER, password=closed) for station in stations]
    User.objects.bulk_create(people + officers)
    Membership.objects.bulk_create(
        Membership(user=officer, station=station) for officer, station in zip(officers, stations, strict=True)
    )
    carries = {"max_weight_g": VAN_WEIGHT_G, "max_volume_ml": VAN_VOLUME_ML, "carries_cold": True}
    units = Unit.objects.bulk_create(
        Unit(code=f"VAN{number:02d}", kind=Unit.Kind.VAN, station=warehouse, **carries) for number in range(1, vans + 1)
    )
    add_locations([warehouse, *stations], units)


def _pars(per_day: Numbers, review_days: int, lead_days: int) -> tuple[Units, Units]:
    by_sku = {entry.sku: entry.issue_pack for entry in catalogue()}
    packs = np.array([by_sku[sku] for sku in use_table().skus])
    return par_levels(per_day, packs, review_days=review_days, lead_days=lead_days)


def _stock(
    division: Division,
    station: Station,
    pars: Units,
    minimums: Units,
    lots: dict[str, list[Lot]],
    generator: np.random.Generator,
    at: datetime,
    desk: Desk,
) -> None:
    """Write a station's par levels, and put something between minimum and par of each item on its shelf."""
    rows: list[ParLevel] = []
    shelf: list[OnShelf] = []
    share = generator.uniform(*FULLNESS, len(pars))
    chosen = generator.integers(0, AGES, len(pars))
    for number, sku in enumerate(use_table().skus):
        par, minimum = int(pars[number]), int(minimums[number])
        if not par:
            continue
        item = division.items[sku]
        place = division.shelf(station, item)
        rows.append(ParLevel(location=place, item=item, par=par, minimum=minimum))
        lot = lots[sku][int(chosen[number]) % len(lots[sku])]
        shelf.append(OnShelf(place.pk, lot.pk, minimum + round((par - minimum) * share[number])))
    ParLevel.objects.bulk_create(rows)
    open_stock(shelf, at=at - timedelta(minutes=1), request_id=desk.request_id())
