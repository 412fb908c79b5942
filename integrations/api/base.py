"""What every resource is built on."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model, QuerySet
from django_filters.filters import CharFilter
from django_filters.filterset import FilterSet
from rest_framework import mixins
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from integrations.api.paging import AFTER, LIMIT
from integrations.api.serializers import FIELDS, Asked
from integrations.api.versions import read, tagged
from stations.models import User

A = TypeVar("A", bound=Asked)
CODE = r"[^/\x00]+"  # a code of a station, a unit or an item in an address


class Resource(GenericViewSet[Any]):
    """One noun of the API. ``area`` is the scope that opens it, ``write_area`` that of its steps where they are about
    something else; ``queryset`` only says of which model it is."""

    area: ClassVar[str]
    write_area: ClassVar[str] = ""
    parameters: ClassVar[tuple[str, ...]] = (FIELDS,)
    refusals: ClassVar[Mapping[int, str]] = {}  # of reading, beside those of every noun: what the schema says of them
    filterset_class: ClassVar[type[FilterSet] | None] = None
    inner_lists: ClassVar[tuple[str, ...]] = ()  # steps that list what hangs under one of it
    lookup_value_regex: ClassVar[str] = r"[0-9]{1,18}"

    @property
    def person(self) -> User:
        """For whom the call acts."""
        return cast("User", self.request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A parameter that there is not is refused: a misspelt filter would show everything in silence."""
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            return
        lists = self.action in ("list", *self.inner_lists)
        filters = getattr(self.filterset_class, "base_filters", {}) if lists else {}
        known = {*self.parameters, *filters, *((AFTER, LIMIT) if lists else ())}
        if unknown := [name for name in request.query_params if name not in known]:
            said = f"There is no such parameter. Choose from: {', '.join(sorted(known))}."
            raise ValidationError(dict.fromkeys(unknown, said))
        empty = [name for name in filters if request.query_params.get(name) == "" and not _is_text(filters[name])]
        if empty:
            raise ValidationError(dict.fromkeys(empty, "Write a value, or leave this parameter out."))
        if FIELDS in request.query_params:
            made: Any = self.get_serializer()
            made.get_fields()  # names that there are not are refused, also where no row would be shown

    def body(self, asked: type[A]) -> A:
        """The body, checked; refused by field if it is wrong."""
        made = asked(data=self.request.data)
        made.is_valid(raise_exception=True)
        return made

    def done(self, subject: Model, *, status: int = 200) -> Response:
        """What a thing is now, with its version."""
        found = self.get_queryset().get(pk=subject.pk)
        response = Response(self.get_serializer(found).data, status=status)
        return tagged(response, found) if hasattr(found, "version") else response

    def seen_by(self, person: User) -> QuerySet[Any]:
        """What this person may see."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        """The schema asks without a person, and only which model it is."""
        return super().get_queryset() if getattr(self, "swagger_fake_view", False) else self.seen_by(self.person)


def _is_text(one: Any) -> bool:
    return isinstance(one, CharFilter)


class Lists(mixins.ListModelMixin, Resource):
    """A noun that can be listed."""


class Reads(mixins.RetrieveModelMixin, Lists):
    """A noun that can be listed and read one by one."""


class ReadsWhole(Reads):
    """A noun with a version for If-Match, of which some changes without it: it is always given whole."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_object()
        return tagged(Response(self.get_serializer(found).data), found)


class ReadsVersions(Reads):
    """The same of what people edit: its answer carries an ETag, and 304 says that the caller has it already."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_object()
        return read(request, found, lambda: self.get_serializer(found).data)
