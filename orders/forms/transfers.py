"""Accepting what is proposed, choosing its run, and collecting it at its donor."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.actions.transfers import Accepted
from orders.forms.commands import CommandForm, VersionedForm
from orders.models import DeliveryRun, ShipmentLine, TransferProposal

PROPOSAL = re.compile(r"(\d{1,18}):(\d{1,18}):(\d{1,18}):(\d{1,9})(?::(\d{1,18}))?")


def written(proposal: TransferProposal, line_id: int | None = None) -> str:
    """A proposal as the form sends it: item, donor, receiver, base units, and the line of the request that it meets."""
    facts = (proposal.item_id, proposal.donor_id, proposal.receiver_id, proposal.quantity, line_id)
    return ":".join(str(fact) for fact in facts if fact is not None)


class ProposalsField(forms.Field):
    """Proposals as ``written``; any number of them."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[Accepted]:
        found = [PROPOSAL.fullmatch(text) for text in super().clean(value)]
        if not all(found):
            raise ValidationError(_("The form was incomplete. Reload the page and choose again."))
        return [Accepted(*(int(part) if part else None for part in one.groups())) for one in found if one]  # type: ignore[arg-type]  # the first four parts are always there


class SubstituteForm(VersionedForm):
    """A line, and what is sent instead of it: ``12:5``, the line's and the substitute's id."""

    instead = forms.RegexField(r"^\d{1,18}:\d{1,18}$", max_length=40)

    def ids(self) -> tuple[int, int]:
        line, _, substitute = self.cleaned_data["instead"].partition(":")
        return int(line), int(substitute)


class AcceptForm(CommandForm):
    """What is ticked, or the one whose own button was pressed."""

    accepted = ProposalsField(required=False, error_messages={"required": _("Tick what is to move.")})
    only = ProposalsField(required=False)

    def clean(self) -> dict[str, Any] | None:
        found = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            raise ValidationError(_("Tick what is to move, or press its own button."))
        return found

    def chosen(self) -> list[Accepted]:
        chosen: list[Accepted] = self.cleaned_data.get("only") or self.cleaned_data.get("accepted") or []
        return chosen


class ChooseRunForm(VersionedForm):
    """One of these runs, read once for all forms of a page."""

    run = forms.TypedChoiceField(coerce=int, error_messages={"invalid_choice": _("That run has left by now.")})

    def __init__(self, *args: Any, runs: Sequence[DeliveryRun], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["run"]
        field.choices = [(run.pk, f"{run} · {run.van} · {date_format(run.run_on, 'D d M')}") for run in runs]


@dataclass(frozen=True)
class CollectRow:
    """A line to collect with the field of its quantity."""

    line: ShipmentLine
    quantity: BoundField


class CollectForm(CommandForm):
    """How much of each line is taken, who gave it, and why less."""

    given_by = forms.CharField(
        label=_("Who gave it to you, or where you took it"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": _("Name, or “from the supply room”")}),
        error_messages={"required": _("Say who gave it to you, or where you took it.")},
    )
    reason = forms.CharField(label=_("Why less, if you take less"), max_length=200, required=False)

    def __init__(self, *args: Any, lines: Sequence[ShipmentLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[f"taken-{line.pk}"] = forms.IntegerField(
                label=gettext("Take %(item)s") % {"item": line.order_line.item},
                min_value=0,
                max_value=line.quantity,
                initial=line.quantity,
                error_messages={"required": _("Write how many; 0 for none.")},
            )

    def rows(self) -> Iterator[CollectRow]:
        for line in self.lines:
            yield CollectRow(line, self[f"taken-{line.pk}"])

    def taken(self) -> dict[int, int]:
        """Base units by shipment line id."""
        return {line.pk: self.cleaned_data[f"taken-{line.pk}"] for line in self.lines}
