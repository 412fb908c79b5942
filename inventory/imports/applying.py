"""Carry out a plan inside the transaction of its command: the small tables by upsert, the large ones in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Q

from core.english import in_english
from inventory.actions.outdated import close_outdated
from inventory.imports.batches import batches
from inventory.imports.columns import Table
from inventory.imports.par_levels import ITEM, MINIMUM, OLD_VERSION, PAR, PLACE, ParPlan
from inventory.imports.places import PlaceKey
from inventory.imports.planning import Plan
from inventory.imports.posting import post_opening_stock
from inventory.imports.progress import Progress
from inventory.imports.records import Entry, Records
from inventory.imports.values import Value
from inventory.models import Item, Pack, ParLevel
from stations.models import Command, Event, Location, User

# The id of each row of another table by its code, for the columns that name one.
References = Mapping[str, Mapping[str, int]]
SHELVES: tuple[str, ...] = tuple(kind.value for kind in Location.SHELVES)


def apply_plan(plan: Plan, command: Command, progress: Progress, *, by: User | None, at: datetime) -> None:
    """Write everything that the plan would change. Its rows must have been locked, and it must have no problems."""
    stations = _write_stations(plan.stations, command, progress)
    units = _write(plan.units, command, {"station": stations}, progress)
    if plan.packs.entries:
        _free_codes(plan.packs, _ids(plan.items))
    items = _write(plan.items, command, {}, progress)
    plan.catalogue.pks |= items
    _write(plan.packs, command, {"sku": items}, progress)
    if plan.substitutes.entries:
        _write(plan.substitutes, command, {"sku": items, "substitute": items}, progress)
    _make_locations(plan, stations, units)
    if plan.par_levels:
        _write_par_levels(plan.par_levels, command, progress)
        close_outdated(at=at)
    if plan.opening_stock:
        post_opening_stock(plan.opening_stock, command, progress, by=by, at=at)


def _ids(records: Records) -> dict[str, int]:
    """The id of each row by the first column of its key. Of packs, which nothing names, this is of no use."""
    model: Any = records.table.model
    return dict(model.objects.values_list(records.table.column(records.table.key[0]).field, "pk"))


def _write_stations(stations: Records, command: Command, progress: Progress) -> dict[str, int]:
    """Stations tier by tier: whoever supplies others comes first."""
    ids = _ids(stations)
    waiting = [entry for entry in stations.entries.values() if entry.differences]
    while waiting:
        ready = [entry for entry in waiting if not entry.after["supplied_by"] or entry.after["supplied_by"] in ids]
        if not ready:
            raise AssertionError("a circle of suppliers is refused while planning")
        done = {entry.key for entry in ready}
        waiting = [entry for entry in waiting if entry.key not in done]
        ids |= _upsert(stations.table, ready, command, {"supplied_by": ids}, progress)
    return ids


def _write(records: Records, command: Command, references: References, progress: Progress) -> dict[str, int]:
    """Upsert the new and changed rows of a small table: all its ids, those of new rows included."""
    entries = [entry for entry in records.entries.values() if entry.differences]
    if records.table.model is Item:
        _free_gtins(Item, "sku", entries)
    return _ids(records) | _upsert(records.table, entries, command, references, progress)


def _upsert(
    table: Table, entries: list[Entry], command: Command, references: References, progress: Progress
) -> dict[str, int]:
    model: Any = table.model
    key = [_attribute(table, name).removesuffix("_id") for name in table.key]
    every = [_attribute(table, column.name).removesuffix("_id") for column in table.columns]
    written: dict[str, int] = {}
    for batch in batches(entries):
        rows = model.objects.bulk_create(
            [model(**dict(_fields(table, entry, references))) for entry in batch],
            update_conflicts=True,
            unique_fields=key,
            update_fields=[name for name in every if name not in key],
        )
        Event.objects.bulk_create(_event(table, entry, row, command) for entry, row in zip(batch, rows, strict=True))
        written |= {entry.key[0]: row.pk for entry, row in zip(batch, rows, strict=True)}
        progress.add(len(batch))
    return written


def _attribute(table: Table, column: str) -> str:
    """The model's attribute that holds a column: ``supplied_by_id`` for ``supplied_by__code``."""
    name, is_reference, _ = table.column(column).field.partition("__")
    return f"{name}_id" if is_reference else name


def _fields(table: Table, entry: Entry, references: References) -> Iterator[tuple[str, object]]:
    for column in table.columns:
        value: Value = entry.after[column.name]
        if column.name in references:
            yield _attribute(table, column.name), references[column.name][str(value)] if value else None
        else:
            yield _attribute(table, column.name), value


def _event(table: Table, entry: Entry, row: Any, command: Command) -> Event:
    if entry.before is None:
        return command.event("added", row)
    shown: dict[str, Any] = {}
    for name, pair in entry.differences.items():
        shown[name] = [table.column(name).kind.show(value) for value in pair]
    return command.event("changed", row, **shown)


def _free_gtins(model: Any, code: str, entries: Iterable[Entry]) -> None:
    """Let go of the GTINs that change, so that two rows may swap theirs."""
    freed = [entry.key[0] for entry in entries if entry.before and "gtin" in entry.differences]
    if freed:
        model.objects.filter(**{f"{code}__in": freed}).update(gtin="")


def _free_codes(packs: Records, items: Mapping[str, int]) -> None:
    """The same for packs, and for the issue pack, of which an item has one: every pack of these items lets go first."""
    changed = [entry for entry in packs.entries.values() if entry.before and entry.differences]
    for batch in batches(changed, 200):
        exactly = Q(pk__in=[])
        for entry in batch:
            exactly |= Q(item_id=items[entry.key[0]], name=entry.key[1])
        Pack.objects.filter(exactly).update(gtin="", is_issue_pack=False)


def _make_locations(plan: Plan, stations: Mapping[str, int], units: Mapping[str, int]) -> None:
    """Make the shelves and vehicles that are missing; a unit that became a van keeps its location and its stock."""
    vehicles = {code: pk for (kind, code), pk in plan.places.pks.items() if kind not in SHELVES}
    moved = [(kind, code) for kind, code in plan.locations if kind not in SHELVES and code in vehicles]
    for kind in Location.VEHICLES:
        became = [vehicles[code] for now, code in moved if now == kind]
        if became:
            Location.objects.filter(pk__in=became).update(kind=kind)
    made = [key for key in plan.locations if key not in moved]
    rows = Location.objects.bulk_create(_location(key, stations, units) for key in made)
    plan.places.pks |= {key: vehicles[key[1]] for key in moved}
    plan.places.pks |= {key: row.pk for key, row in zip(made, rows, strict=True)}


def _location(key: PlaceKey, stations: Mapping[str, int], units: Mapping[str, int]) -> Location:
    kind, code = key
    if kind in SHELVES:
        return Location(kind=kind, name=in_english(Location.Kind(kind).label), station_id=stations[code])
    return Location(kind=kind, name=code, unit_id=units[code])


def _write_par_levels(plan: ParPlan, command: Command, progress: Progress) -> None:
    """Upsert in batches. A changed one is told in the log by itself; new ones by their number at each place."""
    places = [plan.places.pks[key] for key in plan.places.keys]
    items = [plan.catalogue.pks[item.sku] for item in plan.catalogue.items]
    for batch in batches(plan.writes.tolist()):
        levels = ParLevel.objects.bulk_create(
            [_par_level(plan, row, places, items) for row in batch],
            update_conflicts=True,
            unique_fields=["location", "item"],
            update_fields=["par", "minimum", "short_below", "mandated_minimum", "bin", "version"],
        )
        changed = [(row, level) for row, level in zip(batch, levels, strict=True) if plan.changed[row]]
        Event.objects.bulk_create(command.event("changed", level, **plan.details(row)) for row, level in changed)
        progress.add(len(batch))
    numbers, counts = np.unique(plan.rows[PLACE][plan.new], return_counts=True)
    Event.objects.bulk_create(
        command.event("par levels added", Location(pk=places[number]), count=count)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
    )


def _par_level(plan: ParPlan, row: int, places: Sequence[int], items: Sequence[int]) -> ParLevel:
    rows = plan.rows
    return ParLevel(
        location_id=places[rows[PLACE][row]],
        item_id=items[rows[ITEM][row]],
        par=int(rows[PAR][row]),
        minimum=int(rows[MINIMUM][row]),
        short_below=plan.short_below(row),
        mandated_minimum=plan.mandated(row),
        bin=plan.bin(row),
        version=1 if plan.new[row] else int(plan.now[OLD_VERSION][plan.at[row]]) + 1,
    )
