"""Approval, line by line."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.quantities import issue_pack
from inventory.queries.stock_lines import StockLine
from orders.actions.granting import LineDecision
from orders.forms.commands import VersionedForm
from orders.forms.transfers import written
from orders.models import OrderLine, TransferProposal
from orders.queries.cover import Key
from orders.queries.shares import Proposal
from orders.queries.substitutes import Instead

LARGEST = 2_147_483_647


@dataclass(frozen=True)
class ApprovalRow:
    """One line as the approver sees it: what is asked, how its shelf stands, what the source could give, and what is
    granted."""

    line: OrderLine
    now: StockLine
    free: int
    quantity: BoundField
    reason: BoundField
    place: str = ""
    proposal: Proposal | None = None
    promise: BoundField | None = None
    promise_reason: BoundField | None = None
    instead: Sequence[Instead] = ()
    helpers: Sequence[tuple[TransferProposal, str]] = ()

    @property
    def share(self) -> int:
        """What of it would be promised now: its share where the item is short, else what is free."""
        return self.free if self.proposal is None else self.proposal.by_line.get(self.line.pk, 0)

    @property
    def is_choosing(self) -> bool:
        """Whether the approver wrote something of their own, or must."""
        fields = [field for field in (self.promise, self.promise_reason) if field is not None]
        return any(field.errors or field.value() not in (None, "") for field in fields)

    @property
    def most(self) -> int:
        """What may be granted: what was asked, or what the approver before granted."""
        return self.line.asked if self.line.approved is None else self.line.approved

    @property
    def pack_size(self) -> int:
        """What one tap adds: the pack in which the item is issued."""
        pack = issue_pack(self.line.item)
        return pack.quantity if pack else 1

    @property
    def left(self) -> int:
        """What stays free at the source when all of it is granted."""
        return max(self.share - self.most, 0)

    @property
    def missing(self) -> int:
        """What would be owed as a backorder."""
        return max(self.most - self.share, 0)


def places_to_name(lines: Sequence[OrderLine]) -> dict[int, str]:
    """The places by line id of those whose item goes to more than one, so that they are told apart."""
    times = Counter(line.item_id for line in lines)
    return {line.pk: line.location.name for line in lines if times[line.item_id] > 1}


class ApproveForm(VersionedForm):
    """A quantity and a reason for every line, and a comment on the whole.

    ``proposals`` by (source, item) are for lines that are short; with ``may_choose`` the approver, who is the last, may
    promise another quantity than the share. Left empty, the share is promised as it is when the button is pressed.
    """

    comment = forms.CharField(label=_("Comment for the station"), max_length=300, required=False)

    def __init__(
        self,
        *args: Any,
        lines: Sequence[OrderLine],
        now: Mapping[int, StockLine],
        free: Mapping[int, int],
        proposals: Mapping[Key, Proposal],
        may_choose: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.now = now
        self.places = places_to_name(lines)
        self.free = free
        self.proposals = {line.pk: proposals.get((line.order.source_id, line.item_id)) for line in lines}
        self.may_choose = may_choose
        self.instead: Mapping[int, Sequence[Instead]] = {}
        self.helpers: Mapping[int, Sequence[TransferProposal]] = {}
        for line in lines:
            name = ", ".join(filter(None, (line.item.name, self.places.get(line.pk))))
            asked = line.asked if line.approved is None else line.approved
            self.fields[f"approved-{line.pk}"] = forms.IntegerField(
                label=gettext("Approve %(item)s") % {"item": name},
                min_value=0,
                max_value=LARGEST,
                initial=asked,
                error_messages={"required": _("Write how many; 0 for none.")},
            )
            self.fields[f"reason-{line.pk}"] = forms.CharField(
                label=gettext("Why less of %(item)s") % {"item": name},
                max_length=200,
                required=False,
                initial=line.approval_reason,
            )
            if may_choose and self.proposals[line.pk] is not None:
                self._let_choose(line)

    def _let_choose(self, line: OrderLine) -> None:
        self.fields[f"promise-{line.pk}"] = forms.IntegerField(
            label=gettext("Promise now of %(item)s") % {"item": line.item},
            min_value=0,
            max_value=LARGEST,
            required=False,
        )
        self.fields[f"promise_reason-{line.pk}"] = forms.CharField(
            label=gettext("Why another quantity of %(item)s") % {"item": line.item}, max_length=200, required=False
        )

    def missing(self) -> dict[int, int]:
        """What the source could not send of each line, by line id."""
        return {row.line.pk: row.missing for row in self.rows() if row.missing}

    def rows(self) -> Iterator[ApprovalRow]:
        """The lines with their two fields, and what else could meet what is missing."""
        for line in self.lines:
            quantity, reason, proposal = self[f"approved-{line.pk}"], self[f"reason-{line.pk}"], self.proposals[line.pk]
            facts = self.now[line.pk], self.free.get(line.pk, 0)
            row = ApprovalRow(line, *facts, quantity, reason, self.places.get(line.pk, ""), proposal)
            helpers = [(one, written(one, line.pk)) for one in self.helpers.get(line.pk, ())]
            row = replace(row, instead=self.instead.get(line.pk, ()), helpers=helpers)
            if f"promise-{line.pk}" in self.fields:
                row = replace(row, promise=self[f"promise-{line.pk}"], promise_reason=self[f"promise_reason-{line.pk}"])
            yield row

    def decisions(self) -> list[LineDecision]:
        """What was decided, for the action. A full grant needs no reason."""
        return [
            LineDecision(
                line.pk,
                self.cleaned_data[f"approved-{line.pk}"],
                self.cleaned_data[f"reason-{line.pk}"],
                self.cleaned_data.get(f"promise-{line.pk}"),
                self.cleaned_data.get(f"promise_reason-{line.pk}", ""),
            )
            for line in self.lines
        ]
