"""What lists are filtered by. A filter that cannot be read is left out, never an error."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import Item, Lot, StockMovement
from stations.models import Location


class MovementFilter(forms.Form):
    """The ledger by item, lot, place, reason and day. ``places``: those of the station that was chosen, if one was; a
    place that a link names may be any of ``visible``."""

    item = forms.ModelChoiceField(Item.objects.all(), to_field_name="sku", required=False, widget=forms.HiddenInput)
    lot = forms.ModelChoiceField(Lot.objects.select_related("item"), required=False, widget=forms.HiddenInput)
    place = forms.ModelChoiceField(
        Location.objects.none(), required=False, label=_("Place"), empty_label=_("Everywhere")
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Any reason")), *StockMovement.Reason.choices], required=False
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(
        self, *args: Any, visible: QuerySet[Location], places: QuerySet[Location] | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["place"]
        named = str(self.data.get("place", ""))[:18]
        linked = visible.filter(pk=int(named) if named.isascii() and named.isdigit() else 0)
        field.queryset = linked if places is None else places | linked
        self.has_places = places is not None or field.queryset.exists()

    @property
    def chosen(self) -> dict[str, Any]:
        """What could be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
