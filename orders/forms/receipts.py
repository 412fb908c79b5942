"""Receiving a shipment: what was damaged or missing, line by line; the rest is accepted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orders.actions.receipts import ReceivedLine
from orders.forms.commands import VersionedForm
from orders.forms.photos import PhotosField
from orders.models import ShipmentLine

MOST_PHOTOS = 60  # of one receipt: each is drawn anew while the page waits
WHOLE = {"invalid": _("Write a whole number."), "min_value": _("Write 0 or more.")}


@dataclass(frozen=True)
class ReceiptRow:
    """One line as it is received."""

    line: ShipmentLine
    damaged: BoundField
    missing: BoundField
    reason: BoundField
    photos: BoundField

    @property
    def label(self) -> str:
        """The item and where it goes: an item may go to the supply room and to the safe."""
        return f"{self.line.order_line.item}, {self.line.order_line.location.name}"

    @property
    def errors(self) -> list[str]:
        return [
            str(error) for bound in (self.damaged, self.missing, self.reason, self.photos) for error in bound.errors
        ]

    @property
    def is_open(self) -> bool:
        """Whether something was said about it, so that it must be seen."""
        typed = [self.damaged.value() or 0, self.missing.value() or 0, self.reason.value() or 0]
        return bool(self.errors or self.is_photo_lost) or any(str(value) != "0" for value in typed)

    @property
    def is_photo_lost(self) -> bool:
        """Whether photos came with a form that was refused: no page can give a file back to its field."""
        return self.photos.form.is_bound and any(self.photos.data or ())


class ReceiptForm(VersionedForm):
    """Damaged, missing, why, and photos for every line. Empty means that all is there as it was sent."""

    def __init__(self, *args: Any, lines: Sequence[ShipmentLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.has_too_many_photos = sum(len(sent) for _, sent in self.files.lists()) > MOST_PHOTOS
        if self.has_too_many_photos:
            self.files = MultiValueDict()
        for line in lines:
            for name in ("damaged", "missing"):
                self.fields[f"{name}-{line.pk}"] = forms.IntegerField(
                    required=False, min_value=0, initial=0, error_messages=WHOLE
                )
            self.fields[f"reason-{line.pk}"] = forms.CharField(required=False, max_length=200)
            self.fields[f"photos-{line.pk}"] = PhotosField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.has_too_many_photos:
            too_many = gettext("At most %(count)d photos in one receipt. Add those of the worst again.")
            raise forms.ValidationError(too_many % {"count": MOST_PHOTOS})
        for line in self.lines:
            wrong = (cleaned.get(f"damaged-{line.pk}") or 0) + (cleaned.get(f"missing-{line.pk}") or 0)
            if wrong > line.quantity:
                sent = ngettext(
                    "Only %(number)s was sent: damaged and missing are more.",
                    "Only %(number)s were sent: damaged and missing are more.",
                    line.quantity,
                )
                self.add_error(f"missing-{line.pk}", sent % {"number": f"{line.quantity:,}"})
            elif wrong and not cleaned.get(f"reason-{line.pk}"):
                self.add_error(f"reason-{line.pk}", gettext("Say what is damaged or missing."))
            elif cleaned.get(f"photos-{line.pk}") and not wrong:
                self.add_error(f"damaged-{line.pk}", gettext("Say how many on the photos are damaged or missing."))
        return cleaned

    def rows(self) -> Iterator[ReceiptRow]:
        for line in self.lines:
            yield ReceiptRow(line, *(self[f"{name}-{line.pk}"] for name in ("damaged", "missing", "reason", "photos")))

    def received(self) -> list[ReceivedLine]:
        """The lines that differ from what was sent, for the action; none when all is as sent."""
        found = []
        for line in self.lines:
            damaged = self.cleaned_data[f"damaged-{line.pk}"] or 0
            missing = self.cleaned_data[f"missing-{line.pk}"] or 0
            if damaged or missing:
                accepted = line.quantity - damaged - missing
                reason, photos = self.cleaned_data[f"reason-{line.pk}"], self.cleaned_data[f"photos-{line.pk}"]
                found.append(ReceivedLine(line.pk, accepted, damaged, missing, reason, photos))
        return found
