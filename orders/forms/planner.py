"""Which delivery goes where, as the planner's page says it."""

from datetime import date
from typing import Any

from django import forms

from core.forms import CommandForm
from orders.routing.moves import Move

WHAT = r"^[1-9]\d{0,17}-\d{1,18}$"
WHERE = r"^(?:waiting|(?:run|van)-[1-9]\d{0,17}(?:@[1-9]\d{0,3})?)$"
SEEN = r"^[1-9]\d{0,17}\.\d{1,9}(?:,[1-9]\d{0,17}\.\d{1,9})*$"


class ChooseForm(forms.Form):
    """``move=7-12`` is what goes to station 7 on run 12 (0: it waits)."""

    move = forms.RegexField(WHAT)


class PreviewForm(ChooseForm):
    """``to=run-13@2`` makes it the second stop of run 13, ``to=van-3`` begins a run, ``to=waiting`` takes it off.
    ``seen=12.4,13.1`` are the versions of runs as they were seen."""

    to = forms.RegexField(WHERE)
    seen = forms.RegexField(SEEN, required=False)

    @property
    def planned(self) -> Move:
        """The move that this asks for."""
        station, source = map(int, self.cleaned_data["move"].split("-"))
        where, _, position = self.cleaned_data["to"].partition("@")
        kind, _, pk = where.partition("-")
        aim: dict[str, Any] = {kind: int(pk)} if pk else {}
        return Move(station, source or None, position=int(position) if position else None, **aim)

    @property
    def versions(self) -> dict[int, int]:
        """By run, as the person saw it."""
        pairs = [pair.split(".") for pair in (self.cleaned_data["seen"] or "").split(",") if pair]
        return {int(run): int(version) for run, version in pairs}


class MoveForm(CommandForm, PreviewForm):
    """The same, to be kept; ``back`` is where it came from, as ``to`` says it, for an undo."""

    back = forms.RegexField(WHERE, required=False)


class PlanningForm(forms.Form):
    """The planning that is under way."""

    planning = forms.UUIDField()


class DayForm(forms.Form):
    """The page that is open: whose runs, on which day."""

    depot = forms.CharField(max_length=20, required=False)
    day = forms.DateField(required=False)

    def chosen_day(self) -> date | None:
        return self.cleaned_data.get("day") if self.is_valid() else None
