"""Filters of lists: each named as its field in the answer."""

from typing import Any

from django import forms
from django.db import models
from django_filters.filters import BooleanFilter, CharFilter, ChoiceFilter, DateFilter, Filter
from django_filters.filterset import FilterSet
from django_filters.utils import get_model_field

LARGEST = 2**63 - 1


class WholeNumber(Filter):
    """An id. A fraction is refused, not cut off."""

    field_class: Any = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=LARGEST, **kwargs)  # type: ignore[no-untyped-call]


def filters(model: type[models.Model], *same: str, **paths: str) -> type[FilterSet]:
    """A filter for each field: ``same`` are fields of the model, ``paths`` names for what lies further off."""
    made = {name: _filter(model, path) for name, path in {**{one: one for one in same}, **paths}.items()}
    meta = type("Meta", (), {"model": model, "fields": []})
    return type(f"{model.__name__}Filters", (FilterSet,), {**made, "Meta": meta})


def _filter(model: type[models.Model], path: str) -> Any:
    field = get_model_field(model, path)
    if field.is_relation or isinstance(field, models.AutoField):
        return WholeNumber(field_name=path)
    if field.choices:
        return ChoiceFilter(field_name=path, choices=field.choices)
    if isinstance(field, models.BooleanField):
        return BooleanFilter(field_name=path)
    if isinstance(field, models.DateField):
        return DateFilter(field_name=path)
    return CharFilter(field_name=path)
