"""Holding and releasing a lot, and undoing a movement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import WITHOUT_ID, CommandForm
from inventory.models import Lot


class LotStatusForm(CommandForm):
    status = forms.ChoiceField(choices=Lot.Status.choices, widget=forms.RadioSelect, label=_("From now on it is"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("For example the recall notice, or the report."),
    )
    was = forms.CharField(widget=forms.HiddenInput(WITHOUT_ID), required=False)


class UndoForm(CommandForm):
    reason = forms.CharField(
        label=_("Why it is undone"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
