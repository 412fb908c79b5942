"""What the chief fills in about a person, the name of a saved view, and the language of the pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.forms import WITHOUT_ID, CommandForm
from stations.actions.people import Duty, duty_of
from stations.models import Station, User


def _stations() -> QuerySet[Station]:
    return Station.objects.order_by("code")


class PersonForm(CommandForm):
    """A person who is entered, or, given one, changed."""

    username = forms.CharField(label=_("User name"), max_length=150, help_text=_("Letters, digits and @ . + - _"))
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=User.Role.choices)
    acts_at = forms.ModelMultipleChoiceField(
        _stations(),
        label=_("Acts at"),
        required=False,
        help_text=_("For officers: asks, receives, counts and uses there."),
        widget=forms.CheckboxSelectMultiple,
    )
    looks_at = forms.ModelMultipleChoiceField(
        _stations(),
        label=_("Only looks at"),
        required=False,
        help_text=_("For officers: sees what is there."),
        widget=forms.CheckboxSelectMultiple,
    )
    is_active = forms.BooleanField(label=_("Works here and may sign in"), required=False, initial=True)

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        if person is not None:
            duty = duty_of(person)
            kwargs["initial"] = {
                "username": person.username,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "email": person.email,
                "is_active": person.is_active,
                "role": duty.role,
                "acts_at": [station.pk for station in duty.acts_at],
                "looks_at": [station.pk for station in duty.looks_at],
            }
        super().__init__(*args, **kwargs)
        del self.fields["is_active" if person is None else "username"]

    def facts(self) -> dict[str, Any]:
        """The arguments of the action."""
        said = self.cleaned_data
        names = ("username", "first_name", "last_name", "email", "is_active")
        duty = Duty(said["role"], acts_at=list(said["acts_at"]), looks_at=list(said["looks_at"]))
        return {"duty": duty, **{name: said[name] for name in names if name in said}}


class SaveViewForm(CommandForm):
    """What a list shows now, and a name for it."""

    title = forms.CharField(label=_("Keep what is shown as"), max_length=60)
    query = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput(WITHOUT_ID))


class LanguageForm(CommandForm):
    """A language that the pages speak."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)
