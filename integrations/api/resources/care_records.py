"""Patient-care records: sent as NEMSIS XML, read back as what they used."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from integrations.actions import waiting
from integrations.actions.corrections import settle_correction
from integrations.actions.records import take_records
from integrations.api.asked import Nothing, one_by_code
from integrations.api.base import Reads
from integrations.api.fields import Flag, Id, Text
from integrations.api.filters import IsWaiting, filters
from integrations.api.once import command_of, once
from integrations.api.serializers import Asked
from integrations.api.shown.care_records import CareRecordShown, TakenShown, WaitingShown, shown_records
from integrations.api.signing import Witnessed, signed_by
from integrations.api.verbs import verb
from integrations.models import CareRecord
from integrations.queries.records import WAITING, what_waits
from integrations.records.reading import read_care_file
from integrations.records.values import CareFile
from stations.access import READS_ALL, require_role
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


class MustSign(Witnessed):
    """The witness, who signs here and now."""

    def get_fields(self) -> Any:
        found = super().get_fields()
        for field in found.values():
            field.required = True
        return found


class Settled(Asked):
    seen = Text(max_length=64, help_text="The record's `digest`, as you read it.")
    takes_added = Flag(help_text="What it says in addition is booked; else it is left out.")


class LeftOut(Asked):
    use = Id(help_text="One of the record's uses that waits, by its id.")
    reason = Text(max_length=300, help_text="Why; it stays with the record.")


class CareRecords(Reads):
    """Patient-care records: what became of each medication and procedure in them, and what a person does about those
    that wait. Steps are for logistics."""

    area = "usage"
    queryset = CareRecord.objects.all()
    serializer_class = CareRecordShown
    filterset_class = filters(
        CareRecord,
        *("agency", "number", "is_corrected"),
        unit="unit__code",
        is_waiting=IsWaiting(WAITING, "record"),
    )
    parser_classes = (CareFileParser, TextXmlParser)

    def seen_by(self, person: User) -> QuerySet[Any]:
        return shown_records(person)

    @extend_schema(request={"application/xml": OpenApiTypes.BINARY}, responses={201: TakenShown})
    @once
    def create(self, request: Request) -> Response:
        """Take a NEMSIS 3.5 EMSDataSet. All of it or nothing; a record that was taken before changes nothing."""
        if not isinstance(request.data, CareFile):
            raise DomainError("The body is empty. Send the file as it is; nothing was taken.")
        taken = take_records(file=request.data, **command_of(request))
        return Response(TakenShown(taken).data, status=201)

    @extend_schema(responses=WaitingShown)
    @action(detail=False, methods=["get"], serializer_class=WaitingShown, filterset_class=None)
    def waiting(self, request: Request) -> Response:
        """How much waits for a person, and for what."""
        require_role(self.person, *READS_ALL)
        return Response(WaitingShown(what_waits()).data)

    @verb(Nothing, CareRecordShown, has_version=False)
    def try_again(self, request: Request, pk: str) -> Response:
        """Book what waits for stock, a unit or a mapping, as far as that is there now."""
        self.body(Nothing)
        return self.done(waiting.try_again(record=self.get_object(), **command_of(request)))

    @verb(MustSign, CareRecordShown, has_version=False)
    def witness(self, request: Request, pk: str) -> Response:
        """Book the scheduled drugs that wait, before a witness, who signs."""
        asked = self.body(MustSign).validated_data
        record = self.get_object()
        require_role(self.person, User.Role.LOGISTICS)
        witness = signed_by(request, asked, at=waiting.witnessed_at(record))
        return self.done(waiting.confirm_with_witness(record=record, witness=witness, **command_of(request)))

    @verb(Settled, CareRecordShown, has_version=False)
    def settle(self, request: Request, pk: str) -> Response:
        """Say that you have looked at a corrected record. Refused if it has come once more since you read it."""
        asked = self.body(Settled).validated_data
        return self.done(settle_correction(record=self.get_object(), **asked, **command_of(request)))

    @verb(LeftOut, CareRecordShown, has_version=False)
    def leave_out(self, request: Request, pk: str) -> Response:
        """Book no more of a use that waits: it was entered by hand, or counted."""
        asked = self.body(LeftOut).validated_data
        record = self.get_object()
        use = one_by_code(record.uses.all(), asked["use"], field="pk", says="This record has no use {}.", key="use")
        waiting.leave_out(use=use, reason=asked["reason"], **command_of(request))
        return self.done(record)
