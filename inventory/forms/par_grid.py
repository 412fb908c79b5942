"""What was typed or pasted into the grid of stations and items: each cell as par/minimum."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.forms import CommandForm
from inventory.actions.par_levels import Pair, ParChange, field_problems
from inventory.models import ParLevel

CELL = re.compile(r"(cell|was)-(\d{1,18})-(\d{1,18})")
NUMBERS = re.compile(r"(\d{1,9})(?:\s*/\s*(\d{1,9}))?", re.ASCII)
WAS = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9})", re.ASCII)


def shown(level: ParLevel | None) -> str:
    """A cell as it is read and written: 20/8, empty where there is no par level."""
    return f"{level.par}/{level.minimum}" if level else ""


def remembered(level: ParLevel | None) -> str:
    """What the page remembers of a cell: version:par:minimum."""
    return f"{level.version}:{level.par}:{level.minimum}" if level else ""


@dataclass(frozen=True)
class Cell:
    """One cell that differs from what was shown: its change, and what it was."""

    change: ParChange
    par: int | None
    minimum: int | None


class GridForm(CommandForm):
    """Fields ``cell-<location>-<item>`` and ``was-<location>-<item>``. A cell as it was is no change.

    A number alone keeps the minimum; a new par level needs both. A bin and what is mandated stay as they are.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed: dict[Pair, str] = {}
        self.was: dict[Pair, str] = {}
        self.wrong: dict[Pair, str] = {}
        self.cells: dict[Pair, Cell] = {}
        for name in self.data:
            if found := CELL.fullmatch(name):
                side = self.typed if found[1] == "cell" else self.was
                side[int(found[2]), int(found[3])] = str(self.data[name]).strip()

    def clean(self) -> dict[str, Any]:
        for pair, text in self.typed.items():
            before = WAS.fullmatch(self.was.get(pair, ""))
            seen = f"{before[2]}/{before[3]}" if before else ""
            if text != seen:
                self._read(pair, text, before)
        if self.wrong:
            raise ValidationError(_("Some cells cannot be right. Nothing was saved; correct what is marked."))
        return self.cleaned_data

    def _read(self, pair: Pair, text: str, before: "re.Match[str] | None") -> None:
        numbers = NUMBERS.fullmatch(text)
        if numbers is None:
            said = _("“%(text)s” is no par level. Write par/minimum, as 20/8; 0/0 keeps none here.")
            self.wrong[pair] = said % {"text": text[:20]}
            return
        minimum = numbers[2] or (before[3] if before else None)
        if minimum is None:
            self.wrong[pair] = _("A new par level needs its minimum too: write par/minimum, as 20/8.")
            return
        version = int(before[1]) if before else None
        change = ParChange(*pair, int(numbers[1]), int(minimum), version=version)
        problems = [reason for _, reason in field_problems(change)]
        if problems:
            self.wrong[pair] = " ".join(problems)
        else:
            old = (int(before[2]), int(before[3])) if before else (None, None)
            self.cells[pair] = Cell(change, *old)

    def changes(self, bins: Mapping[Pair, str]) -> list[ParChange]:
        """All changes, each with the bin that its place has now."""
        return [
            ParChange(*pair, cell.change.par, cell.change.minimum, bin=bins.get(pair, ""), version=cell.change.version)
            for pair, cell in self.cells.items()
        ]
