"""Filters of lists: each named as its field in the answer. What a filter does not know is refused."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django_filters.filters import BooleanFilter, CharFilter, ChoiceFilter, DateFilter, Filter
from django_filters.filterset import FilterSet
from django_filters.utils import get_model_field
from drf_spectacular.utils import extend_schema_field

from integrations.api.fields import LARGEST

WORDS = {"true": True, "false": False}


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": LARGEST})
class WholeNumber(Filter):
    """An id. A fraction is refused, not cut off."""

    field_class: Any = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=LARGEST, **kwargs)  # type: ignore[no-untyped-call]


class YesNoField(forms.CharField):
    """``true`` or ``false``."""

    def clean(self, value: Any) -> bool | None:
        if value is not None and value not in WORDS:
            raise ValidationError("Write true or false.")
        return WORDS.get(value)


class YesNo(BooleanFilter):
    field_class: Any = YesNoField


class IsEmpty(YesNo):
    """Whether a text of the row is empty."""

    def filter(self, qs: Any, value: bool | None) -> Any:
        if value is None:
            return qs
        is_empty = {self.field_name: ""}
        return qs.filter(**is_empty) if value else qs.exclude(**is_empty)


class IsSome(YesNo):
    """Whether a number of the row is more than none."""

    def filter(self, qs: Any, value: bool | None) -> Any:
        return qs if value is None else qs.filter(**{f"{self.field_name}__gt" if value else self.field_name: 0})


class IsWaiting(YesNo):
    """Whether any of these uses waits for the row, to which ``path`` leads from them."""

    def __init__(self, waiting: Any, path: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.waiting, self.path = waiting, path

    def filter(self, qs: Any, value: bool | None) -> Any:
        if value is None:
            return qs
        waits = Exists(self.waiting.filter(**{self.path: OuterRef("pk")}))
        return qs.filter(waits if value else ~waits)


class AtStation(CharFilter):
    """Those of a station and its units, by its code: ``field_name`` leads to that of a shelf."""

    def filter(self, qs: Any, value: Any) -> Any:
        aboard = self.field_name.replace("station__code", "unit__station__code")
        return qs.filter(models.Q((self.field_name, value)) | models.Q((aboard, value))) if value else qs


class DayOf(DateFilter):
    """A day as year-month-day, and no other way of writing it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)  # type: ignore[no-untyped-call]


def filters(model: type[models.Model], *same: str, **paths: str | Filter) -> type[FilterSet]:
    """A filter for each field: ``same`` are fields of the model, ``paths`` names for what lies further off."""
    named: dict[str, str | Filter] = {**{one: one for one in same}, **paths}
    made = {name: _filter(model, path) if isinstance(path, str) else path for name, path in named.items()}
    meta = type("Meta", (), {"model": model, "fields": []})
    return type(f"{model.__name__}Filters", (FilterSet,), {**made, "Meta": meta})


def is_empty(path: str) -> Filter:
    return IsEmpty(field_name=path)  # type: ignore[no-untyped-call]


def is_some(path: str) -> Filter:
    return IsSome(field_name=path)  # type: ignore[no-untyped-call]


def is_none(path: str) -> Filter:
    return YesNo(field_name=path, lookup_expr="isnull")  # type: ignore[no-untyped-call]


def days(path: str) -> dict[str, str | Filter]:
    """From this day on, and up to that one: ``?since=`` and ``?until=``."""
    return {
        "since": DayOf(field_name=path, lookup_expr="gte"),
        "until": DayOf(field_name=path, lookup_expr="lte"),
    }


def _filter(model: type[models.Model], path: str) -> Any:
    field = get_model_field(model, path)
    if field.is_relation or isinstance(field, models.AutoField):
        return WholeNumber(field_name=path)
    if field.choices:
        return ChoiceFilter(field_name=path, choices=field.choices)
    if isinstance(field, models.BooleanField):
        return YesNo(field_name=path)  # type: ignore[no-untyped-call]
    if isinstance(field, models.DateField):
        return DayOf(field_name=path)
    return CharFilter(field_name=path)
