"""Rules between the rows of the small tables: references, cycles, codes that must not stand twice."""

from collections.abc import Iterator
from datetime import time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.codes import System
from inventory.imports.records import Entry, Key, Record, Records
from inventory.imports.values import Suggestions, no_item
from inventory.models import Item, ItemCode
from inventory.substitution import why_not
from stations.models import Station

NO_STATION = gettext_noop("There is no station %(code)s, neither here nor in the files.")


def check_stations(stations: Records) -> None:
    """A supplier that exists, only warehouses without one, no circles, windows that open before they close."""
    suggest = Suggestions(key[0] for key, _ in stations.final())
    for entry in stations.good():
        after = entry.after
        supplier = str(after["supplied_by"])
        if not supplier and after["kind"] != Station.Kind.WAREHOUSE:
            stations.refuse(
                entry, "supplied_by", _("is empty: say who supplies this station; only a warehouse has nobody.")
            )
        if supplier:
            _check_station(stations, entry, "supplied_by", stations, suggest)
        opens, closes = after["window_start"], after["window_end"]
        if isinstance(opens, time) and isinstance(closes, time) and opens >= closes:
            said = _("the window must open before it closes: %(opens)s–%(closes)s.")
            stations.refuse(entry, "window_end", said % {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"})
    _check_circles(stations)


def _check_station(records: Records, entry: Entry, column: str, stations: Records, suggest: Suggestions) -> None:
    code = str(entry.after[column])
    if stations.get((code,)) is None and stations.is_whole:
        records.refuse(entry, column, _(NO_STATION) % {"code": code} + suggest(code))


def _check_circles(stations: Records) -> None:
    cleared: set[str] = set()
    for entry in stations.good():
        code = entry.key[0]
        chain: dict[str, None] = {}
        while code and code not in cleared and code not in chain:
            chain[code] = None
            code = _supplier(stations, code)
        if code in chain:
            circle = [*chain][[*chain].index(code) :]
            shown = [*circle, code] if len(circle) < 12 else [*circle[:10], "…", code]
            said = _("stations supply each other in a circle: %(circle)s.")
            stations.refuse(entry, "supplied_by", said % {"circle": " ← ".join(shown)})
        cleared.update(chain)


def _supplier(stations: Records, code: str) -> str:
    record = stations.get((code,))
    return str(record["supplied_by"]) if record else ""


def check_units(units: Records, stations: Records) -> None:
    """A station that exists, and a shift that starts before it ends."""
    suggest = Suggestions(key[0] for key, _ in stations.final())
    for entry in units.good():
        _check_station(units, entry, "station", stations, suggest)
        start, end = entry.after["shift_start"], entry.after["shift_end"]
        if (start is None) != (end is None):
            units.refuse(entry, "shift_end", _("a shift needs both its start and its end, or neither."))
        elif isinstance(start, time) and isinstance(end, time) and start >= end:
            units.refuse(entry, "shift_end", _("must be later than shift_start; a shift past midnight cannot be kept."))


def check_items(items: Records) -> None:
    """Only medications are scheduled."""
    for entry in items.good():
        if entry.after["schedule"] and entry.after["kind"] != Item.Kind.MEDICATION:
            items.refuse(entry, "schedule", _("only an item of kind medication can be on a DEA schedule."))


def check_packs(packs: Records, items: Records) -> None:
    """An item that exists, and one pack at most in which it is issued."""
    suggest = Suggestions(key[0] for key, _ in items.final())
    issued: dict[str, Key] = {}
    for key, record in packs.final():
        if record["issue"] and key not in packs.entries:
            issued[key[0]] = key
    for entry in packs.good():
        sku = entry.key[0]
        if items.get((sku,)) is None and items.is_whole:
            packs.refuse(entry, "sku", no_item(sku, suggest))
        if entry.after["issue"] and issued.setdefault(sku, entry.key) != entry.key:
            said = _("%(sku)s is issued by the %(pack)s already: say no for one of the two.")
            packs.refuse(entry, "issue", said % {"sku": sku, "pack": issued[sku][1]})


def check_substitutes(substitutes: Records, items: Records) -> None:
    """Items that exist, another one of the same kind, and no scheduled drug for an unscheduled item without a note."""
    suggest = Suggestions(key[0] for key, _ in items.final())
    for entry in substitutes.good():
        found = {name: items.get((code,)) for name, code in zip(("sku", "substitute"), entry.key, strict=True)}
        for name, code in zip(("sku", "substitute"), entry.key, strict=True):
            if found[name] is None and items.is_whole:
                substitutes.refuse(entry, name, no_item(code, suggest))
        item, substitute = found["sku"], found["substitute"]
        if entry.key[0] == entry.key[1]:
            substitutes.refuse(entry, "substitute", _("an item cannot stand in for itself."))
        elif item and substitute and (why := why_not(item, substitute, str(entry.after["note"]))):
            substitutes.refuse(entry, "substitute", why)


def check_gtins(items: Records, packs: Records) -> None:
    """A GTIN stands for one item or one pack, those that people linked included: whoever scans it must not have to
    choose."""
    owners: dict[str, tuple[Records, Key]] = {}
    linked = ItemCode.objects.filter(system=System.GTIN, is_own=False)
    for gtin, sku, pack in linked.values_list("code", "item__sku", "pack__name"):
        owners[gtin] = (packs, (sku, pack)) if pack else (items, (sku,))
    for records, key, gtin in [*_gtins(items, in_files=False), *_gtins(packs, in_files=False)]:
        owners.setdefault(gtin, (records, key))
    for records, key, gtin in [*_gtins(items, in_files=True), *_gtins(packs, in_files=True)]:
        owner, owner_key = owners.setdefault(gtin, (records, key))
        if (owner, owner_key) != (records, key):
            said = _("%(gtin)s is the GTIN of pack %(name)s already.")
            if owner is items:
                said = _("%(gtin)s is the GTIN of item %(name)s already.")
            records.refuse(records.entries[key], "gtin", said % {"gtin": gtin, "name": " ".join(owner_key)})


def _gtins(records: Records, *, in_files: bool) -> Iterator[tuple[Records, Key, str]]:
    rows: Iterator[tuple[Key, Record]] = records.final()
    for key, record in rows:
        if record["gtin"] and (key in records.entries) == in_files:
            yield records, key, str(record["gtin"]).zfill(14)
