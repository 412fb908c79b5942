"""The photos of what was damaged or missing, for who may see the shipment."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from core.pictures import as_answer
from orders.access import photo_for
from stations.access import SignedInRequest


@require_GET
def discrepancy_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """One photo."""
    return as_answer(bytes(photo_for(request.user, pk).content))
