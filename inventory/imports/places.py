"""Places and items by number, so that millions of rows about them fit into arrays."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from inventory.imports.records import Records
from inventory.imports.values import Suggestions
from inventory.models import Item
from stations.models import Location, Unit

PlaceKey = tuple[str, str]  # kind of location, code of its station or unit
_ON_STATIONS = (Location.Kind.SUPPLY_ROOM.value, Location.Kind.SAFE.value)
_NAMES = dict(Location.Kind.choices)


class UnknownPlace(Exception):
    """No place is meant, or none can be told: with the column that is wrong and how to mend it."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


@dataclass
class Places:
    """Where stock can sit: each used place gets a number, whether its location exists already or will be made."""

    stations: Records
    units: Records
    pks: dict[PlaceKey, int] = field(default_factory=dict)
    numbers: dict[PlaceKey, int] = field(default_factory=dict)
    keys: list[PlaceKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._suggest = Suggestions(key[0] for records in (self.stations, self.units) for key, _ in records.final())
        rows = Location.objects.filter(kind__in=Location.PHYSICAL)
        for pk, kind, station, unit in rows.values_list("pk", "kind", "station__code", "unit__code"):
            self.pks[kind, station or unit] = pk

    def number(self, code: str, kind: str, *, is_scheduled: bool) -> int:
        """The number of the place that a row means. Without a kind: the safe for scheduled drugs, else the room."""
        key = (self._kind(code, kind, is_scheduled=is_scheduled), code)
        return self._number(key)

    def _number(self, key: PlaceKey) -> int:
        if key not in self.numbers:
            self.numbers[key] = len(self.keys)
            self.keys.append(key)
        return self.numbers[key]

    def _kind(self, code: str, kind: str, *, is_scheduled: bool) -> str:
        at_station, on_unit = self.stations.get((code,)) is not None, self._unit_kind(code)
        if kind in _ON_STATIONS:
            if not at_station:
                said = _("%(code)s is a unit, which has no %(kind)s.")
                told = said % {"code": code, "kind": str(_NAMES[kind]).lower()}
                raise UnknownPlace("place", self._nowhere(code, told))
            return kind
        if kind:
            if on_unit != kind:
                told = _("%(code)s is not a %(kind)s: leave this empty.") % {"code": code, "kind": kind}
                raise UnknownPlace("location", self._nowhere(code, told))
            return kind
        if at_station and on_unit:
            said = _("%(code)s is a station and a unit: write supply_room, safe or %(kind)s.")
            raise UnknownPlace("location", said % {"code": code, "kind": on_unit})
        if at_station:
            return Location.Kind.SAFE.value if is_scheduled else Location.Kind.SUPPLY_ROOM.value
        if not on_unit:
            raise UnknownPlace("place", self._nowhere(code, ""))
        return on_unit

    def _unit_kind(self, code: str) -> str:
        """The kind of location that a unit of this code is, or "" where there is none."""
        record = self.units.get((code,))
        return location_kind(str(record["kind"])) if record else ""

    def _nowhere(self, code: str, otherwise: str) -> str:
        """The reason why no place is found: the code is unknown, or something else."""
        if self.stations.get((code,)) or self.units.get((code,)):
            return otherwise
        if not (self.stations.is_whole and self.units.is_whole):
            return ""  # it may stand in what could not be read, which is a problem already
        said = _("There is no station or unit %(code)s, neither here nor in the files.") % {"code": code}
        return said + self._suggest(code)

    def label(self, number: int) -> str:
        """A place as people read it: "S7 · Safe", "M7"."""
        kind, code = self.keys[number]
        return f"{code} · {_NAMES[kind]}" if kind in _ON_STATIONS else code

    def missing(self) -> list[PlaceKey]:
        """The locations that would be made, or become of another kind: every shelf and vehicle of the files."""
        wanted: Iterable[PlaceKey] = (
            *((Location.Kind.SUPPLY_ROOM.value, key[0]) for key in self.stations.entries),
            *((self._unit_kind(key[0]), key[0]) for key in self.units.entries),
            *self.keys,
        )
        return [key for key in dict.fromkeys(wanted) if key not in self.pks]


def location_kind(unit_kind: str) -> str:
    """A van is a van also as a location; every other vehicle is a unit."""
    return Location.Kind.VAN.value if unit_kind == Unit.Kind.VAN else Location.Kind.UNIT.value


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    sku: str
    name: str
    is_scheduled: bool
    is_equipment: bool


class Catalogue:
    """Every item as it would be, by number. ``pks`` has those that exist; loading adds the others."""

    def __init__(self, items: Records) -> None:
        self.pks = dict(Item.objects.values_list("sku", "pk"))
        self.is_whole = items.is_whole
        self.items = [
            CatalogueItem(key[0], str(row["name"]), bool(row["schedule"]), row["kind"] == Item.Kind.EQUIPMENT)
            for key, row in items.final()
        ]
        self.numbers = {item.sku: number for number, item in enumerate(self.items)}
        self.suggest = Suggestions(item.sku for item in self.items)

    def __len__(self) -> int:
        return len(self.items)

    def numbers_by_pk(self) -> dict[int, int]:
        """The number of each item that exists."""
        return {pk: self.numbers[sku] for sku, pk in self.pks.items()}
