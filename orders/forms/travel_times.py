"""Uploading travel times."""

from typing import Any

from django import forms
from django.conf import settings

from core.errors import DomainError
from inventory.imports.sources import SUFFIXES, check_sizes


class TravelTimesForm(forms.Form):
    file = forms.FileField(
        label="CSV or XLSX file",
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ",".join(SUFFIXES)}),
        error_messages={"required": "Choose a file."},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            check_sizes([(str(file.name), file.size or 0)], most=settings.EMS_IMPORT_UPLOAD_MB)
        except DomainError as refusal:
            raise forms.ValidationError([str(refusal), *refusal.problems]) from refusal
        return file
