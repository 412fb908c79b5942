"""Commands about something that others may have changed since it was read: its version goes along."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import WITHOUT_ID, CommandForm, RequestId

__all__ = ["CommandForm", "ReasonForm", "RequestId", "VersionedForm", "VersionedRequest"]


class VersionedRequest(RequestId):
    version: int | None


class VersionedForm(CommandForm):
    """A button: nothing is typed. Once refused it is renewed with the version that is on the page now."""

    version = forms.IntegerField(widget=forms.HiddenInput(WITHOUT_ID), required=False)

    @property
    def versioned(self) -> VersionedRequest:
        """The arguments that every action on a versioned thing takes."""
        return {**self.command, "version": self.cleaned_data["version"]}


class ReasonForm(VersionedForm):
    """A decision that must be explained."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.Textarea({"rows": 2, "maxlength": 200}),
        error_messages={"required": _("Say why.")},
    )
