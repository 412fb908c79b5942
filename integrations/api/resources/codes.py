"""What a scanned code names."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import Resource
from inventory.access import visible_lots
from inventory.codes import Scanned
from inventory.codes.reading import LONGEST
from inventory.models import ItemCode
from inventory.queries.codes import Matches, matches_of, read_scan
from inventory.queries.scanning import page_of
from stations.models import User


class FoundShown(serializers.Serializer[Any]):
    """One thing that the code may be."""

    item = serializers.CharField(source="item.sku", help_text="SKU.")
    pack = serializers.CharField(source="pack.name", allow_null=True, default=None, help_text="Null: one base unit.")
    quantity = serializers.IntegerField(help_text="Base units in what was scanned.")
    lot = serializers.IntegerField(source="lot.pk", allow_null=True, default=None, help_text="Its id, if it is known.")


class ReadingShown(serializers.Serializer[Any]):
    """What the code says, and what it names: one row in ``found``; none if it is unknown; several if it does not tell
    which. A paper of ours names a ``page`` and nothing else."""

    code = serializers.CharField(source="scanned.text")
    gtin = serializers.CharField(source="scanned.gtin", help_text="14 digits; empty if there is none.")
    ndcs = serializers.ListField(child=serializers.CharField(), source="scanned.ndcs")
    hibc = serializers.CharField(source="scanned.hibc")
    sscc = serializers.CharField(source="scanned.sscc")
    lot_number = serializers.CharField(source="scanned.lot")
    serial_number = serializers.CharField(source="scanned.serial")
    expires_on = serializers.DateField(source="scanned.expires_on", allow_null=True)
    count = serializers.IntegerField(source="scanned.count", allow_null=True)
    found: Any = FoundShown(many=True)
    alike = serializers.ListField(
        child=serializers.CharField(),
        help_text="SKUs of items of which this is a box of unknown size: link it to one of their packs.",
    )
    page = serializers.CharField(help_text="Address of the page that a paper of ours opens; empty for all else.")


class Codes(Resource):
    """Codes on boxes and shelves: GS1, UPC and EAN, NDC, HIBC, shelf labels, papers, SKUs.

    422 ``unreadable_code`` says what is wrong with one that is mistyped.
    """

    area = "items"
    parameters = ("code",)
    refusals: ClassVar = {422: "The code is mistyped, or none; `detail` says what is wrong with it."}
    queryset = ItemCode.objects.all()
    serializer_class = ReadingShown
    pagination_class = None

    def seen_by(self, person: User) -> QuerySet[ItemCode]:
        return ItemCode.objects.all()

    @extend_schema(
        operation_id="codes_read",
        parameters=[
            OpenApiParameter(
                "code",
                {"type": "string", "minLength": 1, "maxLength": LONGEST},
                required=True,
                description="As the scanner sends it.",
            )
        ],
        responses=forced_singular_serializer(ReadingShown),
    )
    def list(self, request: Request) -> Response:
        """Read a code and look up what it names."""
        if not (text := request.query_params.get("code", "")):
            raise serializers.ValidationError({"code": "Say which code: ?code=…"})
        if len(text) > LONGEST:  # with the blanks around it, which the reader leaves out
            raise serializers.ValidationError({"code": f"A code has at most {LONGEST} characters: scan one alone."})
        page = page_of(text)
        scanned = Scanned(text) if page else read_scan(text)
        matches = Matches() if page else matches_of(scanned, lots=visible_lots(self.person))
        alike = [item.sku for item in matches.alike]
        return Response(ReadingShown({"scanned": scanned, "found": matches.found, "alike": alike, "page": page}).data)
