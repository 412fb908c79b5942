"""Discarding and wasting lots."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from inventory.forms.taking import LotsForm
from stations.models import Station, User

# In English, as they are kept in the log; the form says them in the reader's language.
WHY = {
    "expired": gettext_noop("Expired"),
    "damaged": gettext_noop("Damaged or soiled"),
    "recalled": gettext_noop("Recalled"),
    "wasted": gettext_noop("Drawn or opened, and not given"),
}


class DiscardForm(LotsForm):
    """Why lots are written off, and who saw it."""

    why = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[(why, gettext_lazy(words)) for why, words in WHY.items()],
        error_messages={"required": gettext_lazy("Choose.")},
    )
    details = forms.CharField(
        label=gettext_lazy("Details"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("What was wrong with it, or the incident number."),
    )
    witness = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Witness"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Needed for scheduled drugs: a person other than you who saw it."),
        error_messages={
            "invalid_choice": gettext_lazy("Choose a person of this station or of logistics, other than yourself.")
        },
    )

    witness_password = forms.CharField(
        label=gettext_lazy("The witness's password"),
        required=False,
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("Typed by the witness, here and now. It is checked and not kept."),
    )

    def __init__(self, *args: Any, station: Station, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["witness"]
        field.queryset = possible_witnesses(station, by)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("witness") and not cleaned.get("witness_password"):
            said = _("%(witness)s signs with their own password.") % {"witness": cleaned["witness"]}
            self.add_error("witness_password", said)
        return cleaned

    @property
    def is_waste(self) -> bool:
        return bool(self.cleaned_data["why"] == "wasted")

    @property
    def reason(self) -> str:
        """What happened, in the words that are kept."""
        words = WHY[self.cleaned_data["why"]], self.cleaned_data["details"].strip()
        return ": ".join(filter(None, words))


def possible_witnesses(station: Station, by: User) -> Any:
    """People of the station, and of logistics, but not the person themselves."""
    people = User.objects.filter(Q(memberships__station=station) | Q(role=User.Role.LOGISTICS), is_active=True)
    return people.exclude(pk=by.pk).distinct().order_by("first_name", "last_name", "username")
