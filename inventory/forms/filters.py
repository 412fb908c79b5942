"""What lists are filtered by. A filter that cannot be read is left out, never an error."""

from typing import Any

from django import forms

from inventory.models import Item, Lot, StockMovement
from stations.models import Location


class MovementFilter(forms.Form):
    """The ledger by item, lot, place, reason and day."""

    item = forms.ModelChoiceField(Item.objects.all(), to_field_name="sku", required=False, widget=forms.HiddenInput)
    lot = forms.ModelChoiceField(Lot.objects.select_related("item"), required=False, widget=forms.HiddenInput)
    place = forms.ModelChoiceField(Location.objects.none(), required=False, empty_label="Everywhere")
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
