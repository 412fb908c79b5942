"""Taking recalls from a file, deciding what they name, and pulling what they name."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import WITHOUT_ID, CommandForm
from inventory.forms.disposal import possible_witnesses
from inventory.forms.taking import LotsForm
from stations.models import Station, User

WHERE = {"supplier": _("Back to the supplier"), "destroyed": _("Destroyed here")}


class TakeForm(CommandForm):
    """A file of recall records."""

    file = forms.FileField(
        label=_("JSON or XML file"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".json,.xml"}),
        error_messages={"required": _("Choose a file.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > settings.EMS_RECALL_MB * 1_000_000:
            raise forms.ValidationError(_("It has more than %(most)d MB.") % {"most": settings.EMS_RECALL_MB})
        return file


class ChosenForm(CommandForm):
    """Rows that were ticked, by their ids, and why."""

    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed: Any = self.data
        words = typed.getlist("chosen")[:1_000] if self.is_bound else []
        self.chosen = sorted({int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19})


class ReviewForm(ChosenForm):
    """The lots that a recall names, as a person read it."""

    version = forms.IntegerField(widget=forms.HiddenInput(WITHOUT_ID))


class PullForm(LotsForm):
    """How much of which lot is taken off, where it goes, and for a scheduled drug who saw it."""

    where = forms.ChoiceField(label=_("Where it goes"), choices=list(WHERE.items()), initial="supplier", required=False)
    witness = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Witness"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("Needed for scheduled drugs: a person other than you who saw it."),
        error_messages={"invalid_choice": _("Choose a person of this station or of logistics, other than yourself.")},
    )
    witness_password = forms.CharField(
        label=_("The witness's password"),
        required=False,
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Typed by the witness, here and now. It is checked and not kept."),
    )

    def __init__(self, *args: Any, station: Station, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["witness"]
        field.queryset = possible_witnesses(station, by)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("witness") and not cleaned.get("witness_password"):
            words = gettext("%(person)s signs with their own password.") % {"person": cleaned["witness"]}
            self.add_error("witness_password", words)
        return cleaned

    @property
    def is_destroyed(self) -> bool:
        return bool(self.cleaned_data["where"] == "destroyed")
