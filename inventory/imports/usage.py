"""Stations, items, calls and use from four CSV files, for par levels that are worked out without a database.

A file may have any name; what it holds is said by who names it. Its columns are those of the par recommendation's
format (docs/par-levels.md).
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.imports.arrays import Columns, repeats
from inventory.imports.columns import Column, Table
from inventory.imports.csv_files import RawRow, read_csv
from inventory.imports.measures import scaled
from inventory.imports.moments import day
from inventory.imports.problems import Report
from inventory.imports.sheets import Reader, Row, Sheet
from inventory.imports.sources import from_file
from inventory.imports.values import Suggestions, choice, code, sku, whole
from inventory.models import Item
from inventory.policy.checks import Floats, Whole
from stations.models import Station

_MONEY_PLACES = 4
_MOST_ROWS = 50_000_000
_LONGEST = 3_660
_DATE = Column("date", day(), needed=True)
_STATION = Column("station", code(), needed=True)
_ITEM = Column("item", sku(), needed=True)


def _table(name: str, *columns: Column, optional: tuple[str, ...] = ()) -> Table:
    names = tuple(column.name for column in columns)
    key = tuple(name for name in ("date", "station", "item") if name in names)
    required = tuple(name for name in names if name not in optional)
    model = Item if "item" in names else Station
    return Table(name, name.capitalize(), model, key, _MOST_ROWS, columns, required)


STATIONS = _table(
    "stations",
    _STATION,
    Column("review_days", whole(1, _LONGEST), needed=True),
    Column("review_offset", whole(0, _LONGEST), needed=True),
    Column("lead_days", whole(0, _LONGEST), needed=True),
    Column("protection_days", whole(0, 2 * _LONGEST), default=None),
    optional=("protection_days",),
)
ITEMS = _table(
    "items",
    _ITEM,
    Column("criticality", choice({letter: letter for letter in "ABC"}), needed=True),
    Column("unit_cost", scaled(_MONEY_PLACES, gettext_noop("money")), needed=True),
    Column("shelf_life_days", whole(0, 36_500), needed=True),
    Column("min_par", whole(0, 1_000_000), needed=True),
)
CALLS = _table("calls", _DATE, _STATION, Column("calls", whole(0, 1_000_000), needed=True))
HISTORY = _table("history", _DATE, _STATION, _ITEM, Column("qty", whole(0, 1_000_000), needed=True))


@dataclass
class UseFiles:
    """What the four files say: catalogue rows in the files' order; calls (day, station, calls) and use (day, station,
    item, units) as columns of numbers, stations and items by their place in the catalogue, days from the first one."""

    report: Report = field(default_factory=Report)
    stations: dict[str, Row] = field(default_factory=dict)
    items: dict[str, Row] = field(default_factory=dict)
    calls: Columns = field(default_factory=lambda: Columns(3))
    use: Columns = field(default_factory=lambda: Columns(4))
    first_day: int = 0
    days: int = 0

    def of_stations(self, name: str) -> Whole:
        return np.array([int(str(row.values[name])) for row in self.stations.values()], dtype=np.int64)

    def of_items(self, name: str) -> Whole:
        return np.array([int(str(row.values[name])) for row in self.items.values()], dtype=np.int64)

    @property
    def unit_cost(self) -> Floats:
        return np.asarray(self.of_items("unit_cost") / 10**_MONEY_PLACES)

    @property
    def criticality(self) -> list[str]:
        return [str(row.values["criticality"]) for row in self.items.values()]


def read_use(stations: Path, items: Path, calls: Path, history: Path) -> UseFiles:
    """All four files, which must exist, with every problem in the report: file, line, column and reason."""
    found = UseFiles()
    is_whole = [
        _catalogue(_reader(STATIONS, stations, found.report), found.stations),
        _catalogue(_reader(ITEMS, items, found.report), found.items),
    ]
    if all(is_whole):
        _counts(_reader(CALLS, calls, found.report), found, found.calls)
        _counts(_reader(HISTORY, history, found.report), found, found.use)
    if not found.report.problem_count:
        ends = [column[0] for column in (found.calls, found.use)]
        found.first_day = int(min(column.min() for column in ends))
        found.days = int(max(column.max() for column in ends)) - found.first_day + 1
    found.report.in_order()
    return found


def _reader(table: Table, path: Path, report: Report) -> Reader:
    source = from_file(path)

    def raw() -> Iterator[RawRow]:
        with source.open() as stream:
            yield from read_csv(stream)

    return Reader(Sheet(table, source.name, raw), report)


def _catalogue(reader: Reader, into: dict[str, Row]) -> bool:
    """Fill ``into`` with each row by its code. False if some row may name what is not in it."""
    [key] = reader.sheet.table.key
    lines: dict[str, int] = {}
    is_good = True
    for row in reader.rows():
        is_good &= not row.is_bad
        name = row.values.get(key)
        if name is None:
            continue
        if str(name) in lines:
            said = _("%(name)s is in line %(line)s already. Keep one of the two.")
            reader.refuse(row.line, key, said % {"name": name, "line": lines[str(name)]})
            continue
        lines[str(name)] = row.line
        into[str(name)] = row
    if reader.is_whole and not lines and is_good:
        reader.refuse(None, "", _("has no rows below its heading."))
    return reader.is_whole and is_good and bool(lines)


def _counts(reader: Reader, found: UseFiles, into: Columns) -> None:
    """Fill ``into`` with the rows: their key by number, and how many."""
    places = {name: place for place, name in enumerate(found.stations)}
    articles = {name: place for place, name in enumerate(found.items)}
    known = {"station": (places, Suggestions(places)), "item": (articles, Suggestions(articles))}
    table = reader.sheet.table
    named = [name for name in table.key if name in known]
    lines = array("q")
    for row in reader.rows():
        numbers = [_number(reader, row, name, *known[name]) for name in named]
        when, amount = row.values.get("date"), row.values.get(table.columns[-1].name)
        if None in numbers or row.is_bad or not isinstance(when, date):
            continue
        lines.append(row.line)
        into.append(when.toordinal(), *(number for number in numbers if number is not None), int(str(amount)))
    if len(into):
        _refuse_repeats(reader, into, lines, [len(known[name][0]) for name in named])
    elif reader.is_whole and not reader.report.problem_count:
        reader.refuse(None, "", _("has no rows below its heading."))


def _number(reader: Reader, row: Row, name: str, places: dict[str, int], suggest: Suggestions) -> int | None:
    value = row.values.get(name)
    if value is None:
        return None
    if (number := places.get(str(value))) is None:
        said = _("There is no item %(code)s in the file of items.")
        if name == "station":
            said = _("There is no station %(code)s in the file of stations.")
        reader.refuse(row.line, name, said % {"code": value} + suggest(str(value)))
    return number


def _refuse_repeats(reader: Reader, rows: Columns, lines: "array[int]", sizes: list[int]) -> None:
    keys = rows[0]
    for place, size in enumerate(sizes, 1):
        keys = keys * size + rows[place]
    what = ", ".join(reader.sheet.table.key)
    for row, first in repeats(keys):
        said = _("the same %(columns)s is in line %(line)s already. Keep one of the two.")
        reader.refuse(lines[row], "", said % {"columns": what, "line": lines[first]})
