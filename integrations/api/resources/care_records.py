"""Patient-care records: sent as NEMSIS XML, read back as what they used."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from integrations.actions.records import take_records
from integrations.api.base import Reads
from integrations.api.filters import filters
from integrations.api.once import command_of, once
from integrations.api.serializers import Shown
from integrations.models import CareRecord, CareUse
from integrations.records.reading import read_care_file
from integrations.records.values import CareFile
from stations.access import READS_ALL
from stations.models import User


class CareFileParser(BaseParser):
    """The body is read as it comes, never kept as a whole; what it may not be is refused before anything is written."""

    media_type = "application/xml"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """A ``CareFile``."""
        said = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "")
        return read_care_file(stream, size=int(said) if said.isascii() and said.isdigit() else 0)


class TextXmlParser(CareFileParser):
    """The older name of the same."""

    media_type = "text/xml"


class UseShown(Shown):
    """One medication or procedure."""

    system = serializers.CharField(source="code.system")
    code = serializers.CharField(source="code.code")
    item = serializers.CharField(source="item.sku", default=None, help_text="SKU; null until the code is mapped.")

    class Meta:
        model = CareUse
        fields = ("id", "kind", "system", "code", "times", "state", "why", "item", "quantity", "booked", "is_withdrawn")


class CareRecordShown(Shown):
    """A record that was taken. Of the patient it has nothing but its own number."""

    unit = serializers.CharField(source="unit.code", default=None, help_text="Call sign; null until it is known.")
    call_sign = serializers.CharField(source="call_sign.text", help_text="As the record writes it.")
    uses: Any = UseShown(many=True)

    class Meta:
        model = CareRecord
        fields = ("id", "agency", "number", "call_sign", "unit", "at", "is_corrected", "uses")


class TakenShown(serializers.Serializer[Any]):
    """What came of a file: its records by how they were known, and the uses of the new ones."""

    new = serializers.IntegerField(help_text="Records taken.")
    same = serializers.IntegerField(help_text="Records that were taken before: nothing was changed.")
    corrected = serializers.IntegerField(help_text="Records that now say other uses: a person looks at them.")
    used = serializers.IntegerField(help_text="Uses that were taken off the books in full.")
    waiting = serializers.IntegerField(help_text="Uses that wait for a person.")
    not_counted = serializers.IntegerField(help_text="Not given, not by this unit, or nothing that is kept.")


class CareRecords(Reads):
    """Patient-care records, and what became of each medication and procedure in them."""

    area = "usage"
    queryset = CareRecord.objects.all()
    serializer_class = CareRecordShown
    filterset_class = filters(CareRecord, "agency", "number", "is_corrected", unit="unit__code")
    parser_classes = (CareFileParser, TextXmlParser)

    def seen_by(self, person: User) -> QuerySet[CareRecord]:
        seen = CareRecord.objects.all() if person.role in READS_ALL else CareRecord.objects.none()
        return seen.select_related("unit", "call_sign").prefetch_related("uses__code", "uses__item")

    @extend_schema(request={"application/xml": OpenApiTypes.BINARY}, responses={201: TakenShown})
    @once
    def create(self, request: Request) -> Response:
        """Take a NEMSIS 3.5 EMSDataSet. All of it or nothing; a record that was taken before changes nothing."""
        if not isinstance(request.data, CareFile):
            raise DomainError("The body is empty. Send the file as it is; nothing was taken.")
        taken = take_records(file=request.data, **command_of(request))
        return Response(TakenShown(taken).data, status=201)
