"""The seven tables and their columns. docs/import.md says the same to those who write the files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from django.conf import settings
from django.db.models import Choices, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from inventory.imports.codes import gtin, ndc
from inventory.imports.measures import degrees, scaled
from inventory.imports.moments import clock, day, weekdays
from inventory.imports.values import Kind, Value, choice, code, sku, text, whole, yes_no
from inventory.models import Item, Pack, ParLevel, StockLevel, Substitute
from stations.models import EVERY_DAY, Location, Station, Unit


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``needed``: a new row must have it, and its cell is never empty. Else ``default`` stands in."""

    name: str
    kind: Kind
    needed: bool = False
    default: Value = ""
    # Where the database keeps it, from the table's model; the column's own name unless said.
    path: str = ""

    @property
    def field(self) -> str:
        return self.path or self.name


@dataclass(frozen=True)
class Table:
    """One table: its name, which is the file's or the sheet's, and its columns. ``key`` tells its rows apart."""

    name: str
    english: str
    model: type[Model]
    key: tuple[str, ...]
    most_rows: int
    columns: tuple[Column, ...]
    # Columns that the heading must have: without them no row means anything.
    required: tuple[str, ...]

    @property
    def title(self) -> str:
        """What pages call it."""
        return _(self.english)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def words(choices: type[Choices], *others: tuple[str, str], only: Iterable[str] = ()) -> Kind:
    """The values of a choice, its labels, and other words that people write for them. In English, whoever asks first:
    files read the same in all languages."""
    wanted = set(only) or set(choices.values)
    pairs = [(str(value), str(value)) for value in choices.values if value in wanted and value]
    with override(None):
        labels = [(str(label), str(value)) for value, label in choices.choices if value in wanted and value]
    return choice(dict([*pairs, *labels, *others]))


SCHEDULES = [(f"{prefix}{value}", value) for value in ("II", "III", "IV", "V") for prefix in ("C", "C-")]
MOST_ROWS: int = settings.EMS_IMPORT_ROWS
PLACES = [kind.value for kind in Location.PHYSICAL]

STATIONS = Table(
    "stations",
    gettext_noop("Stations"),
    Station,
    ("code",),
    20_000,
    (
        Column("code", code(), needed=True),
        Column("name", text(80), needed=True),
        Column("kind", words(Station.Kind), default=Station.Kind.STATION.value),
        Column("supplied_by", code(), path="supplied_by__code"),
        Column("address", text(200)),
        Column("latitude", degrees(90), needed=True),
        Column("longitude", degrees(180), needed=True),
        Column("window_start", clock(), default=time(8)),
        Column("window_end", clock(), default=time(17)),
        Column("delivery_days", weekdays(), default=EVERY_DAY),
        Column("review_days", whole(1, 365), default=7),
        Column("lead_days", whole(0, 365), default=2),
    ),
    required=("code",),
)
UNITS = Table(
    "units",
    gettext_noop("Units"),
    Unit,
    ("code",),
    50_000,
    (
        Column("code", code(), needed=True),
        Column("kind", words(Unit.Kind, ("medic", "ambulance")), default=Unit.Kind.AMBULANCE.value),
        Column("station", code(), needed=True, path="station__code"),
        Column("max_weight_kg", scaled(3, gettext_noop("kilograms")), default=None, path="max_weight_g"),
        Column("max_volume_l", scaled(3, gettext_noop("litres")), default=None, path="max_volume_ml"),
        Column("shift_start", clock(), default=None),
        Column("shift_end", clock(), default=None),
        Column("carries_cold", yes_no(), default=False),
        Column("crew", whole(1, 2), default=1),
    ),
    required=("code",),
)
ITEMS = Table(
    "items",
    gettext_noop("Items"),
    Item,
    ("sku",),
    100_000,
    (
        Column("sku", sku(), needed=True),
        Column("name", text(120), needed=True),
        Column("kind", words(Item.Kind), default=Item.Kind.CONSUMABLE.value),
        Column("unit_of_measure", text(20), default="each"),
        Column("gtin", gtin()),
        Column("ndc", ndc()),
        Column("schedule", words(Item.Schedule, *SCHEDULES)),
        Column("criticality", words(Item.Criticality), default=Item.Criticality.ROUTINE.value),
        Column("storage", words(Item.Storage), default=Item.Storage.ROOM.value),
        Column("weight_g", whole(), default=0),
        Column("volume_ml", whole(), default=0),
        Column("unit_cost", scaled(2, gettext_noop("currency")), default=0, path="unit_cost_cents"),
        Column("two_people", yes_no(), default=False, path="needs_two_people"),
        Column("active", yes_no(), default=True, path="is_active"),
    ),
    required=("sku",),
)
PACKS = Table(
    "packs",
    gettext_noop("Packs"),
    Pack,
    ("sku", "name"),
    300_000,
    (
        Column("sku", sku(), needed=True, path="item__sku"),
        Column("name", text(20), needed=True),
        Column("quantity", whole(2), needed=True),
        Column("gtin", gtin()),
        Column("issue", yes_no(), default=False, path="is_issue_pack"),
    ),
    required=("sku", "name"),
)
SUBSTITUTES = Table(
    "substitutes",
    gettext_noop("Substitutes"),
    Substitute,
    ("sku", "substitute"),
    300_000,
    (
        Column("sku", sku(), needed=True, path="item__sku"),
        Column("substitute", sku(), needed=True, path="substitute__sku"),
        Column("quantity", whole(1), default=1),
        Column("per", whole(1), default=1),
        Column("preference", whole(1, 1_000), default=1),
        Column("note", text(200)),
    ),
    required=("sku", "substitute"),
)
PAR_LEVELS = Table(
    "par_levels",
    gettext_noop("Par levels"),
    ParLevel,
    ("place", "location", "sku"),
    MOST_ROWS,
    (
        Column("place", code(), needed=True),
        Column("location", words(Location.Kind, only=PLACES)),
        Column("sku", sku(), needed=True),
        Column("par", whole(), needed=True),
        Column("minimum", whole(), needed=True),
        Column("short_below", whole(), default=None),
        Column("mandated_minimum", whole(), default=0),
        Column("bin", text(20)),
    ),
    required=("place", "sku", "par", "minimum"),
)
OPENING_STOCK = Table(
    "opening_stock",
    gettext_noop("Opening stock"),
    StockLevel,
    ("place", "location", "sku", "lot", "serial"),
    MOST_ROWS,
    (
        Column("place", code(), needed=True),
        Column("location", words(Location.Kind, only=PLACES)),
        Column("sku", sku(), needed=True),
        Column("lot", text(40)),
        Column("serial", text(40)),
        Column("expires_on", day(), default=None),
        Column("on_hand", whole(), needed=True),
    ),
    required=("place", "sku", "on_hand"),
)

TABLES: dict[str, Table] = {
    table.name: table for table in (STATIONS, UNITS, ITEMS, PACKS, SUBSTITUTES, PAR_LEVELS, OPENING_STOCK)
}
