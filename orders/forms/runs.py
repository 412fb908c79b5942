"""Planning a run and driving it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.forms.commands import CommandForm, VersionedForm
from stations.models import Station, Unit, User


class PlanRunForm(CommandForm):
    """A van, when it leaves, and the stations that it goes to, from one depot."""

    van = forms.ModelChoiceField(Unit.objects.none(), label=_("Van"), empty_label=None)
    driver = forms.ModelChoiceField(User.objects.none(), label=_("Driver"), required=False, empty_label=_("Nobody yet"))
    run_on = forms.DateField(label=_("Date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    leaves = forms.TimeField(label=_("Leaves at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    stations = forms.ModelMultipleChoiceField(
        Station.objects.none(), error_messages={"required": _("Choose at least one station to go to.")}
    )

    def __init__(self, *args: Any, depot: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vans = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN, is_in_service=True)
        choices: dict[str, Any] = {"van": vans, "driver": drivers(), "stations": Station.objects.exclude(pk=depot.pk)}
        for name, queryset in choices.items():
            field: Any = self.fields[name]
            field.queryset = queryset

    @property
    def leaves_at(self) -> datetime:
        """The planned departure, in the division's time zone."""
        moment = datetime.combine(self.cleaned_data["run_on"], self.cleaned_data["leaves"])
        return timezone.make_aware(moment)

    def chosen(self) -> set[str]:
        """The station ids that are ticked, as text, also in a form that is shown again."""
        return {str(getattr(one, "pk", one)) for one in self["stations"].value() or ()}


def drivers() -> Any:
    """People who may drive a run."""
    return User.objects.filter(role=User.Role.DRIVER, is_active=True).order_by("first_name", "last_name", "username")


class AssignDriverForm(VersionedForm):
    driver = forms.ModelChoiceField(User.objects.none(), label=_("Driver"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["driver"]
        field.queryset = drivers()


class OrderOfStops(VersionedForm):
    """The stations of a run in their new order: ``3,1,2``."""

    stops = forms.RegexField(r"^\d+(,\d+)*$", max_length=2000)

    def station_ids(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["stops"].split(",")]


def moved(station_ids: Iterable[int], pk: int, by: int) -> str:
    """The order in which this station comes earlier (-1) or later (+1), as ``OrderOfStops`` reads it; "" at the end."""
    order = list(station_ids)
    here = order.index(pk)
    there = here + by
    if not 0 <= there < len(order):
        return ""
    order[here], order[there] = order[there], order[here]
    return ",".join(map(str, order))


class HandOverForm(CommandForm):
    handed_to = forms.CharField(
        label=_("Who took it, or where it was left"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": _("Name, or “left in the bay”")}),
        error_messages={"required": _("Say who took it, or where it was left.")},
    )


class MissedForm(CommandForm):
    reason = forms.CharField(
        label=_("Why it could not be delivered"),
        max_length=200,
        error_messages={"required": _("Say why it could not be delivered.")},
    )
