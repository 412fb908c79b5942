"""Shipments: the list, and one of them with all that is in it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.errors import DomainError
from core.exports import exported
from core.htmx import redirect_to
from core.pagination import page_of
from orders import columns
from orders.access import shipment_for, visible_shipments
from orders.actions import picking
from orders.forms.commands import ReasonForm
from orders.models import Shipment
from orders.queries import shipments as queries
from orders.queries.discrepancies import with_photos
from orders.views.presses import verb_of
from stations.access import SignedInRequest, can_write, for_roles
from stations.models import Event, User

LOGISTICS = User.Role.LOGISTICS


@require_GET
def shipments(request: SignedInRequest) -> HttpResponse:
    """All shipments that the person may see, by state."""
    visible = visible_shipments(request.user)
    state = request.GET.get("state", "")
    rows = queries.shipment_rows(visible.filter(state=state) if state in Shipment.State.values else visible)
    if file := exported(request, "Shipments", columns.SHIPMENTS, rows):
        return file
    counts = queries.counts_by_state(visible)
    context = {
        "page": page_of(request, rows),
        "states": [
            (value, label, counts.get(value, 0)) for value, label in Shipment.State.choices if counts.get(value)
        ],
        "total": sum(counts.values()),
        "state": state,
    }
    return render(request, "orders/shipments.html", context)


@require_GET
def shipment(request: SignedInRequest, pk: int) -> HttpResponse:
    """One shipment: where it is, what is in it, who did what."""
    found = shipment_for(request.user, pk)
    return render(request, "orders/shipment.html", shipment_context(request, found))


def shipment_context(request: SignedInRequest, found: Shipment) -> dict[str, Any]:
    lines = queries.lines_of(found)
    with_photos(lines)
    return {
        "shipment": found,
        "lines": lines,
        "orders": sorted({line.order_line.order for line in lines}, key=lambda order: order.pk),
        "events": Event.objects.about(found),
        "can_pick": request.user.role == LOGISTICS,
        "can_receive": found.state in Shipment.IN_TRANSIT and can_write(request.user, found.destination),
        "reopen": ReasonForm(initial={"version": found.version}, auto_id="reopen-%s"),
    }


@for_roles(LOGISTICS)
@verb_of("shipment")
def reopen_shipment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a packed shipment again, with the reason."""
    found = shipment_for(request.user, pk)
    form = ReasonForm(request.POST, auto_id="reopen-%s")
    refusal = None
    if form.is_valid():
        try:
            picking.reopen_shipment(
                shipment=found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now(), **form.versioned
            )
        except DomainError as refused:
            refusal = refused
        else:
            return redirect_to(request, "pick_shipment", pk)
    found.refresh_from_db()
    form.renew(version=found.version)
    context = shipment_context(request, found) | {"reopen": form, "refusal": refusal}
    return render(request, "orders/shipment.html", context, status=422)
