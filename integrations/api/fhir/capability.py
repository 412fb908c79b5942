"""What this server speaks of FHIR, for whoever connects to it."""

from typing import Any

from rest_framework.decorators import api_view, permission_classes, renderer_classes, schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.fhir.base import FhirRenderer
from integrations.api.fhir.words import MEDIA_TYPE, VERSION

SEARCH = (("_id", "token"), ("identifier", "token"), ("status", "token"))
# The day on which this statement last changed.
STATED_ON = "2026-11-30"


@api_view(["GET"])
@permission_classes([AllowAny])
@renderer_classes([FhirRenderer, JSONRenderer])
@schema(None)
def metadata(request: Request) -> Response:
    """The CapabilityStatement. It tells no more than the documentation does, so anybody may read it."""
    says = "A bearer token, issued by the chief under Integrations."
    rest = {
        "mode": "server",
        "security": {"service": [{"text": "Bearer token"}], "description": says},
        "resource": [
            _resource("SupplyRequest", "read", "search-type", "create") | {"conditionalCreate": True},
            _resource("SupplyDelivery", "read", "search-type"),
        ],
    }
    return Response(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": STATED_ON,
            "kind": "instance",
            "software": {"name": "EMS Supply"},
            "implementation": {"description": "EMS Supply", "url": request.build_absolute_uri("/fhir/r4")},
            "fhirVersion": VERSION,
            "format": ["json", MEDIA_TYPE],
            "rest": [rest],
        }
    )


def _resource(kind: str, *interactions: str) -> dict[str, Any]:
    return {
        "type": kind,
        "interaction": [{"code": code} for code in interactions],
        "versioning": "no-version",
        "searchParam": [{"name": name, "type": sort} for name, sort in SEARCH],
    }
