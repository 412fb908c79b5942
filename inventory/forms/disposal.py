"""Discarding and wasting lots."""

from typing import Any

from django import forms
from django.db.models import Q

from inventory.forms.taking import LotsForm
from stations.models import Station, User

WHY = {
    "expired": "Expired",
    "damaged": "Damaged or soiled",
    "recalled": "Recalled",
    "wasted": "Drawn or opened, and not given",
}


class DiscardForm(LotsForm):
    """Why lots are written off, and who saw it."""

    why = forms.ChoiceField(label="What happened", choices=list(WHY.items()), error_messages={"required": "Choose."})
    details = forms.CharField(
        label="Details", max_length=200, required=False, help_text="What was wrong with it, or the incident number."
    )
    witness = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        empty_label="Nobody",
        help_text="Needed for scheduled drugs: a person other than you who saw it.",
        error_messages={"invalid_choice": "Choose a person of this station or of logistics, other than yourself."},
    )

    witness_password = forms.CharField(
        label="The witness's password",
        required=False,
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text="Typed by the witness, here and now. It is checked and not kept.",
    )

    def __init__(self, *args: Any, station: Station, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["witness"]
        field.queryset = possible_witnesses(station, by)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("witness") and not cleaned.get("witness_password"):
            self.add_error("witness_password", f"{cleaned['witness']} signs with their own password.")
        return cleaned

    @property
    def is_waste(self) -> bool:
        return bool(self.cleaned_data["why"] == "wasted")

    @property
    def reason(self) -> str:
        """What happened, in words."""
        words = WHY[self.cleaned_data["why"]], self.cleaned_data["details"].strip()
        return ": ".join(filter(None, words))


def possible_witnesses(station: Station, by: User) -> Any:
    """People of the station, and of logistics, but not the person themselves."""
    people = User.objects.filter(Q(memberships__station=station) | Q(role=User.Role.LOGISTICS), is_active=True)
    return people.exclude(pk=by.pk).distinct().order_by("first_name", "last_name", "username")
