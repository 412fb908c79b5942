"""Using stock, restocking a unit, moving lots."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.actions.lines import OfLot, Used
from inventory.forms.quantities import QuantitiesForm
from inventory.queries.stock import TakeRow
from stations.models import Location


class UseForm(QuantitiesForm):
    """How much of which item, for which incident; and for an item with several lots, which of them."""

    reference = forms.CharField(
        label=_("Incident number"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "enterkeyhint": "next"}),
    )

    def lines(self) -> list[Used]:
        return [Used(item, quantity, self._lot(item)) for item, quantity in self.quantities.items()]

    def _lot(self, item: int) -> int | None:
        chosen = str(self.data.get(f"lot-{item}", ""))
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None

    def fill_lots(self, rows: list[TakeRow]) -> list[TakeRow]:
        """The rows with what was typed and which lot was chosen."""
        for row in rows:
            row.lot = str(self._lot(row.key) or "")
        return self.fill(rows)


class RestockForm(QuantitiesForm):
    """How much of which item goes aboard."""

    def lines(self) -> list[Used]:
        return [Used(item, quantity) for item, quantity in self.quantities.items()]


class LotsForm(QuantitiesForm):
    """How much of which lot."""

    def lines(self) -> list[OfLot]:
        return [OfLot(lot, quantity) for lot, quantity in self.quantities.items()]


class MoveForm(LotsForm):
    """Lots that go to another place."""

    destination = forms.ModelChoiceField(
        Location.objects.none(),
        label=_("Where to"),
        empty_label=_("Choose a place"),
        error_messages={
            "required": _("Choose where it goes."),
            "invalid_choice": _("That is no place where you may act."),
        },
    )

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["destination"]
        field.queryset = places
