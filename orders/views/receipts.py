"""Receiving a shipment at its station."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.camera import with_camera
from core.errors import DomainError
from core.htmx import redirect_to
from orders.access import shipment_for
from orders.actions import receipts
from orders.forms.receipts import ReceiptForm
from orders.models import Shipment
from orders.queries.receipts import lines_to_receive
from stations.access import SignedInRequest, for_roles
from stations.models import User


@with_camera
@for_roles(User.Role.OFFICER, User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def receive_shipment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a delivery over: all as sent in one tap, or with what is damaged or missing."""
    shipment = shipment_for(request.user, pk, write=True)
    lines = lines_to_receive(shipment)
    data = request.POST if request.method == "POST" else None
    form = ReceiptForm(data, lines=lines, initial={"version": shipment.version})
    if data is None or not form.is_valid():
        return show(request, shipment, form)
    try:
        received = receipts.receive_shipment(
            shipment=shipment, lines=form.received(), by=request.user, at=timezone.now(), **form.versioned
        )
    except DomainError as refusal:
        return show(request, shipment_for(request.user, pk), form, refusal)
    differs = len(form.received())
    said = f"{received} is received: everything as sent." if not differs else f"{received} is received. "
    messages.success(request, said + (f"Logistics follows up on {differs} differing lines." if differs else ""))
    return redirect_to(request, "station", received.destination.code)


def show(
    request: SignedInRequest, shipment: Shipment, form: ReceiptForm, refusal: DomainError | None = None
) -> HttpResponse:
    """The form, with all that was typed; for who comes to a shipment that cannot be received now, its page instead."""
    can_receive = shipment.state in Shipment.IN_TRANSIT
    if not can_receive and not form.is_bound:
        messages.error(request, f"{shipment} is {shipment.get_state_display().lower()}: nothing to receive.")
        return redirect_to(request, shipment)
    if form.is_bound:
        form.renew(version=shipment.version)
    context = {
        "shipment": shipment,
        "form": form,
        "rows": list(form.rows()),
        "refusal": refusal,
        "can_receive": can_receive,
    }
    return render(request, "orders/receive_shipment.html", context, status=422 if form.is_bound else 200)
