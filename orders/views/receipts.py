"""Receiving at a station: one shipment line by line, or all that stand in the bay as sent."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.camera import with_camera
from core.errors import DomainError
from core.htmx import redirect_to
from orders.access import receivable_shipments, shipment_for, visible_shipments
from orders.actions import bays, receipts
from orders.forms.commands import CommandForm
from orders.forms.receipts import ReceiptForm
from orders.forms.together import MOST_DELIVERIES, chosen
from orders.models import Shipment
from orders.queries.receipts import in_bays, lines_to_receive
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
    form = ReceiptForm(data, request.FILES or None, lines=lines, initial={"version": shipment.version})
    if data is None or not form.is_valid():
        return show(request, shipment, form)
    try:
        received = receipts.receive_shipment(
            shipment=shipment, lines=form.received(), by=request.user, at=timezone.now(), **form.versioned
        )
    except DomainError as refusal:
        return show(request, shipment_for(request.user, pk), form, refusal)
    messages.success(request, _said_of_one(received, len(form.received())))
    return redirect_to(request, "station", received.destination.code)


def show(
    request: SignedInRequest, shipment: Shipment, form: ReceiptForm, refusal: DomainError | None = None
) -> HttpResponse:
    """The form, with all that was typed; for who comes to a shipment that cannot be received now, its page instead."""
    can_receive = shipment.state in Shipment.IN_TRANSIT
    if not can_receive and not form.is_bound:
        facts = {"shipment": shipment, "state": shipment.get_state_display().lower()}
        messages.error(request, _("%(shipment)s is %(state)s: nothing to receive.") % facts)
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


@for_roles(User.Role.OFFICER, User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def receive_shipments(request: SignedInRequest) -> HttpResponse:
    """What stands in the bays, by station; POST receives those of ``chosen=12:3&chosen=…`` as sent, or none of them."""
    if request.method == "GET":
        return show_bays(request, CommandForm())
    form, versions = CommandForm(request.POST), chosen(request.POST, most=MOST_DELIVERIES)
    if visible_shipments(request.user).filter(pk__in=versions).count() < len(versions):
        raise Http404
    if not form.is_valid():
        return show_bays(request, form)
    try:
        received = bays.receive_shipments(versions=versions, by=request.user, at=timezone.now(), **form.command)
    except DomainError as refusal:
        form.refusal = refusal
        return show_bays(request, form)
    messages.success(request, _said(received))
    [station, *others] = {one.destination for one in received}
    return redirect_to(request, "receive_shipments") if others else redirect_to(request, "station", station.code)


def show_bays(request: SignedInRequest, form: CommandForm) -> HttpResponse:
    """What waits to be received where the person may act."""
    found = in_bays(receivable_shipments(request.user))
    context = {
        "stations": found,
        "deliveries": [one for bay in found for one in bay.deliveries],
        "form": form,
        "refusal": form.refusal,
    }
    return render(request, "orders/receive_shipments.html", context, status=form.http_status)


def _said(received: Sequence[Shipment]) -> str:
    if len(received) == 1:
        return _said_of_one(received[0])
    words = ngettext(
        "%(count)d delivery is received: everything as sent.",
        "%(count)d deliveries are received: everything as sent.",
        len(received),
    )
    return words % {"count": len(received)}


def _said_of_one(received: Shipment, differing: int = 0) -> str:
    if not differing:
        return _("%(shipment)s is received: everything as sent.") % {"shipment": received}
    words = ngettext(
        "%(shipment)s is received. Logistics follows up on %(count)d differing line.",
        "%(shipment)s is received. Logistics follows up on %(count)d differing lines.",
        differing,
    )
    return words % {"shipment": received, "count": differing}
