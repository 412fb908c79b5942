"""What the division sets for each kind of item, and for each class."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from core.forms import WITHOUT_ID, CommandForm
from inventory.actions.policies import LEAST_FLOOR, MOST_CENTS, MOST_DAYS, MOST_FLOOR, ClassPolicy, Policy
from inventory.models import CriticalityPolicy, KindPolicy

NUMERIC = {"inputmode": "numeric", "min": "0", "max": str(MOST_DAYS)}


class PoliciesForm(CommandForm):
    seen = forms.IntegerField(widget=forms.HiddenInput(WITHOUT_ID))

    def __init__(
        self, *args: Any, policies: Sequence[KindPolicy], classes: Sequence[CriticalityPolicy], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.policies, self.classes = policies, classes
        for policy in policies:
            self.fields[f"horizon-{policy.kind}"] = forms.IntegerField(
                label=_("Must last, in days"),
                min_value=0,
                max_value=MOST_DAYS,
                required=False,
                initial=policy.horizon_days,
                widget=forms.NumberInput(NUMERIC),
                help_text=_("Empty: until the station's delivery after next."),
            )
            self.fields[f"expiring-{policy.kind}"] = forms.IntegerField(
                label=_("Shown as expiring, days ahead"),
                min_value=0,
                max_value=MOST_DAYS,
                initial=policy.expiring_days,
                widget=forms.NumberInput(NUMERIC),
            )

        for rank in classes:
            self.fields[f"floor-{rank.criticality}"] = _hundredths(
                _("Units there when asked for, at least, in %"), LEAST_FLOOR, MOST_FLOOR, rank.fill_floor_bp
            )
            self.fields[f"lost-{rank.criticality}"] = _hundredths(
                _("Cost of one unit that is not there"), 0, MOST_CENTS, rank.lost_unit_cents
            )

    def rows(self) -> Iterator[tuple[KindPolicy, BoundField, BoundField]]:
        """Each kind with its two fields."""
        for policy in self.policies:
            yield policy, self[f"horizon-{policy.kind}"], self[f"expiring-{policy.kind}"]

    def chosen(self) -> list[Policy]:
        data = self.cleaned_data
        return [Policy(one.kind, data[f"horizon-{one.kind}"], data[f"expiring-{one.kind}"]) for one in self.policies]

    def class_rows(self) -> Iterator[tuple[CriticalityPolicy, BoundField, BoundField]]:
        """Each class with its two fields."""
        for rank in self.classes:
            yield rank, self[f"floor-{rank.criticality}"], self[f"lost-{rank.criticality}"]

    def chosen_classes(self) -> list[ClassPolicy]:
        data = self.cleaned_data
        return [
            ClassPolicy(word, int(data[f"floor-{word}"] * 100), int(data[f"lost-{word}"] * 100))
            for word in (rank.criticality for rank in self.classes)
        ]


def _hundredths(label: str, least: int, most: int, now: int) -> forms.DecimalField:
    """A percentage or an amount of money with two decimals, kept as whole hundredths."""
    return forms.DecimalField(
        label=label,
        min_value=Decimal(least) / 100,
        max_value=Decimal(most) / 100,
        max_digits=12,
        decimal_places=2,
        initial=Decimal(now).scaleb(-2),
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )
