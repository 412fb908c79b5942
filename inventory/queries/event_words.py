"""What an event changed, in words for people: before → after, with items and lots by their names."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.sayings import again
from inventory.models import Item, Lot
from inventory.queries.event_labels import VALUES, label_of, status_said
from stations.models import Event, Station

# Ids of what the page or the log names already, numbers that say nothing by themselves, and what the comment says.
UNSAID = frozenset({"location", "unit", "witness", "movement", "reason", "reasons", "lines", "item", "number"})
BY_ITEM = frozenset({"changes", "taken", "quantities", "given_up"})  # keyed by SKU, with a lot or a place after it
LISTS = frozenset({"approvers", "stayed", "came_back", "acts_at", "looks_at"})  # two of these are no before and after
STEPS = frozenset({"approvers", "next", "step"})  # who decides, and by which rule, as ApprovalStep says it
BY_LOT = frozenset({"lots", "variances"})  # keyed by the id of the lot
# Then by name: PostgreSQL keeps no order of keys.
FIRST = ("par", "minimum", "short_below", "bin", "role", "step", "next")
SKU = re.compile(r"([^\s,]+)[\s,]*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Names:
    """Items by SKU, lots by id and stations by code, as far as the events name them."""

    items: Mapping[str, str]
    lots: Mapping[str, str]
    stations: Mapping[str, str]

    def of_item(self, key: str) -> str:
        """ "GLV-M A17" → "Gloves, medium, A17"; a key that names no known item stays as it is."""
        if not (found := SKU.fullmatch(key)) or found[1] not in self.items:
            return key
        return ", ".join(filter(None, (self.items[found[1]], found[2])))

    def of_lot(self, key: str) -> str:
        return self.lots.get(key) or _("Lot %(number)s") % {"number": key}

    def of_stations(self, value: Any) -> Any:
        """A code, or a list of them, as names; anything else as it is."""
        if isinstance(value, list):
            return list(map(self.of_stations, value))
        return self.stations.get(value, value) if isinstance(value, str) else value


def said(events: Iterable[Event]) -> dict[int, list[str]]:
    """The lines to show of each event, by its id. Three queries at most, however many events."""
    events = list(events)
    names = Names(_items(events), _lots(events), _stations(events))
    return {event.pk: list(_lines(event.details, names)) for event in events}


def _keys(events: Iterable[Event], wanted: Iterable[str]) -> set[str]:
    parts = [event.details.get(name) for event in events for name in wanted]
    return {key for part in parts if isinstance(part, dict) for key in part}


def _items(events: Iterable[Event]) -> dict[str, str]:
    events = list(events)
    less = {one["item"] for event in events for one in event.details.get("less") or ()}
    skus = less | {found[1] for key in _keys(events, BY_ITEM) if (found := SKU.fullmatch(key))}
    return dict(Item.objects.filter(sku__in=skus).values_list("sku", "name")) if skus else {}


def _lots(events: Iterable[Event]) -> dict[str, str]:
    ids = {key for key in _keys(events, BY_LOT) if key.isdecimal()}
    lots = Lot.objects.filter(pk__in=ids).select_related("item") if ids else ()
    return {str(lot.pk): _lot_said(lot) for lot in lots}


def _stations(events: Iterable[Event]) -> dict[str, str]:
    """Those that a step was at, and those of a run whose stops changed places."""
    said = [event.details.get("station") for event in events]
    said += [
        part for event in events for key in ("before", "after") if isinstance(part := event.details.get(key), list)
    ]
    codes = {code for part in said for code in (part if isinstance(part, list) else [part]) if isinstance(code, str)}
    return dict(Station.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def _lot_said(lot: Lot) -> str:
    if not lot.is_numbered:
        return str(lot.item)
    return _("%(item)s, lot %(lot)s") % {"item": lot.item, "lot": lot}


def _lines(details: Mapping[str, Any], names: Names) -> Iterator[str]:
    rest = dict(details)
    before, after = rest.pop("before", None), rest.pop("after", None)
    if before is not None or after is not None:
        yield from _difference(
            "", *(names.of_stations(one) if isinstance(one, list) else one for one in (before, after))
        )
    for key, value in sorted(rest.items(), key=lambda pair: _rank(pair[0])):
        if key in BY_ITEM and isinstance(value, dict):
            yield from _named(key, value, names.of_item)
        elif key in BY_LOT and isinstance(value, dict):
            yield from _named(key, value, names.of_lot)
        elif key == "station":
            yield from _line(key, names.of_stations(value))
        elif key == "less":
            yield from (_less(one, names) for one in value)
        elif key not in UNSAID:
            yield from _line(key, value)


def _rank(key: str) -> tuple[int, str]:
    return (FIRST.index(key) if key in FIRST else len(FIRST)), key


def _less(one: Mapping[str, Any], names: Names) -> str:
    """What an approver granted of a line, and why."""
    return f"{names.of_item(one['item'])}: {_pair(one['asked'], one['approved'])}, “{again(one['reason'])}”"


def _named(key: str, values: Mapping[str, Any], name: Callable[[str], str]) -> Iterator[str]:
    for inner, value in sorted(values.items(), key=lambda pair: name(pair[0])):
        sign = "+" if key == "variances" and isinstance(value, int) and value > 0 else ""
        yield f"{name(inner)}: {_pair(*value) if _is_pair(value) else sign + _word(value)}"


def _line(key: str, value: Any) -> Iterator[str]:
    label = label_of(key)
    if value is True:
        yield label
    elif key not in LISTS and _is_pair(value):
        yield from _difference(label, *(map(status_said, value) if key == "status" else value))
    elif key in STEPS and value:
        yield f"{label}: {', '.join(map(_step, value if isinstance(value, list) else [value]))}"
    elif isinstance(value, dict):
        for inner, one in sorted(value.items(), key=lambda pair: _rank(pair[0])):
            yield from _line(inner, one)
    elif key == "metres" and isinstance(value, int):
        yield _("%(label)s: %(distance)s km") % {"label": label, "distance": f"{value / 1000:.1f}"}
    elif value not in (None, "", False, [], 0):
        yield f"{label}: {_word(value)}"


def _step(text: str) -> str:
    """ "Chief: scheduled drug", of which both halves are words of ours, the second without its capital."""
    role, _colon, rule = text.partition(": ")
    return f"{_(role)}: {_(rule.capitalize()).lower()}" if role and rule else text


def _is_pair(value: Any) -> bool:
    """Before and after."""
    return isinstance(value, list) and len(value) == 2


def _difference(label: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                name = label_of(key)
                yield f"{name}: {_pair(before.get(key), after.get(key))}"
    elif before != after:
        yield f"{label}: {_pair(before, after)}" if label else _pair(before, after)


def _pair(before: Any, after: Any) -> str:
    return _word(after) if before is None else f"{_word(before)} → {_word(after)}"


def _word(value: Any) -> str:
    if value is True or value is False:
        return _("yes") if value else _("no")
    if value is None or value in ("", []):
        return _("none")
    if isinstance(value, list):
        return ", ".join(map(_word, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_word(one)}" for key, one in sorted(value.items()))
    if isinstance(value, int):
        return f"{value:,}"
    return str(VALUES[value]) if value in VALUES else again(str(value))
