"""Several requests or deliveries that were chosen, each with the version that was looked at."""

from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from orders.forms.commands import CommandForm

MOST = 50
MOST_DELIVERIES = 500  # that are received with one button


def chosen(data: QueryDict, *, most: int = MOST) -> dict[int, int]:
    """Versions by id of what ``chosen`` says, as 12:3. What is no such thing is left out."""
    versions = {}
    for text in data.getlist("chosen")[:most]:
        pk, _, version = text.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in (pk, version)):
            versions[int(pk)] = int(version)
    return versions


class TogetherForm(CommandForm):
    """The button that approves them all."""

    def __init__(self, data: QueryDict | None = None, *, versions: Mapping[int, int]) -> None:
        super().__init__(data)
        self.versions = versions

    def clean(self) -> dict[str, object] | None:
        if not self.versions:
            raise forms.ValidationError(_("Choose at least one request in the queue."))
        return super().clean()
