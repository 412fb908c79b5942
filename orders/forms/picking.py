"""Picking and packing."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inventory.models import StockLevel
from orders.forms.commands import CommandForm, VersionedForm

PICK = re.compile(r"(\d{1,18}):(\d{1,9})")


class PicksField(forms.Field):
    """Base units by shipment line id, written as one hidden ``12:100`` for each line."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> dict[int, int]:
        found = [PICK.fullmatch(text) for text in super().clean(value)]
        if not all(found):
            raise ValidationError(_("The form was incomplete. Reload the pick list and try again."))
        return {int(one[1]): int(one[2]) for one in found if one}


class PickForm(VersionedForm):
    """Lines that lie in the tote as the list says."""

    picked = PicksField()


class ShortPickForm(VersionedForm):
    """A line of which less was there than the list says."""

    line = forms.IntegerField(widget=forms.HiddenInput({"id": False}))
    quantity = forms.IntegerField(label=_("How many are in the tote"), min_value=0, max_value=2_147_483_647)
    reason = forms.CharField(
        label=_("Why not all"), max_length=200, error_messages={"required": _("Say why not all of it was there.")}
    )


class OtherLotForm(CommandForm):
    """A line that is taken from another lot than the one that expires first."""

    line = forms.IntegerField(widget=forms.HiddenInput({"id": False}))
    level = forms.ModelChoiceField(label=_("Lot"), queryset=StockLevel.objects.none())
    reason = forms.CharField(
        label=_("Why this lot"),
        max_length=120,
        error_messages={"required": _("Say why this lot, not the first to expire.")},
    )

    def __init__(self, *args: Any, source_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = StockLevel.objects.filter(location__station=source_id)
        self.fields["level"] = forms.ModelChoiceField(
            levels,
            label=_("Lot"),
            error_messages={"required": _("Choose a lot."), "invalid_choice": _("That lot is not here.")},
        )


class PackForm(VersionedForm):
    """Into how many totes it went."""

    totes = forms.IntegerField(
        label=_("Totes"), min_value=1, max_value=200, widget=forms.NumberInput({"inputmode": "numeric"})
    )
