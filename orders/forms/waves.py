"""Picking for a run: lines of several shipments, each shipment in the version that was looked at."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.forms.commands import CommandForm
from orders.forms.picking import PackForm, PicksField
from orders.queries.waves import divided

MOST = 2_147_483_647


class ListedField(forms.Field):
    """What the list says, in its order, as ``12:50,13:20``: a walk may have more lines than a form may have fields."""

    def clean(self, value: Any) -> dict[int, int]:
        return PicksField().clean(str(value or "").split(","))


class WaveForm(CommandForm):
    """Lines that lie in their totes as the list says. ``seen``: versions by shipment id, as ``7:3,8:1``."""

    picked = ListedField()
    seen = ListedField()


class ShortWaveForm(CommandForm):
    """A lot of which less was there than the list says; for all of its shipments, or for one."""

    level = forms.IntegerField(min_value=1, max_value=MOST)
    listed = ListedField()
    seen = ListedField()
    quantity = forms.IntegerField(label=_("How many are there"), min_value=0, max_value=MOST)
    reason = forms.CharField(
        label=_("Why not all"), max_length=200, error_messages={"required": _("Say why not all of it was there.")}
    )

    def clean_quantity(self) -> int:
        found: int = self.cleaned_data["quantity"]
        most = sum(self.cleaned_data.get("listed", {}).values())
        if found > most:
            raise forms.ValidationError(
                gettext("The list says %(number)s: write how many of these are there.") % {"number": f"{most:,}"}
            )
        return found

    @property
    def picked(self) -> dict[int, int]:
        """How what is there divides over the lines."""
        return divided(self.cleaned_data["listed"], self.cleaned_data["quantity"])


class PackWaveForm(PackForm):
    """Into how many totes one of its shipments went."""

    shipment = forms.IntegerField(min_value=1, max_value=MOST)
