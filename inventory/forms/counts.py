"""Counting: begin, a number per lot, a found lot, reasons, giving up."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import WITHOUT_ID, CommandForm
from inventory.actions.count_lines import Counted
from inventory.actions.lines import MOST
from inventory.forms.receiving import code_of, items_by_code, not_listed
from inventory.models import Item

LINE = re.compile(r"counted-(\d{1,18})")
REASON = re.compile(r"reason-(\d{1,18})")
WHOLE = re.compile(r"\d{1,9}")


class OpenCountForm(CommandForm):
    is_blind = forms.BooleanField(
        label=gettext_lazy("Blind count"),
        required=False,
        help_text=gettext_lazy("Who counts does not see what the books expect."),
    )


class VersionedForm(CommandForm):
    """A step of the whole count, which others may have taken since the page was read."""

    version = forms.IntegerField(widget=forms.HiddenInput(WITHOUT_ID), required=False)


class CancelCountForm(VersionedForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))


class CountLinesForm(CommandForm):
    """Some lines of a count: ``counted-<lot>`` as typed, ``seen-<lot>`` what stood there when the page was read."""

    counted: list[Counted]

    def clean(self) -> dict[str, Any]:
        self.counted = []
        for name in self.data:
            found = LINE.fullmatch(name)
            text = str(self.data[name]).strip()
            if not found or not text:
                continue
            if not WHOLE.fullmatch(text) or int(text) > MOST:
                raise ValidationError(_no_count(text))
            seen = str(self.data.get(f"seen-{found[1]}", ""))
            self.counted.append(Counted(int(found[1]), int(text), int(seen) if WHOLE.fullmatch(seen) else None))
        if not self.counted:
            raise ValidationError(_("Write what you counted, 0 for what is not there."))
        return self.cleaned_data


def _no_count(text: str) -> str:
    said = _("“%(text)s” is no count. Write a whole number from 0 to %(most)s.")
    return said % {"text": text[:20], "most": f"{MOST:,}"}


class FoundLotForm(CommandForm):
    """A lot that the list does not name."""

    item = forms.CharField(
        label=gettext_lazy("Item"),
        max_length=200,
        widget=forms.TextInput(
            {"list": "catalogue", "autocomplete": "off", "placeholder": gettext_lazy("Name, SKU or code")}
        ),
    )
    number = forms.CharField(label=gettext_lazy("Lot number"), max_length=40, required=False)
    expires_on = forms.DateField(
        label=gettext_lazy("Expires on"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    counted = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=0,
        max_value=MOST,
        widget=forms.NumberInput({"inputmode": "numeric", "min": "0"}),
    )

    def clean_item(self) -> Item:
        code = code_of(self.cleaned_data["item"])
        item = items_by_code({code}).get(code)
        if item is None:
            raise ValidationError(not_listed(code))
        return item


class PostCountForm(VersionedForm):
    """Why each line differs: ``reason-<lot>``, or one reason for all that have none of their own."""

    for_all = forms.CharField(label=gettext_lazy("Reason for all others"), max_length=120, required=False)

    def reasons(self, lots: list[int]) -> dict[int, str]:
        """The reason of each of these lots, as far as one was given."""
        own = {int(found[1]): str(self.data[name]) for name in self.data if (found := REASON.fullmatch(name))}
        return {lot: own.get(lot, "").strip() or self.cleaned_data["for_all"] for lot in lots}
