"""The days that the division sets for each kind of item."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from core.forms import WITHOUT_ID, CommandForm
from inventory.actions.policies import MOST_DAYS, Policy
from inventory.models import KindPolicy

NUMERIC = {"inputmode": "numeric", "min": "0", "max": str(MOST_DAYS)}


class PoliciesForm(CommandForm):
    seen = forms.IntegerField(widget=forms.HiddenInput(WITHOUT_ID))

    def __init__(self, *args: Any, policies: Sequence[KindPolicy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policies = policies
        for policy in policies:
            self.fields[f"horizon-{policy.kind}"] = forms.IntegerField(
                label="Must last, in days",
                min_value=0,
                max_value=MOST_DAYS,
                required=False,
                initial=policy.horizon_days,
                widget=forms.NumberInput(NUMERIC),
                help_text="Empty: until the station's delivery after next.",
            )
            self.fields[f"expiring-{policy.kind}"] = forms.IntegerField(
                label="Shown as expiring, days ahead",
                min_value=0,
                max_value=MOST_DAYS,
                initial=policy.expiring_days,
                widget=forms.NumberInput(NUMERIC),
            )

    def rows(self) -> Iterator[tuple[KindPolicy, BoundField, BoundField]]:
        """Each kind with its two fields."""
        for policy in self.policies:
            yield policy, self[f"horizon-{policy.kind}"], self[f"expiring-{policy.kind}"]

    def chosen(self) -> list[Policy]:
        data = self.cleaned_data
        return [Policy(one.kind, data[f"horizon-{one.kind}"], data[f"expiring-{one.kind}"]) for one in self.policies]
