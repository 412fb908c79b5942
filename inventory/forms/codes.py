"""Linking a scanned code to an item."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.forms import CommandForm
from inventory.codes import Code, System, read_code
from inventory.errors import AmbiguousCode
from inventory.forms.receiving import code_of, items_by_code, not_by, pack_names
from inventory.models import Item, ItemCode, Pack
from inventory.quantities import plural

EACH = "each"


class LinkCodeForm(CommandForm):
    """A code as it was scanned or typed, the item, and the pack that carries it. ``meant`` is asked for only where the
    code may be several: ten digits of an NDC."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=500,
        strip=False,
        help_text=gettext_lazy("As scanned, or as printed below the bars."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    meant = forms.ChoiceField(label=gettext_lazy("Which of these is printed"), required=False, choices=())
    item = forms.CharField(
        label=gettext_lazy("Item"),
        max_length=200,
        widget=forms.TextInput(
            {"list": "catalogue", "autocomplete": "off", "placeholder": gettext_lazy("Name, SKU or code")}
        ),
    )
    pack = forms.ChoiceField(label=gettext_lazy("What carries it"), required=False, choices=())

    found: Item | None = None

    def __init__(self, *args: Any, of: Item | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        names = [(pack.name, str(pack)) for pack in of.packs.all()] if of else [(name, name) for name in pack_names()]
        fields["pack"].choices = [("", plural(of.unit_of_measure if of else EACH, 1)), *names]
        given = self.data.get("code") or self.initial.get("code", "")
        codes = linkable(str(given))
        if len(codes) > 1:
            fields["meant"].choices = [(f"{code.system}:{code.value}", str(code)) for code in codes]
        else:
            del fields["meant"]

    def clean_code(self) -> str:
        try:
            read_linkable(text := str(self.cleaned_data["code"]))
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return text

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if typed := code_of(data.get("item", "")):
            self.found = items_by_code({typed}).get(typed)
            if self.found is None:
                self.add_error("item", _("This is not in the catalogue. Choose an item from the list."))
        name = data.get("pack", "")
        if self.found and name and name not in {pack.name for pack in self.found.packs.all()}:
            self.add_error("pack", not_by(self.found, name))
        return data

    @property
    def link(self) -> dict[str, Any]:
        """What the action takes, of a valid form."""
        assert self.found is not None, "only a valid form links"  # noqa: S101 - is_valid comes before
        system, _, value = self.cleaned_data.get("meant", "").partition(":")
        code = Code(System(system), value) if value else linkable(self.cleaned_data["code"])[0]
        name = self.cleaned_data["pack"]
        pack: Pack | None = next((pack for pack in self.found.packs.all() if pack.name == name), None)
        return {"item": self.found, "code": code, "pack": pack}


class UnlinkCodeForm(CommandForm):
    code = forms.ModelChoiceField(ItemCode.objects.select_related("item"), widget=forms.HiddenInput)


def linkable(text: str) -> tuple[Code, ...]:
    """The codes that a text may be linked by: the strongest that it says, several only where it does not tell which."""
    try:
        codes = read_code(text).codes if text else ()
    except DomainError:
        return ()
    for system in System:
        if found := tuple(code for code in codes if code.system is system):
            return found
    return ()


def read_linkable(text: str) -> tuple[Code, ...]:
    """The codes that a text may be linked by. Refuses what cannot be read, and what names no item."""
    read_code(text)
    if not (codes := linkable(text)):
        raise DomainError(_("This code names no item: it is a lot, a date or a shipment. Scan another one."))
    return codes


def code_meant(text: str, meant: str) -> Code:
    """The one code to link. ``meant`` says which where the text may be several; nothing is guessed."""
    codes = read_linkable(text)
    said = meant.strip().casefold()
    chosen = [code for code in codes if not said or said in (str(code).casefold(), code.value.casefold())]
    if len(chosen) != 1:
        names = ", ".join(map(str, codes))
        raise AmbiguousCode(
            _("%(code)s may be %(names)s. Say which of these is printed.") % {"code": text[:40], "names": names}
        )
    return chosen[0]


def pack_named(item: Item, name: str) -> Pack | None:
    """The pack of an item by its name; no name is one base unit. Refuses a pack in which it does not come."""
    if not name:
        return None
    pack = item.packs.filter(name=name).first()
    if pack is None:
        raise DomainError(not_by(item, name))
    return pack
