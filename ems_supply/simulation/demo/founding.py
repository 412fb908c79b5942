"""Founds the demo division: stations, vehicles and people from ``data/demo``, and the catalogue."""

import csv
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache

import numpy as np
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher, make_password
from django.utils.crypto import get_random_string

from ems_supply.simulation.catalogue import create_items
from ems_supply.simulation.division import add_locations
from ems_supply.simulation.expectation import ASSUMED_CALLS
from ems_supply.simulation.use import DATA
from stations.models import Membership, Station, Unit, User

LOGINS = ("officer", "logistics", "driver", "chief", "auditor")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
REVIEW_DAYS, LEAD_DAYS = 7, 2
VAN_WEIGHT_G, VAN_VOLUME_ML = 1_100_000, 9_000_000
FEW_ITERATIONS = 20_000


@dataclass(frozen=True, slots=True)
class DemoStation:
    """One line of ``stations.csv``."""

    fields: dict[str, str | float | int | time]
    supplied_by: str
    vehicles: dict[str, int]
    calls_per_day: float

    @property
    def code(self) -> str:
        return str(self.fields["code"])


@cache
def demo_stations() -> tuple[DemoStation, ...]:
    """The stations, each supplier before those that it supplies."""
    with (DATA / "demo" / "stations.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_station(row) for row in csv.DictReader(file))


def _station(row: dict[str, str]) -> DemoStation:
    return DemoStation(
        fields={
            **{name: row[name] for name in ("code", "name", "kind", "address")},
            "latitude": float(row["latitude"]),
            "longitude": float(row["longitude"]),
            "window_start": time.fromisoformat(row["window_start"]),
            "window_end": time.fromisoformat(row["window_end"]),
            "delivery_days": sum(1 << DAYS.index(day) for day in row["delivery_days"].split()),
            "review_days": REVIEW_DAYS,
            "lead_days": LEAD_DAYS,
        },
        supplied_by=row["supplied_by"],
        vehicles={kind: int(row[f"{kind}s"]) for kind in ("ambulance", "engine", "supervisor", "van")},
        calls_per_day=float(row["calls_per_day"]),
    )


def found(*, at: datetime) -> None:
    """Write places, people and the catalogue; no par level and no stock yet."""
    stations: dict[str, Station] = {}
    for demo in demo_stations():
        supplier = stations.get(demo.supplied_by)
        stations[demo.code] = Station.objects.create(supplied_by=supplier, **demo.fields)
    units = Unit.objects.bulk_create(unit for demo in demo_stations() for unit in _units(demo, stations[demo.code]))
    add_locations(list(stations.values()), units)
    _create_people(stations, at)
    create_items()


def _units(demo: DemoStation, station: Station) -> list[Unit]:
    """The vehicles of a station by their call signs: M7, M107, E7, BC2, VAN-WH1."""
    number = int("".join(letter for letter in demo.code if letter.isdigit()) or 0)
    kinds = Unit.Kind
    ambulances = [
        Unit(code=f"M{number + 100 * extra}", kind=kinds.AMBULANCE) for extra in range(demo.vehicles["ambulance"])
    ]
    engines = [Unit(code=f"E{number}", kind=kinds.ENGINE) for _ in range(demo.vehicles["engine"])]
    chiefs = [
        Unit(code=f"BC{number}" if demo.code.startswith("L") else "EMS1", kind=kinds.SUPERVISOR)
        for _ in range(demo.vehicles["supervisor"])
    ]
    units = [*ambulances, *engines, *chiefs, *_vans(demo)]
    for unit in units:
        unit.station = station
    return units


def _vans(demo: DemoStation) -> list[Unit]:
    """The first van of a depot keeps things cold, a second has a crew of two; all work while stations are open."""
    return [
        Unit(
            code=f"VAN-{demo.code}{number}",
            kind=Unit.Kind.VAN,
            max_weight_g=VAN_WEIGHT_G,
            max_volume_ml=VAN_VOLUME_ML,
            shift_start=time(6),
            shift_end=time(18),
            carries_cold=number == 1,
            crew=2 if number == 2 else 1,
        )
        for number in range(1, demo.vehicles["van"] + 1)
    ]


def _create_people(stations: dict[str, Station], at: datetime) -> None:
    """Everybody of ``people.csv``. Only the five demo logins can sign in, with ``demo-`` and their name."""
    with (DATA / "demo" / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    people = User.objects.bulk_create(
        User(
            username=row["username"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            email=f"{row['username']}@marlow-ems.example",
            role=row["role"],
            password=_password(row["username"]),
            date_joined=at,
        )
        for row in rows
    )
    Membership.objects.bulk_create(
        Membership(user=person, station=stations[row["station"]])
        for person, row in zip(people, rows, strict=True)
        if row["station"]
    )


def _password(username: str) -> str:
    """Few iterations: a password that stands in the README needs no stretching, and gets it at the first login."""
    if username not in LOGINS:
        return make_password(None)
    password, hasher = f"demo-{username}", get_hasher()
    if not isinstance(hasher, PBKDF2PasswordHasher):
        return make_password(password)
    return hasher.encode(password, get_random_string(22), iterations=FEW_ITERATIONS)


def calls_per_day(demo: DemoStation) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The calls of a station per day by class: its own number, in the mix of a city."""
    mix = np.array(list(ASSUMED_CALLS.values()))
    share: np.ndarray[tuple[int], np.dtype[np.float64]] = mix / mix.sum() * demo.calls_per_day
    return share
