"""Many rows with a number each, typed on one page: what is taken, restocked, moved, discarded or counted."""

import re
from typing import Any, Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.forms import CommandForm
from inventory.actions.lines import MOST

FIELD = re.compile(r"q-(\d{1,18})")
WHOLE = re.compile(r"\d{1,9}")


class Row(Protocol):
    """A row of the page: its key, what stands in its field, and what is wrong with that."""

    @property
    def key(self) -> int: ...

    typed: str
    error: str


AnyRow = TypeVar("AnyRow", bound=Row)


class QuantitiesForm(CommandForm):
    """Fields ``q-<key>``: a row that is empty or 0 is not meant. ``quantities`` are base units by key."""

    quantities: dict[int, int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = {
            int(found[1]): str(self.data[name]).strip() for name in self.data if (found := FIELD.fullmatch(name))
        }
        self.wrong: dict[int, str] = {}
        self.quantities = {}

    def clean(self) -> dict[str, Any]:
        for key, text in self.typed.items():
            if not WHOLE.fullmatch(text) and text:
                self.wrong[key] = _("Write a whole number.")
            elif text and int(text) > MOST:
                self.wrong[key] = _("That is more than %(most)s.") % {"most": f"{MOST:,}"}
            elif text and int(text):
                self.quantities[key] = int(text)
        if self.wrong:
            raise ValidationError(_("Some numbers cannot be right. Nothing was saved; correct them and send again."))
        if not self.quantities:
            raise ValidationError(_("Nothing was chosen. Put a quantity on at least one line."))
        return self.cleaned_data

    def fill(self, rows: "list[AnyRow]") -> "list[AnyRow]":
        """The rows with what was typed and what is wrong with it; once sent, those with a number come first."""
        for row in rows:
            row.typed = self.typed.get(row.key, "") if self.is_bound else row.typed
            row.error = self.wrong.get(row.key, "")
        return sorted(rows, key=lambda row: not row.typed) if self.is_bound else rows
