"""Promising what is short as proposed: one button."""

from uuid import UUID

from django import forms

from core.forms import CommandForm


class ShareForm(CommandForm):
    """The proposal that the person saw goes along, by its mark."""

    seen = forms.CharField(max_length=64)

    @property
    def versioned(self) -> dict[str, UUID | str]:
        """The arguments of the action."""
        return {**self.command, "seen": self.cleaned_data["seen"]}
