"""The filters of the event log, how a person is told of things, and the target of a figure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from core.forms import WITHOUT_ID, CommandForm
from dashboard.models import Channel
from dashboard.queries.event_log import SUBJECTS, SYSTEM, Wanted
from dashboard.queries.figures import Figure
from dashboard.queries.notices import Choice
from dashboard.queries.targets import tenths_of, unit_of
from stations.models import User


def people() -> list[tuple[str, str]]:
    names = [(str(user.pk), str(user)) for user in User.objects.order_by("first_name", "last_name", "username")]
    return [("", gettext("Everybody")), (SYSTEM, gettext("The system")), *names]


class DayInput(forms.DateInput):
    input_type = "date"


class LogForm(forms.Form):
    person = forms.ChoiceField(label=_("Who"), required=False, choices=people)
    subject = forms.ChoiceField(
        label=_("About"),
        required=False,
        choices=[("", _("Everything")), *((kind, word) for kind, (word, _) in SUBJECTS.items())],
    )
    subject_id = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    verb = forms.CharField(label=_("Did what"), required=False, max_length=60)
    first_day = forms.DateField(label=_("From"), required=False, widget=DayInput)
    last_day = forms.DateField(label=_("To"), required=False, widget=DayInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("This day is before the first one."))
        return cleaned

    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)


class SeeAllForm(forms.Form):
    """The newest notice that stood on the page when the button was pressed."""

    up_to = forms.IntegerField(min_value=0, max_value=2**62)


class SeenForm(forms.Form):
    """When all that stood on the page were marked as seen, as ISO 8601 with its microseconds."""

    seen_at = forms.DateTimeField()


class ChannelsForm(forms.Form):
    """A row for each kind, and in it one of the ways to be told."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for choice in choices:
            self.fields[choice.kind.value] = forms.ChoiceField(
                label=choice.kind.label,
                choices=Channel.choices,
                initial=choice.channel,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of these.")},
            )


class TargetForm(CommandForm):
    """What a figure should be, in its unit. ``seen``: the target, in tenths, that was on the page."""

    target = forms.DecimalField(required=False, min_value=0, decimal_places=1)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput(WITHOUT_ID))

    def __init__(self, data: QueryDict | None = None, *, figure: Figure) -> None:
        unit, tenths = unit_of(figure.definition), tenths_of(figure.definition, figure.target)
        shown = None if tenths is None else f"{Decimal(tenths) / 10:f}".removesuffix(".0")
        super().__init__(data, initial={"target": shown, "seen": tenths})
        field = self.fields["target"]
        field.label = gettext("Target, in %(unit)s") % {"unit": unit.name}
        usual = figure.definition.usual.text or pgettext("target", "none")
        field.help_text = gettext("Empty for no target. Usual: %(usual)s.") % {"usual": usual}
        field.widget.attrs |= {"inputmode": "decimal", "max": unit.most}

    @property
    def tenths(self) -> int | None:
        target: Decimal | None = self.cleaned_data["target"]
        return None if target is None else int(target * 10)
