"""The photos of what was damaged or missing, for who may see the shipment."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from orders.access import photo_for
from stations.access import SignedInRequest

DAY = 24 * 60 * 60


@require_GET
def discrepancy_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """One photo. It never changes, so the browser of who has seen it may keep it; nothing between may."""
    answer = HttpResponse(bytes(photo_for(request.user, pk).content), content_type="image/jpeg")
    answer["Cache-Control"] = f"private, max-age={DAY}, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
