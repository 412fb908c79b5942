"""What the chief fills in about another system."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import CommandForm
from integrations.scopes import EVERYTHING, READ, SCOPES, in_words
from stations.models import User


def scope_choices() -> list[tuple[str, str]]:
    """Each scope in words."""
    return [(scope, in_words(scope)) for scope in SCOPES]


class TokenForm(CommandForm):
    """A token for a system that acts for a person."""

    name = forms.CharField(label=_("System"), max_length=60, help_text=_("Patient records, dispatch, finance …"))
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("first_name", "last_name", "pk"),
        empty_label=_("Choose a person"),
        label=_("Acts for"),
        help_text=_("It may do what this person may, within what you tick, and the log names them."),
    )
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=366, initial=365)
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("permission", "May"),
        choices=scope_choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[f"{EVERYTHING}:{READ}"],
    )

    @property
    def facts(self) -> dict[str, Any]:
        """The arguments of the action."""
        return {name: self.cleaned_data[name] for name in ("name", "user", "days", "scopes")}
