"""Photos of one line: a field that takes several files, each checked and drawn anew."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from core.pictures import Picture, PictureRefused, read_picture
from orders.models import DiscrepancyPhoto


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.Field):
    """At most three photos; none when nothing was chosen."""

    widget = PhotosInput

    def clean(self, value: Any) -> list[Picture]:
        sent: list[UploadedFile[Any]] = [one for one in value or () if one]
        if len(sent) > DiscrepancyPhoto.MOST:
            raise ValidationError(_("At most %(count)d photos of a line.") % {"count": DiscrepancyPhoto.MOST})
        try:
            return [read_picture(one, size=one.size or 0) for one in sent]
        except PictureRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
