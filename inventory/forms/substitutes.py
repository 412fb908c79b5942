"""What may be sent when an item is lacking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import CommandForm
from inventory.actions.substitutes import LONGEST_NOTE, MOST
from inventory.models import Item

WHOLE: dict[str, Any] = {
    "min_value": 1,
    "max_value": MOST,
    "initial": 1,
    "widget": forms.NumberInput({"inputmode": "numeric"}),
}


class SubstituteForm(CommandForm):
    """So many of another item for so many of this one."""

    substitute = forms.ModelChoiceField(Item.objects.none(), empty_label=_("Choose an item"), label=_("Send instead"))
    quantity = forms.IntegerField(label=_("So many of it …"), **WHOLE)
    per = forms.IntegerField(label=_("… for so many of this"), **WHOLE)
    preference = forms.IntegerField(
        label=pgettext_lazy("sequence", "Order"), help_text=_("1 is offered first."), **WHOLE
    )
    note = forms.CharField(label=_("What the crew must know"), max_length=LONGEST_NOTE, required=False)

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["substitute"]
        field.queryset = Item.objects.filter(kind=item.kind, is_active=True).exclude(pk=item.pk).order_by("name")


class RemoveSubstituteForm(CommandForm):
    substitute = forms.ModelChoiceField(Item.objects.all(), widget=forms.HiddenInput)
