"""Uploading the tables of a division, and loading what was shown."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.forms import WITHOUT_ID, CommandForm
from inventory.imports.sources import SUFFIXES, check_sizes

MOST_FILES = 20


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one field."""

    widget = FilesInput(attrs={"accept": ",".join(SUFFIXES), "required": True})

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(FilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    tables = FilesField(
        label=gettext_lazy("CSV or XLSX files"),
        max_length=200,
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose at least one file.")},
    )

    def clean_tables(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["tables"]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("Choose at most %(most)d files.") % {"most": MOST_FILES})
        try:
            check_sizes(
                [(str(file.name), file.size or 0) for file in files],
                most=settings.EMS_IMPORT_UPLOAD_MB,
                together=settings.EMS_IMPORT_TOGETHER_MB,
            )
        except DomainError as refusal:
            raise forms.ValidationError([str(refusal), *refusal.problems]) from refusal
        return files


class FileForm(forms.Form):
    """One table."""

    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ",".join(SUFFIXES)}),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            check_sizes([(str(file.name), file.size or 0)], most=settings.EMS_IMPORT_UPLOAD_MB)
        except DomainError as refusal:
            raise forms.ValidationError([str(refusal), *refusal.problems]) from refusal
        return file


class LoadForm(CommandForm):
    """The button that loads: ``seen`` is the mark of the plan that was shown."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput(WITHOUT_ID))
