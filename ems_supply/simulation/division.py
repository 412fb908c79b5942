"""The people and places that a simulation works with, found in the database."""

from dataclasses import dataclass

from inventory.models import Item
from stations.models import Location, Membership, Station, Unit, User


@dataclass
class Division:
    """A division at work: by station id its shelves and its officer; the people of logistics, the chief, the drivers.

    ``stations`` are those that somebody supplies, by code; ``depots`` those that supply others.
    """

    stations: list[Station]
    depots: list[Station]
    rooms: dict[int, Location]
    safes: dict[int, Location]
    officers: dict[int, User]
    logistics: list[User]
    chief: User
    drivers: list[User]
    items: dict[str, Item]

    @classmethod
    def load(cls) -> "Division":
        """The division of this database. Whatever the order of ids, the same rows come in the same order."""
        stations = list(Station.objects.select_related("supplied_by").order_by("code"))
        shelves = list(Location.objects.shelves().select_related("station"))
        memberships = Membership.objects.select_related("user").filter(is_read_only=False).order_by("user__username")
        people = list(User.objects.order_by("username"))
        suppliers = {station.supplied_by_id for station in stations}
        return cls(
            stations=[station for station in stations if station.supplied_by_id is not None],
            depots=[station for station in stations if station.pk in suppliers],
            rooms={one.station_id or 0: one for one in shelves if one.kind == Location.Kind.SUPPLY_ROOM},
            safes={one.station_id or 0: one for one in shelves if one.kind == Location.Kind.SAFE},
            officers={one.station_id: one.user for one in reversed(memberships)},
            logistics=[person for person in people if person.role == User.Role.LOGISTICS],
            chief=next(person for person in people if person.role == User.Role.CHIEF),
            drivers=[person for person in people if person.role == User.Role.DRIVER],
            items={item.sku: item for item in Item.objects.all()},
        )

    @property
    def warehouse(self) -> Station:
        return next(station for station in self.depots if station.supplied_by_id is None)

    def shelf(self, station: Station, item: Item) -> Location:
        """Where a station keeps an item: scheduled drugs in the safe."""
        return self.safes[station.pk] if item.schedule else self.rooms[station.pk]


def add_locations(stations: list[Station], units: list[Unit]) -> None:
    """A supply room and a safe for every station, a place for stock in every vehicle, and the ends of the ledger."""
    kinds = Location.Kind
    shelves = [
        Location(kind=kind, name=str(kind.label), station=station)
        for station in stations
        for kind in (kinds.SUPPLY_ROOM, kinds.SAFE)
    ]
    vehicles = [
        Location(kind=kinds.VAN if unit.kind == Unit.Kind.VAN else kinds.UNIT, name=unit.code, unit=unit)
        for unit in units
    ]
    Location.objects.bulk_create(shelves + vehicles)
    for kind in (kinds.SUPPLIER, kinds.CONSUMED, kinds.WASTED, kinds.DISCARDED, kinds.VARIANCE):
        Location.objects.virtual(kind)
