"""What logistics fills in about patient-care records."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.forms import WITHOUT_ID, CommandForm
from integrations.actions.mapping import MOST_PER_ENTRY
from integrations.models import CareCode
from inventory.forms.disposal import possible_witnesses
from inventory.forms.imports import FilesField, FilesInput
from inventory.forms.receiving import SEPARATOR, code_of, items_by_code
from inventory.models import Item
from stations.models import Location, Station, Unit, User

MOST_FILES = 20


class XmlFilesField(FilesField):
    widget = FilesInput(attrs={"accept": ".xml", "required": True})


class UploadRecordsForm(CommandForm):
    """Files of records; together they weigh no more than one may, as they are taken while the page waits."""

    xml = XmlFilesField(
        label=_("XML files"),
        max_length=200,
        allow_empty_file=True,
        error_messages={"required": _("Choose at least one file.")},
    )

    def clean_xml(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["xml"]
        most = settings.EMS_RECORDS_MB
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("Choose at most %(most)s files.") % {"most": MOST_FILES})
        if sum(file.size or 0 for file in files) > most * 1024 * 1024:
            raise forms.ValidationError(
                _("That is more than %(most)s MB. Nothing was taken: choose fewer files, or export fewer records.")
                % {"most": most}
            )
        return files


class MapCodeForm(CommandForm):
    """What one entry of a code uses."""

    item = forms.CharField(
        label=_("Item"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"list": "catalogue", "autocomplete": "off", "placeholder": _("Name, SKU or code")}),
    )
    quantity = forms.IntegerField(
        label=_("How many, each time"),
        min_value=1,
        max_value=MOST_PER_ENTRY,
        initial=1,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
    is_per_attempt = forms.BooleanField(label=_("So many for each attempt at the procedure"), required=False)
    uses_nothing = forms.BooleanField(label=_("Uses nothing that is kept in stock"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput(WITHOUT_ID))

    found: Item | None = None

    @classmethod
    def showing(cls, code: CareCode) -> "MapCodeForm":
        """As the code is mapped now."""
        initial = {name: getattr(code, name) for name in ("quantity", "is_per_attempt", "uses_nothing", "version")}
        return cls(initial=initial | ({"item": f"{code.item.sku}{SEPARATOR}{code.item}"} if code.item else {}))

    def clean(self) -> dict[str, Any]:
        typed = code_of(self.cleaned_data.get("item", ""))
        self.found = items_by_code({typed}).get(typed) if typed else None
        if self.cleaned_data.get("uses_nothing"):
            if typed:
                self.add_error("uses_nothing", _("Choose an item, or say that it uses nothing; not both."))
        elif not typed:
            self.add_error("item", _("Say which item it uses, or that it uses nothing."))
        elif self.found is None:
            self.add_error("item", _("That is not in the catalogue. Choose an item from the list."))
        return self.cleaned_data

    @property
    def facts(self) -> dict[str, Any]:
        """The arguments of the action."""
        told = {name: self.cleaned_data[name] for name in ("quantity", "is_per_attempt", "version")}
        return told | {"item": self.found}


class CallSignForm(CommandForm):
    """Which of our units a call sign is."""

    unit = forms.ModelChoiceField(
        Unit.objects.filter(location__kind=Location.Kind.UNIT),
        label=_("Our unit"),
        to_field_name="code",
        widget=forms.TextInput({"list": "units", "autocomplete": "off"}),
        error_messages={"invalid_choice": _("There is no such unit. Choose one from the list.")},
    )


class WitnessForm(CommandForm):
    """Who saw that scheduled drugs were used, in their own hand."""

    witness = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Witness"),
        empty_label=_("Choose a person"),
        error_messages={"invalid_choice": _("Choose a person of this station or of logistics, other than yourself.")},
    )
    witness_password = forms.CharField(
        label=_("The witness's password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Typed by the witness, here and now. It is checked and not kept."),
    )

    def __init__(self, *args: Any, station: Station, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["witness"]
        field.queryset = possible_witnesses(station, by)


class LeaveOutForm(CommandForm):
    """Why a use is not booked."""

    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("Entered by hand, counted since …"))


class SettleForm(CommandForm):
    """What is done with what a corrected record adds."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput(WITHOUT_ID))
    takes_added = forms.TypedChoiceField(
        label=_("What was added"),
        choices=[("yes", _("Book it")), ("no", _("Leave it out"))],
        coerce=lambda text: text == "yes",
        initial="yes",
        widget=forms.RadioSelect,
    )
