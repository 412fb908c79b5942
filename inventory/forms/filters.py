"""What lists are filtered by. A filter that cannot be read is left out, never an error."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inventory.models import Item, Lot, StockMovement
from stations.models import Location


class LongSelect(forms.Select):
    """A select whose options are written in one go: the usual one takes half a millisecond for each."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        rows = ((key, SafeString(" selected") if str(key) == chosen else "", label) for key, label in self.choices)
        options = format_html_join("", '<option value="{}"{}>{}</option>', rows)
        return format_html(
            "<select{}>{}</select>", flatatt(self.build_attrs(self.attrs, attrs) | {"name": name}), options
        )


class MovementFilter(forms.Form):
    """The ledger by item, lot, place, reason and day."""

    item = forms.ModelChoiceField(Item.objects.all(), to_field_name="sku", required=False, widget=forms.HiddenInput)
    lot = forms.ModelChoiceField(Lot.objects.select_related("item"), required=False, widget=forms.HiddenInput)
    place = forms.ModelChoiceField(Location.objects.none(), required=False, empty_label="Everywhere", widget=LongSelect)
    reason = forms.ChoiceField(choices=[("", "Any reason"), *StockMovement.Reason.choices], required=False)
    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["place"]
        field.queryset = places

    @property
    def chosen(self) -> dict[str, Any]:
        """What could be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
