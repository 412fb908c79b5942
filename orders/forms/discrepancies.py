"""Saying where something went that was not accepted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.forms.commands import CommandForm
from orders.models import Discrepancy


class SettleForm(CommandForm):
    """What became of it, and how one knows. Damaged stock is not handed to the station after all."""

    resolution = forms.ChoiceField(
        label=_("What became of it"),
        choices=Discrepancy.Resolution.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what became of it.")},
    )
    reason = forms.CharField(
        label=_("How you know"),
        max_length=200,
        widget=forms.Textarea({"rows": 2, "maxlength": 200}),
        error_messages={"required": _("Say how you know.")},
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == Discrepancy.Kind.DAMAGED:
            field: Any = self.fields["resolution"]
            field.choices = [one for one in Discrepancy.Resolution.choices if one[0] != Discrepancy.Resolution.FOUND]
