"""The filters of the event log."""

from typing import Any

from django import forms

from dashboard.queries.event_log import SUBJECTS, SYSTEM, Wanted
from stations.models import User


def people() -> list[tuple[str, str]]:
    names = [(str(user.pk), str(user)) for user in User.objects.order_by("first_name", "last_name", "username")]
    return [("", "Everybody"), (SYSTEM, "The system"), *names]


class DayInput(forms.DateInput):
    input_type = "date"


class LogForm(forms.Form):
    person = forms.ChoiceField(label="Who", required=False, choices=people)
    subject = forms.ChoiceField(
        label="About",
        required=False,
        choices=[("", "Everything"), *((kind, word) for kind, (word, _) in SUBJECTS.items())],
    )
    subject_id = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    verb = forms.CharField(label="Did what", required=False, max_length=60)
    first_day = forms.DateField(label="From", required=False, widget=DayInput)
    last_day = forms.DateField(label="To", required=False, widget=DayInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "This day is before the first one.")
        return cleaned

    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)
