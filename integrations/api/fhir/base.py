"""What both resources do: read one, search, answer and refuse in FHIR's words."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from integrations.api.fhir.outcomes import handle
from integrations.api.fhir.words import MEDIA_TYPE
from stations.models import User

SIZE, LARGEST, MOST_VALUES, LAST = 50, 500, 50, 2**63 - 1
COUNT, AFTER, FORMAT = "_count", "_after", "_format"
FORMATS = ("json", "application/json", MEDIA_TYPE)


class FhirRenderer(JSONRenderer):
    media_type = MEDIA_TYPE
    charset = "utf-8"


class FhirParser(JSONParser):
    media_type = MEDIA_TYPE


class FhirResource(ViewSet):
    """One kind of resource. ``area`` is the scope that opens it. The OpenAPI schema leaves it to ``metadata``."""

    schema: Any = None
    area: ClassVar[str]
    write_area: ClassVar[str] = ""
    kind: ClassVar[str]
    statuses: ClassVar[tuple[str, ...]]
    renderer_classes = [FhirRenderer, JSONRenderer]
    parser_classes = [FhirParser, JSONParser]

    @property
    def person(self) -> User:
        """For whom the call acts."""
        return cast("User", self.request.user)

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return handle

    def rows(self) -> QuerySet[Any]:
        """What this person may see, each with its ``fhir_status``."""
        raise NotImplementedError

    def shown(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def with_identifier(self, system: str | None, value: str) -> Q:
        """Those with this identifier; ``system`` None is any."""
        raise NotImplementedError

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A parameter that there is not is refused: a misspelt search would show everything in silence."""
        super().initial(request, *args, **kwargs)
        known = {FORMAT} if "pk" in kwargs else {FORMAT, COUNT, AFTER, "_id", "identifier", "status"}
        if request.method not in SAFE_METHODS:
            known = {FORMAT}
        if unknown := [name for name in request.query_params if name not in known]:
            says = f"There is no such parameter. Known are: {', '.join(sorted(known))}."
            raise ValidationError(dict.fromkeys(unknown, says))
        if request.query_params.get(FORMAT, "json") not in FORMATS:
            raise ValidationError({FORMAT: "Only JSON is spoken."})

    def retrieve(self, request: Request, pk: str) -> Response:
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise Http404
        return Response(self.shown(row))

    def list(self, request: Request) -> Response:
        """A page of what was searched, by id; ``next`` leads on after the last."""
        asked = request.query_params
        count, after = _whole(asked.get(COUNT), COUNT, SIZE, LARGEST), _whole(asked.get(AFTER), AFTER, 0, LAST)
        rows = list(self._searched(request).filter(pk__gt=after).order_by("pk")[: count + 1])
        own = request.build_absolute_uri()
        links = [{"relation": "self", "url": own}]
        if len(rows) > count and count:
            more = {**{name: asked[name] for name in asked if name != AFTER}, AFTER: rows[count - 1].pk}
            links.append({"relation": "next", "url": f"{own.partition('?')[0]}?{urlencode(more)}"})
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
        if entries := [self._entry(request, row) for row in rows[:count]]:
            bundle["entry"] = entries
        return Response(bundle)

    def address(self, request: Request, row: Any) -> str:
        return request.build_absolute_uri(reverse(f"api_fhir_{self.kind}", args=[row.pk]))

    def _entry(self, request: Request, row: Any) -> dict[str, Any]:
        return {"fullUrl": self.address(request, row), "resource": self.shown(row), "search": {"mode": "match"}}

    def _searched(self, request: Request) -> QuerySet[Any]:
        rows, asked = self.rows(), request.query_params
        if ids := _values(asked.getlist("_id")):
            wanted = [int(one) for one in ids if one.isascii() and one.isdigit() and len(one) <= 18]
            rows = rows.filter(pk__in=wanted)
        if statuses := _values(asked.getlist("status")):
            codes = [one.rpartition("|")[2] for one in statuses]
            if unknown := [code for code in codes if code not in self.statuses]:
                raise ValidationError({"status": f"{unknown[0][:40]} is none of {', '.join(self.statuses)}."})
            rows = rows.filter(fhir_status__in=codes)
        if identifiers := _values(asked.getlist("identifier")):
            wanted_of = Q(pk__in=[])
            for one in identifiers:
                system, bar, value = one.rpartition("|")
                wanted_of |= self.with_identifier(system if bar else None, value)
            rows = rows.filter(wanted_of)
        return rows


def _values(given: Iterable[str]) -> list[str]:
    """The values of a parameter; commas mean "or"."""
    found = [value for one in given for value in one.replace("\0", "").split(",") if value]
    if len(found) > MOST_VALUES:
        raise ValidationError(f"Ask for at most {MOST_VALUES} values at once.")
    return found


def _whole(text: str | None, name: str, default: int, most: int) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 19:
        return min(int(text), most)
    raise ValidationError({name: f"Write a whole number up to {most}."})
