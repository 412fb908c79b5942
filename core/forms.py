"""What every form that gives a command carries: the id that makes a second tap harmless, and why it was refused."""

from typing import Any, TypedDict
from uuid import UUID, uuid4

from django import forms

from core.errors import DomainError

WITHOUT_ID = {"id": False}  # several forms of a page carry the same hidden field


class RequestId(TypedDict):
    request_id: UUID


class CommandForm(forms.Form):
    """A button: nothing is typed. A refused form keeps its request id, for nothing was done with it."""

    request_id = forms.UUIDField(widget=forms.HiddenInput(WITHOUT_ID), initial=uuid4)
    refusal: DomainError | None = None

    @property
    def command(self) -> RequestId:
        """The argument that every action takes."""
        return {"request_id": self.cleaned_data["request_id"]}

    @property
    def http_status(self) -> int:
        """The HTTP status of the page that shows this form: 422 once it was refused."""
        return 422 if self.refusal or self.errors else 200

    def renew(self, **hidden: Any) -> None:
        """Show it again after a refusal: all that was typed, with other hidden values."""
        typed: Any = self.data
        data = typed.copy()
        for name, value in hidden.items():
            data[name] = str(value)
        self.data = data
