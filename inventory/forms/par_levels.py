"""The grid of one place's par levels: what was typed, against what was shown."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.forms import CommandForm
from inventory.actions.par_levels import MOST, Pair, ParChange, field_problems
from inventory.models import Item, ParLevel

NAMES = ("par", "minimum", "short", "mandated", "bin")
FIELD = re.compile(r"(par|minimum|short|mandated|bin|was)-(\d{1,18})")
WHOLE = re.compile(r"\d{1,9}", re.ASCII)
WAS = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9}):(\d{0,9}):(\d{0,9}):(.*)", re.ASCII)


def as_shown(level: ParLevel) -> str:
    """A par level as the page remembers it: version, par, minimum, what is Short and mandated if anything, and bin."""
    return f"{level.version}:{':'.join(_texts(level).values())}"


def _texts(level: ParLevel) -> dict[str, str]:
    """What the fields of a par level show; empty where it says nothing of its own."""
    short = "" if level.short_below is None else str(level.short_below)
    numbers = {"par": str(level.par), "minimum": str(level.minimum), "short": short}
    return {**numbers, "mandated": str(level.mandated_minimum or ""), "bin": level.bin}


@dataclass
class ParRow:
    """One line of the grid. ``was`` is what the page showed, empty for an item that is being added."""

    item: Item
    was: str = ""
    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES, ""))
    errors: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def of(cls, level: ParLevel) -> "ParRow":
        return cls(level.item, as_shown(level), _texts(level))

    @property
    def key(self) -> int:
        return self.item.pk


class ParGridForm(CommandForm):
    """Fields ``par-<item>``, ``minimum-<item>``, ``short-<item>``, ``mandated-<item>``, ``bin-<item>``, ``was-<item>``.

    A line as it was is no change. Nothing written as mandated is none; nothing written as short is the minimum.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed: dict[int, dict[str, str]] = {}
        self.wrong: dict[int, dict[str, str]] = {}
        self.notes: dict[int, str] = {}
        self.changed: dict[int, ParChange] = {}
        for name in self.data:
            if found := FIELD.fullmatch(name):
                self.typed.setdefault(int(found[2]), {})[found[1]] = str(self.data[name]).strip()

    def clean(self) -> dict[str, Any]:
        for key, texts in self.typed.items():
            found = WAS.fullmatch(texts.get("was", ""))
            texts |= {name: texts.get(name, "") for name in NAMES}
            if found and list(found.groups()[1:]) == [texts[name] for name in NAMES]:
                continue
            if not found and not any(texts[name] for name in NAMES):
                continue
            self._read(key, texts, version=int(found[1]) if found else None)
        if self.wrong:
            raise ValidationError(_("Some numbers cannot be right. Nothing was saved; correct what is marked."))
        return self.cleaned_data

    def _read(self, key: int, texts: Mapping[str, str], *, version: int | None) -> None:
        reason = _("Write a whole number up to %(most)s.") % {"most": f"{MOST:,}"}
        texts = {**texts, "mandated": texts["mandated"] or "0", "short": texts["short"] or texts["minimum"]}
        wrong = {name: reason for name in NAMES[:-1] if not WHOLE.fullmatch(texts[name])}
        if not wrong:
            par, minimum, short, mandated = (int(texts[name]) for name in NAMES[:-1])
            self.changed[key] = ParChange(0, key, par, minimum, texts["bin"], version, mandated, short)
            wrong = dict(field_problems(self.changed[key]))
        if wrong:
            self.wrong[key] = wrong

    def changes(self, location_id: int) -> list[ParChange]:
        """The lines that differ from what was shown, as changes at this place."""
        return [replace(one, location_id=location_id) for one in self.changed.values()]

    def refuse(self, fields: Mapping[tuple[Pair, str], str]) -> None:
        """Mark the fields that the command refused."""
        for ((_place, item), name), reason in fields.items():
            self.wrong.setdefault(item, {})[name] = reason

    def warn(self, rows: Mapping[Pair, str]) -> None:
        """Mark the lines that somebody else has changed."""
        self.notes = {item: text for (_, item), text in rows.items()}

    def fill(self, rows: Iterable[ParRow]) -> None:
        """Put into the rows what was typed and what is wrong with it. A line that others changed takes their version,
        so that sending it once more is a choice."""
        for row in rows:
            if texts := self.typed.get(row.key):
                row.values = {name: texts.get(name, "") for name in NAMES}
                row.was = row.was if row.key in self.notes else texts.get("was", "")
                row.errors = self.wrong.get(row.key, {})
                row.note = self.notes.get(row.key, "")
