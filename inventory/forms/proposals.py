"""What proposals are filtered by, what is decided on them, and the limits that they keep."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import WITHOUT_ID, CommandForm
from inventory.actions.limits import MOST_CENTS, MOST_ML, Limits
from inventory.models import Item, ParProposal
from inventory.policy import Reason

RAISE, LOWER = "raise", "lower"
STATES = (ParProposal.State.OPEN, ParProposal.State.ACCEPTED, ParProposal.State.DECLINED)


class ProposalFilter(forms.Form):
    """Proposals by station, class, direction, reason, state and words. What cannot be read is left out."""

    station = forms.CharField(required=False, max_length=20)
    criticality = forms.ChoiceField(choices=Item.Criticality.choices, required=False)
    direction = forms.ChoiceField(choices=[(RAISE, _("Raise")), (LOWER, _("Lower"))], required=False)
    reason = forms.TypedChoiceField(
        choices=[(str(one.value), one.name) for one in Reason], coerce=int, empty_value=None, required=False
    )
    state = forms.ChoiceField(choices=[(state.value, state.label) for state in STATES], required=False)
    q = forms.CharField(required=False, max_length=80)

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return {"state": ParProposal.State.OPEN.value} | chosen


class DecisionForm(CommandForm):
    """Which proposals, and what becomes of them. ``everything``: all that the filters of the address show; ``shown``
    and ``newest`` say how many these were on the page, and the last of them, so that nothing unseen is decided."""

    act = forms.ChoiceField(choices=[("accept", _("Accept")), ("decline", _("Decline"))])
    reason = forms.CharField(label=_("Why"), required=False, max_length=300, widget=forms.TextInput(WITHOUT_ID))
    proposal = forms.TypedMultipleChoiceField(coerce=int, required=False)
    everything = forms.BooleanField(required=False)
    shown = forms.IntegerField(required=False, min_value=0)
    newest = forms.IntegerField(required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["proposal"]
        sent: Any = self.data
        # Whether they exist, and are still open, is for the command to say.
        ids = sent.getlist("proposal") if self.is_bound else []
        field.choices = [(one, one) for one in ids if one.isascii() and one.isdigit() and len(one) < 19]


class LimitsForm(CommandForm):
    """Litres and money as people write them; what was seen travels along."""

    volume = forms.DecimalField(
        label=_("This place holds, in litres"),
        required=False,
        min_value=Decimal("0.001"),
        max_value=Decimal(MOST_ML) / 1000,
        decimal_places=3,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.001"}),
        help_text=_("Empty: no limit."),
    )
    budget = forms.DecimalField(
        label=_("Stock of the whole station may be worth"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(MOST_CENTS) / 100,
        decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
        help_text=_("Units included, equipment apart. Empty: no limit."),
    )
    seen_volume = forms.IntegerField(required=False, widget=forms.HiddenInput(WITHOUT_ID))
    seen_budget = forms.IntegerField(required=False, widget=forms.HiddenInput(WITHOUT_ID))

    @classmethod
    def of(cls, limits: Limits) -> "LimitsForm":
        """The form as it stands now."""
        volume, budget = limits.volume_ml, limits.stock_budget_cents
        return cls(
            initial={
                "volume": None if volume is None else (Decimal(volume) / 1000).normalize(),
                "budget": None if budget is None else Decimal(budget).scaleb(-2),
                "seen_volume": volume,
                "seen_budget": budget,
            }
        )

    @property
    def limits(self) -> Limits:
        volume, budget = self.cleaned_data["volume"], self.cleaned_data["budget"]
        return Limits(None if volume is None else int(volume * 1000), None if budget is None else int(budget * 100))

    @property
    def seen(self) -> Limits:
        return Limits(self.cleaned_data["seen_volume"], self.cleaned_data["seen_budget"])
