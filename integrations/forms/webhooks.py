"""What the chief fills in about a webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import CommandForm
from dashboard.queries.event_log import SUBJECTS
from integrations.queries.kinds import KINDS
from stations.models import User


def kind_choices() -> list[tuple[str, str]]:
    """Each kind of thing in words, and by the name that the other system is sent."""
    return [(kind.name, f"{SUBJECTS[kind.subject][0]} ({kind.name})") for kind in KINDS]


class WebhookForm(CommandForm):
    """A system that is told of changes."""

    name = forms.CharField(label=_("System"), max_length=60)
    url = forms.CharField(label=_("Address"), max_length=500, help_text=_("https://, as the other system gives it."))
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("first_name", "last_name", "pk"),
        empty_label=_("Choose a person"),
        label=_("Sees as"),
        help_text=_("It is told of what this person may see: an officer's stations, or everything."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Told of"),
        choices=kind_choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Nothing ticked: of everything."),
    )

    @property
    def facts(self) -> dict[str, Any]:
        """The arguments of the action."""
        return {name: self.cleaned_data[name] for name in ("name", "url", "user", "kinds")}
