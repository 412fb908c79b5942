"""From files to a plan: everything that is wrong with them, or else everything that they would change."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from inventory.imports import checks
from inventory.imports.columns import ITEMS, OPENING_STOCK, PACKS, PAR_LEVELS, STATIONS, SUBSTITUTES, UNITS, Table
from inventory.imports.opening_stock import OpeningPlan, OpeningReader
from inventory.imports.par_levels import ParPlan, ParReader
from inventory.imports.places import Catalogue, PlaceKey, Places
from inventory.imports.previews import Preview, of_records
from inventory.imports.problems import Report
from inventory.imports.records import Records, read_records
from inventory.imports.sheets import Reader, Sheet, find_sheets
from inventory.imports.sources import Source


@dataclass
class Plan:
    """What the files would do to the division as it is now. Only a plan without problems may be carried out."""

    report: Report
    stations: Records
    units: Records
    items: Records
    packs: Records
    substitutes: Records
    places: Places
    catalogue: Catalogue
    par_levels: ParPlan | None = None
    opening_stock: OpeningPlan | None = None
    previews: list[Preview] = field(default_factory=list)
    locations: list[PlaceKey] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return self.report.problem_count > 0

    @property
    def changes(self) -> int:
        """How many rows would be new or changed."""
        return sum(preview.changes for preview in self.previews)

    @property
    def is_nothing(self) -> bool:
        """Whether all of it is as the files say already."""
        return not self.changes and not self.locations

    @property
    def mark(self) -> str:
        """Equal for two plans of the same files only when both would change the same."""
        return sha256("".join(preview.mark for preview in self.previews).encode()).hexdigest()


def plan_division(sources: Sequence[Source], *, today: date, uploaded_rows: int | None = None) -> Plan:
    """Read the files and compare them with the database. Writes nothing, and never stops at the first problem.

    ``uploaded_rows`` bounds each table, for a page that must answer soon. A constant number of queries; memory grows by
    some tens of bytes per row of par levels or opening stock.
    """
    with ExitStack() as open_files:
        report = Report()
        sheets = find_sheets(sources, open_files, report)
        plan = _small_tables(sheets, report, uploaded_rows)
        if sheet := sheets.get(PAR_LEVELS.name):
            reader = ParReader(Reader(sheet, report, uploaded_rows), plan.catalogue, plan.places)
            plan.par_levels = reader.plan()
        if sheet := sheets.get(OPENING_STOCK.name):
            opening = OpeningReader(Reader(sheet, report, uploaded_rows), plan.catalogue, plan.places)
            plan.opening_stock = opening.plan(today)
    report.in_order()
    if not plan.is_refused:
        plan.previews = _previews(plan)
        plan.locations = plan.places.missing()
    return plan


def _small_tables(sheets: Mapping[str, Sheet], report: Report, uploaded_rows: int | None) -> Plan:
    def read(table: Table) -> Records:
        sheet = sheets.get(table.name)
        return read_records(table, Reader(sheet, report, uploaded_rows) if sheet else None)

    stations, units, items, packs = map(read, (STATIONS, UNITS, ITEMS, PACKS))
    # Nothing refers to a substitute, so those that exist matter only beside a file of them.
    substitutes = read(SUBSTITUTES) if SUBSTITUTES.name in sheets else Records(SUBSTITUTES, {})
    checks.check_stations(stations)
    checks.check_units(units, stations)
    checks.check_items(items)
    checks.check_packs(packs, items)
    checks.check_gtins(items, packs)
    checks.check_substitutes(substitutes, items)
    return Plan(report, stations, units, items, packs, substitutes, Places(stations, units), Catalogue(items))


def _previews(plan: Plan) -> list[Preview]:
    small = (plan.stations, plan.units, plan.items, plan.packs, plan.substitutes)
    previews = [of_records(records, records.reader, _mark(records)) for records in small if records.reader]
    return previews + [large.preview() for large in (plan.par_levels, plan.opening_stock) if large]


def _mark(records: Records) -> str:
    mark = sha256()
    for entry in records.entries.values():
        mark.update(repr((entry.key, entry.differences)).encode())
    return mark.hexdigest()
